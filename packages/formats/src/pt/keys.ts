// Keys of Python's dicts and items of its sets. Python compares them by value: 1, 1.0 and True are one key, and two
// tuples of equal items are. A Map compares objects by identity, so equal keys are found here, by their text.

import { PtStorage } from "../tensors/storage.ts";
import { PtTensor } from "../tensors/tensor.ts";
import {
  PtComplex,
  PtDevice,
  type PtDict,
  PtDtype,
  PtFloat,
  PtGlobal,
  PtObject,
  PtSize,
  PtTuple,
  type PtValue,
} from "./values.ts";

/** A key that Python could not have: a list, or a tuple that is absurdly large or deep. */
export class KeyError extends Error {}

/** The most values, characters and bytes inside one tuple that is a key: what is compared costs time. */
const maxParts = 1000;
const maxDepth = 50;

/** An int or float as a key: a number where that says which it is. */
export function asKey(value: PtValue): PtValue {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value === "number" && (Number.isInteger(value) || Number.isNaN(value))) return new PtFloat(value);
  return value;
}

/** The keys of the dicts of one file that are not strings, by their text. */
export class KeyTable {
  readonly #keys = new Map<PtDict, Map<string, PtValue>>();
  readonly #identities = new Map<PtValue, number>();

  /** Sets an item as Python does: an equal key keeps its place and gets the new value. */
  set(dict: PtDict, key: PtValue, value: PtValue): void {
    if (typeof key === "string") {
      dict.set(key, value);
      return;
    }
    let keys = this.#keys.get(dict);
    if (keys === undefined) {
      keys = new Map();
      this.#keys.set(dict, keys);
    }
    const text = this.textOf(key);
    let known = keys.get(text);
    if (known === undefined) {
      known = asKey(key);
      keys.set(text, known);
    }
    dict.set(known, value);
  }

  /**
   * A text that is equal for equal keys only.
   *
   * @throws KeyError for values that Python cannot hash
   */
  textOf(key: PtValue): string {
    let parts = 0;
    const write = (value: PtValue, depth: number): string => {
      const isLong = depth > 0 && (typeof value === "string" || value instanceof Uint8Array);
      parts += isLong ? value.length + 1 : 1;
      if (parts > maxParts || depth > maxDepth) throw new KeyError("a key of a dict is too large");
      if (typeof value === "string") return `s${value.length}:${value}`;
      if (value === null) return "None";
      if (typeof value === "bigint") return `n${value}`;
      if (typeof value === "boolean") return value ? "n1" : "n0";
      if (typeof value === "number") return this.#numberText(value);
      if (value instanceof PtComplex) {
        return value.im === 0 ? this.#numberText(value.re) : `c${value.re},${value.im}`;
      }
      if (value instanceof Uint8Array) return `b${value.join(",")};`;
      if (value instanceof PtTuple) return `(${value.items.map((item) => write(item, depth + 1)).join("")})`;
      if (value instanceof PtSize) return `(${value.sizes.map((size) => `n${size}`).join("")})`;
      if (value instanceof PtDtype) return `torch.${value.name}`;
      if (value instanceof PtDevice) return `device ${value}`;
      if (value instanceof PtGlobal) return `global ${value.name}`;
      if (value instanceof PtTensor || value instanceof PtStorage || value instanceof PtObject) {
        return `@${this.#identity(value)}`;
      }
      throw new KeyError("a list, dict or set is used as a key of a dict, which Python does not allow");
    };
    return write(key, 0);
  }

  #numberText(value: number): string {
    // NaN equals nothing, not even itself.
    if (Number.isNaN(value)) return `NaN${this.#identity({} as PtFloat)}`;
    return Number.isInteger(value) ? `n${BigInt(value)}` : `f${value}`;
  }

  #identity(value: PtValue): number {
    let id = this.#identities.get(value);
    if (id === undefined) {
      id = this.#identities.size;
      this.#identities.set(value, id);
    }
    return id;
  }
}
