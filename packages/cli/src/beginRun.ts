// What every command with long work begins with: the threads, the seed, and the target as a tensor.

import { type FloatDType, setSeed, setThreads, type Tensor } from "@plenoptic-js/tensor";
import { fromValue } from "@plenoptic-js/tensor/engine";
import type { Target } from "./target.ts";

export interface RunSettings {
  readonly seed: number;
  readonly dtype: FloatDType;
  readonly threads: number;
}

/** Seeds the global generators: what is made afterwards draws from them. */
export function beginRun(
  { values, height, width }: Target,
  { seed, dtype, threads }: RunSettings,
): { readonly size: readonly [height: number, width: number]; readonly image: Tensor<FloatDType> } {
  setThreads(threads);
  setSeed(seed);
  // Nobody changes the values, which are of that precision: they are not copied.
  const image = fromValue<FloatDType>({ dtype, shape: [1, 1, height, width], re: values });
  return { size: [height, width], image };
}
