// One-dimensional lowpass filters by name (docs/science/process.md, "Named filters"): binomial filters, the quadrature
// mirror filters of J. D. Johnston and of E. P. Simoncelli and E. H. Adelson, and Daubechies' wavelets.
//
// Here their taps have the sum 1 (about 1 for the tabulated ones). Those of the literature, and of Python, are the square
// root of 2 times as large. This way binomial taps are exact in either precision, and so are the factors 2 between the
// uses of a filter.

import { shown } from "@plenoptic-js/tensor/engine";

const mirrored = (half: readonly number[]): number[] => [...half, ...[...half].reverse()];
const aroundMiddle = (half: readonly number[]): number[] => [...half, ...half.slice(0, -1).reverse()];

/** Tables with the sum sqrt(2). */
const ORTHONORMAL: Readonly<Record<string, readonly number[]>> = {
  qmf5: aroundMiddle([-0.076103, 0.3535534, 0.8593118]),
  qmf9: aroundMiddle([0.02807382, -0.060944743, -0.073386624, 0.41472545, 0.7973934]),
  qmf13: aroundMiddle([-0.014556438, 0.021651438, 0.039045125, -0.09800052, -0.057827797, 0.42995453, 0.7737113]),
  daub2: [0.482962913145, 0.836516303738, 0.224143868042, -0.129409522551],
  daub3: [0.33267055295, 0.806891509311, 0.459877502118, -0.13501102001, -0.085441273882, 0.035226291882],
  daub4: [
    0.230377813309, 0.714846570553, 0.63088076793, -0.027983769417, -0.187034811719, 0.030841381836, 0.032883011667,
    -0.010597401785,
  ],
};

/** Tables with the sum 1. */
const UNIT: Readonly<Record<string, readonly number[]>> = {
  haar: [0.5, 0.5],
  qmf8: mirrored([0.00938715, -0.07065183, 0.06942827, 0.4899808]),
  qmf12: mirrored([-0.003809699, 0.01885659, -0.002710326, -0.08469594, 0.08846992, 0.4843894]),
  qmf16: mirrored([
    0.001050167, -0.005054526, -0.002589756, 0.0276414, -0.009666376, -0.09039223, 0.09779817, 0.4810284,
  ]),
};

/** Binomial coefficients divided by their sum. */
function binomial(count: number): Float64Array {
  const taps = new Float64Array(count);
  taps[0] = 1;
  for (let n = 1; n < count; n++) {
    for (let k = n; k >= 0; k--) taps[k] = (taps[k] + (k > 0 ? taps[k - 1] : 0)) / 2;
  }
  return taps;
}

/**
 * The taps of a filter, with the sum 1.
 *
 * @param caller names the function in errors
 * @param name "binomN" for N from 2 on, "gauss3", "gauss5", "haar", "qmf5", "qmf8", "qmf9", "qmf12", "qmf13", "qmf16",
 *   "daub2", "daub3" or "daub4"
 */
export function namedFilter(caller: string, name: string): Float64Array {
  const count = /^binom([1-9]\d{0,3})$/.exec(name)?.[1] ?? /^gauss([35])$/.exec(name)?.[1];
  if (count !== undefined && Number(count) >= 2) return binomial(Number(count));
  if (Object.hasOwn(UNIT, name)) return Float64Array.from(UNIT[name]);
  if (Object.hasOwn(ORTHONORMAL, name)) return Float64Array.from(ORTHONORMAL[name], (tap) => tap / Math.sqrt(2));
  const names = ["binomN (N from 2 to 9999)", "gauss3", "gauss5", ...Object.keys(UNIT), ...Object.keys(ORTHONORMAL)];
  throw new RangeError(`${caller}: unknown filter name: ${shown(name)}; filtname must be one of ${names.join(", ")}`);
}
