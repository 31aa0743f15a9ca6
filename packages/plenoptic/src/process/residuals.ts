// Dictionaries of a pyramid's parts: bands, which functions change one by one, and residuals, which they pass on.

import type { Tensor } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";

/** A key: numbers for scales, texts for residuals. */
export type DictKey = number | string;

/** Tensors by key, such as the coefficients of a pyramid. */
export type Dict<K extends DictKey> = ReadonlyMap<K, Tensor>;

function checkDict(caller: string, name: string, dict: unknown): void {
  if (dict instanceof Map) return;
  throw new TypeError(`${caller}: ${name} is ${shown(dict)}; it must be a Map of tensors by key, as of a pyramid`);
}

/** The entries that are no residuals, in order. `caller` and `name` are for the message. */
export function bandsOf<K extends DictKey>(caller: string, name: string, dict: Dict<K>): [K, Tensor][] {
  checkDict(caller, name, dict);
  return [...dict].filter(([key]) => !(typeof key === "string" && key.startsWith("residual")));
}

/** An entry that must be there. `caller` and `name` are for the message. */
export function partOf<K extends DictKey>(caller: string, name: string, dict: Dict<K>, key: K): Tensor {
  checkDict(caller, name, dict);
  const part = dict.get(key);
  if (part !== undefined) return part;
  throw new RangeError(
    `${caller}: ${name} has no entry ${shown(key)}; it has ${[...dict.keys()].map((k) => JSON.stringify(k)).join(", ")}`,
  );
}

/** Puts the residuals of one dictionary at the end of another: lowpass, then highpass. */
export function copyResiduals<K extends DictKey>(caller: string, from: Dict<K>, to: Map<K, Tensor>): void {
  for (const key of ["residual_lowpass", "residual_highpass"] as K[]) {
    to.set(key, partOf(caller, "the dictionary", from, key));
  }
}
