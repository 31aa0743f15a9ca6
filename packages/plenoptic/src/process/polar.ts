// Complex numbers as amplitudes and phases (docs/science/process.md, "Amplitude and phase").

import { complex, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor } from "@plenoptic-js/tensor/engine";
import { bandsOf, copyResiduals, type Dict, type DictKey, partOf } from "./residuals.ts";
import { someValue } from "./someValue.ts";

/**
 * Amplitude and phase, the latter from -pi to pi. Both derivatives are 0 at 0.
 *
 * @param x any shape, complex64 or complex128
 */
export function rectangularToPolar(x: Tensor): [amplitude: Tensor, phase: Tensor] {
  checkTensor("rectangularToPolar", "x", x);
  if (x.dtype !== "complex64" && x.dtype !== "complex128") {
    throw new TypeError(`rectangularToPolar: x is ${x.dtype}; it must be complex`);
  }
  return [x.abs(), x.imag().atan2(x.real())];
}

/**
 * Complex numbers from amplitudes and phases. Negative amplitudes are refused, which needs the amplitudes' values; while a model
 * is traced there are none, and nothing is checked.
 *
 * @param amplitude float32 or float64
 * @param phase of the same dtype, in radians
 */
export function polarToRectangular(amplitude: Tensor, phase: Tensor): Tensor {
  checkTensor("polarToRectangular", "amplitude", amplitude);
  checkTensor("polarToRectangular", "phase", phase);
  if ((amplitude.dtype !== "float32" && amplitude.dtype !== "float64") || phase.dtype !== amplitude.dtype) {
    throw new TypeError(
      `polarToRectangular: amplitude is ${amplitude.dtype} and phase ${phase.dtype}; both must be float32, or both float64`,
    );
  }
  if (someValue(amplitude, (value) => value < 0)) {
    throw new RangeError(
      "polarToRectangular: amplitudes must be non-negative; turn a negative one into its absolute value, and add pi to its phase",
    );
  }
  return complex(amplitude.mul(phase.cos()), amplitude.mul(phase.sin()));
}

export interface RectangularToPolarDictOptions {
  /** Whether the residuals go to the energy, unchanged, after all else. Default false. */
  readonly residuals?: boolean;
}

/**
 * Amplitudes and phases of a complex pyramid, by key. The keys that start with "residual" have none.
 *
 * @param coeffDict complex tensors by key, and residuals
 */
export function rectangularToPolarDict<K extends DictKey>(
  coeffDict: Dict<K>,
  options: RectangularToPolarDictOptions = {},
): [energy: Map<K, Tensor>, state: Map<K, Tensor>] {
  checkOptions("rectangularToPolarDict()", options, ["residuals"]);
  const energy = new Map<K, Tensor>();
  const state = new Map<K, Tensor>();
  for (const [key, value] of bandsOf("rectangularToPolarDict", "coeffDict", coeffDict)) {
    const [amplitude, phase] = rectangularToPolar(value);
    energy.set(key, amplitude);
    state.set(key, phase);
  }
  if (options.residuals ?? false) copyResiduals("rectangularToPolarDict", coeffDict, energy);
  return [energy, state];
}

/** The inverse of `rectangularToPolarDict`. Residuals are copied if the energy holds them. */
export function polarToRectangularDict<K extends DictKey>(energy: Dict<K>, state: Dict<K>): Map<K, Tensor> {
  const coefficients = new Map<K, Tensor>();
  for (const [key, amplitude] of bandsOf("polarToRectangularDict", "energy", energy)) {
    coefficients.set(key, polarToRectangular(amplitude, partOf("polarToRectangularDict", "state", state, key)));
  }
  if ((energy as Dict<DictKey>).has("residual_lowpass")) copyResiduals("polarToRectangularDict", energy, coefficients);
  return coefficients;
}
