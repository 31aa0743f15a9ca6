// What every command with long work begins with: the threads, the seed, and the target as a tensor.

import { type FloatDType, setSeed, setThreads, type Tensor } from "@plenoptic-js/tensor";
import { fromValue } from "@plenoptic-js/tensor/engine";
import type { StimulusChoice } from "./imageFiles.ts";
import type { Target } from "./target.ts";

export interface RunSettings {
  readonly seed: number;
  readonly dtype: FloatDType;
  readonly threads: number;
  /** Whether the size of the model is told that the file will hold. */
  readonly tellsModel: boolean;
  /** How images are written. */
  readonly stimuli: StimulusChoice;
}

/** Seeds the global generators: what is made afterwards draws from them. */
export function beginRun(
  target: Target,
  { seed, dtype, threads }: Omit<RunSettings, "tellsModel" | "stimuli">,
): { readonly size: readonly [height: number, width: number]; readonly image: Tensor<FloatDType> } {
  setThreads(threads);
  setSeed(seed);
  const { height, width } = target;
  return { size: [height, width], image: asImage(target, dtype) };
}

/** The target as a tensor, [1, 1, height, width]. */
export function asImage({ values, height, width }: Target, dtype: FloatDType): Tensor<FloatDType> {
  // Nobody changes the values, which are of that precision: they are not copied.
  return fromValue<FloatDType>({ dtype, shape: [1, 1, height, width], re: values });
}
