// Local gain control: dividing by the local amplitude, and multiplying with it again (docs/science/process.md, "Local
// gain control").

import { type DType, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { amplitude } from "./amplitude.ts";
import { blurDownsample, upsampleBlur } from "./blur.ts";
import { parityOf } from "./resample.ts";
import { bandsOf, copyResiduals, type Dict, type DictKey, partOf } from "./residuals.ts";

export interface LocalGainOptions {
  /** Added to the amplitude, so that nothing is divided by 0. Default 1e-8. */
  readonly epsilon?: number;
}

export interface LocalGainDictOptions {
  /** Whether the residuals are passed on, as the last entries. Default true. */
  readonly residuals?: boolean;
}

function epsilonOf(caller: string, options: LocalGainOptions): number {
  checkOptions(`${caller}()`, options, ["epsilon"]);
  const { epsilon = 1e-8 } = options;
  if (!(epsilon >= 0 && epsilon < Infinity)) {
    throw new RangeError(`${caller}: epsilon is ${shown(epsilon)}; it must be a finite number from 0 on`);
  }
  return epsilon;
}

function checkDimensions(caller: string, name: string, x: Tensor): void {
  if (x.ndim !== 4 && x.ndim !== 5) {
    throw new ShapeError(
      `${caller}: ${name} must have 4 or 5 dimensions, [batch, channel, height, width] or [batch, channel, orientation, ` +
        `height, width]; it is ${shapeText(x.shape)}`,
    );
  }
}

/** Every orientation as a channel. */
const flattened = (x: Tensor): Tensor => x.reshape([x.shape[0], -1, ...x.shape.slice(-2)]);

/** As `flattened`, undone. */
const unflattened = (x: Tensor, like: Tensor): Tensor => x.reshape([...like.shape.slice(0, -2), ...x.shape.slice(-2)]);

/** The amplitude at every pixel, from that at every second one, plus epsilon. */
function gain(norm: Tensor, like: Tensor, epsilon: number): Tensor {
  return unflattened(upsampleBlur(flattened(norm), parityOf(like)), like).add(epsilon);
}

function squaredModulus<D extends DType>(x: Tensor<D>): Tensor {
  return x.dtype.startsWith("complex") ? x.real().square().add(x.imag().square()) : x.square();
}

/**
 * The local amplitude, the root of the blurred squares, and what is left of x when it is divided by it. Where x is 0 all
 * around, the amplitude's derivative is taken to be 0.
 *
 * @param x [batch, channel, height, width] or [batch, channel, orientation, height, width], real or complex; height
 *   and width at least 3
 * @returns the amplitude `norm`, half as high and wide (rounded up), and `direction`, of x's shape
 */
export function localGainControl(x: Tensor, options: LocalGainOptions = {}): [norm: Tensor, direction: Tensor] {
  checkTensor("localGainControl", "x", x);
  const epsilon = epsilonOf("localGainControl", options);
  checkDimensions("localGainControl", "x", x);
  const norm = unflattened(amplitude(blurDownsample(flattened(squaredModulus(x)))), x);
  return [norm, x.div(gain(norm, x, epsilon))];
}

/**
 * The inverse of `localGainControl`, with the same epsilon.
 *
 * @param norm the local amplitude, half as high and wide (rounded up) as `direction`
 * @param direction [batch, channel, height, width] or [batch, channel, orientation, height, width], real or complex
 */
export function localGainRelease(norm: Tensor, direction: Tensor, options: LocalGainOptions = {}): Tensor {
  checkTensor("localGainRelease", "norm", norm);
  checkTensor("localGainRelease", "direction", direction);
  const epsilon = epsilonOf("localGainRelease", options);
  checkDimensions("localGainRelease", "direction", direction);
  const sizes = direction.shape.map((n, i) => (i < direction.ndim - 2 ? n : Math.ceil(n / 2)));
  if (norm.ndim !== direction.ndim || sizes.some((n, i) => norm.shape[i] !== n)) {
    throw new ShapeError(
      `localGainRelease: norm is ${shapeText(norm.shape)}, and for a direction of ${shapeText(direction.shape)} it ` +
        `must be ${shapeText(sizes)}`,
    );
  }
  return direction.mul(gain(norm, direction, epsilon));
}

/**
 * `localGainControl` of every part of a pyramid but the residuals.
 *
 * @param coeffDict tensors by key; residuals are the keys that start with "residual"
 * @returns `energy`, the amplitudes, and last the residuals unchanged; `state`, the directions
 */
export function localGainControlDict<K extends DictKey>(
  coeffDict: Dict<K>,
  options: LocalGainDictOptions = {},
): [energy: Map<K, Tensor>, state: Map<K, Tensor>] {
  checkOptions("localGainControlDict()", options, ["residuals"]);
  const energy = new Map<K, Tensor>();
  const state = new Map<K, Tensor>();
  for (const [key, value] of bandsOf("localGainControlDict", "coeffDict", coeffDict)) {
    const [norm, direction] = localGainControl(value);
    energy.set(key, norm);
    state.set(key, direction);
  }
  if (options.residuals ?? true) copyResiduals("localGainControlDict", coeffDict, energy);
  return [energy, state];
}

/** The inverse of `localGainControlDict`, residuals last. */
export function localGainReleaseDict<K extends DictKey>(
  energy: Dict<K>,
  state: Dict<K>,
  options: LocalGainDictOptions = {},
): Map<K, Tensor> {
  checkOptions("localGainReleaseDict()", options, ["residuals"]);
  const coefficients = new Map<K, Tensor>();
  for (const [key, norm] of bandsOf("localGainReleaseDict", "energy", energy)) {
    coefficients.set(key, localGainRelease(norm, partOf("localGainReleaseDict", "state", state, key)));
  }
  if (options.residuals ?? true) copyResiduals("localGainReleaseDict", energy, coefficients);
  return coefficients;
}
