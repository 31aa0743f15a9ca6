// Checks of values, which a tensor may not have yet.

import { isTracing, type Tensor, TraceError } from "@plenoptic-js/tensor";

/** Whether some value passes. Of a tensor without numbers yet, while a model is built, nothing is said: false. */
export function someValue(x: Tensor, passes: (value: number) => boolean): boolean {
  if (isTracing()) return false;
  try {
    return x.dataSync().some(passes);
  } catch (error) {
    if (error instanceof TraceError) return false;
    throw error;
  }
}
