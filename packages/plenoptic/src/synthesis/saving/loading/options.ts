// The options of load().

import type { FloatDType } from "@plenoptic-js/tensor";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import type { Tolerance } from "./compare.ts";

export interface LoadOptions {
  /**
   * Whether a file that does not fit is refused (default). If not, every check that fails becomes a LoadWarning: the file's
   * values are then kept, and this object's model and functions. Another dtype is refused always.
   */
  readonly raiseOnChecks?: boolean;
  /** Values agree when they differ by at most atol + rtol |own|. Default 1e-8 for float64, 1e-6 for float32. */
  readonly tensorEqualityAtol?: number;
  /** Default 1e-5 for float64, 1e-3 for float32: other correct programs round differently. */
  readonly tensorEqualityRtol?: number;
  /** Ignored: whatever device the file was made on, it is read into ordinary memory. For users of Python's plenoptic. */
  readonly mapLocation?: string | null;
}

const TOLERANCES: Readonly<Record<FloatDType, Tolerance>> = {
  float64: { atol: 1e-8, rtol: 1e-5 },
  float32: { atol: 1e-6, rtol: 1e-3 },
};

export function checkLoadOptions(
  options: LoadOptions,
  dtype: FloatDType,
): { readonly raise: boolean; readonly tolerance: Tolerance } {
  checkOptions("load()", options, ["raiseOnChecks", "tensorEqualityAtol", "tensorEqualityRtol", "mapLocation"]);
  const { raiseOnChecks = true } = options;
  const { tensorEqualityAtol: atol = TOLERANCES[dtype].atol, tensorEqualityRtol: rtol = TOLERANCES[dtype].rtol } =
    options;
  if (typeof raiseOnChecks !== "boolean") {
    throw new TypeError(`load: raiseOnChecks is ${shown(raiseOnChecks)}; it must be true or false`);
  }
  for (const [name, value] of Object.entries({ tensorEqualityAtol: atol, tensorEqualityRtol: rtol })) {
    if (!(value >= 0)) throw new RangeError(`load: ${name} is ${shown(value)}; it must be a number, 0 or more`);
  }
  return { raise: raiseOnChecks, tolerance: { atol, rtol } };
}
