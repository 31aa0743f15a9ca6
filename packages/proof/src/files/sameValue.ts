// Whether two values of .pt files are the same: kinds, numbers to the bit, order of dicts, and what is shared with what.

import { PtDtype, PtFloat, PtObject, PtOrderedDict, PtSet, PtStorage, PtTensor, PtTuple } from "@plenoptic-js/formats";

/** The first difference, or undefined when there is none. */
export function differenceOf(a: unknown, b: unknown): string | undefined {
  const partners = new Map<unknown, unknown>();
  const taken = new Set<unknown>();

  const compare = (x: unknown, y: unknown, place: string): string | undefined => {
    if (typeof x !== "object" || x === null || typeof y !== "object" || y === null) {
      return Object.is(x, y) ? undefined : `${place}: ${String(x)} and ${String(y)}`;
    }
    // An empty tuple, a dtype and a float are told by their value: in Python there is one of each dtype.
    const isPlain = x instanceof PtDtype || x instanceof PtFloat || (x instanceof PtTuple && x.length === 0);
    if (!isPlain) {
      if (partners.has(x)) return partners.get(x) === y ? undefined : `${place}: no longer shared`;
      if (taken.has(y)) return `${place}: shared, but was not`;
      partners.set(x, y);
      taken.add(y);
    }
    if (Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return `${place}: ${x.constructor.name} became another`;
    return all(partsOf(x), partsOf(y), place);
  };

  const all = (xs: readonly unknown[], ys: readonly unknown[], place: string): string | undefined => {
    if (xs.length !== ys.length) return `${place}: ${xs.length} and ${ys.length} parts`;
    for (const [i, x] of xs.entries()) {
      const difference = compare(x, ys[i], `${place}/${i}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  };
  return compare(a, b, "");
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Map) return [...[...value].flat(), value instanceof PtOrderedDict ? value.attributes : 0];
  if (value instanceof PtTuple || value instanceof PtSet) return value.items;
  if (value instanceof PtStorage) return [value.dtype, value.size, value.location, String(value.bytes)];
  if (value instanceof PtObject) return [value.className, value.state];
  if (value instanceof PtTensor) {
    const { shape, strides, ...others } = value;
    return [...Object.values(others), String(shape), String(strides)];
  }
  return Object.values(value).map((part) => (Array.isArray(part) ? String(part) : part));
}
