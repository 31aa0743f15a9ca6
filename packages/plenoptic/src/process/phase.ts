// The phase of complex coefficients (docs/science/process.md, "Amplitude and phase").

import { complex, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";

export interface ModulatePhaseOptions {
  /** Default 2. */
  readonly phaseFactor?: number;
}

/** Complex numbers with their magnitudes as they are and their phases times a factor. */
export function modulatePhase(x: Tensor, options: ModulatePhaseOptions = {}): Tensor {
  checkTensor("modulatePhase", "x", x);
  checkOptions("modulatePhase()", options, ["phaseFactor"]);
  const { phaseFactor = 2 } = options;
  if (x.dtype !== "complex64" && x.dtype !== "complex128") {
    throw new TypeError(`modulatePhase: x is ${x.dtype}; it must be complex`);
  }
  if (!Number.isFinite(phaseFactor)) {
    throw new RangeError(`modulatePhase: phaseFactor is ${shown(phaseFactor)}; it must be a finite number`);
  }
  const magnitude = x.abs() as Tensor;
  const phase = (x.imag() as Tensor).atan2(x.real()).mul(phaseFactor);
  return complex(magnitude.mul(phase.cos()), magnitude.mul(phase.sin()));
}
