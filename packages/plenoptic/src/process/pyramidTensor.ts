// A pyramid as one tensor, and back (docs/science/process.md, "One tensor"). Only for pyramids whose parts have one size
// (downsample: false).

import { complex, concat, type DType, ShapeError, stack, type Tensor, zeros } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { type BandKey, checkCoefficients, type PyramidCoefficients } from "./pyramidCoefficients.ts";

export interface ConvertPyrToTensorOptions {
  /** Real and imaginary parts of complex bands as two neighbouring channels of a real tensor. Default false. */
  readonly splitComplex?: boolean;
}

/** What it takes to get the pyramid back. */
export interface PyramidInfo {
  readonly numChannels: number;
  readonly pyrKeys: readonly BandKey[];
  /** By key: [number of orientations], [] for residuals. */
  readonly packInfo: readonly (readonly number[])[];
  /** false, or if real and imaginary parts were split: what stands side by side (residual, all bands, residual). */
  readonly splitComplexPackInfo: false | readonly (readonly number[])[];
}

const isComplex = (x: Tensor): boolean => x.dtype === "complex64" || x.dtype === "complex128";

function asComplex(x: Tensor): Tensor {
  return isComplex(x) ? x : complex(x, zeros<DType>(x.shape, { dtype: x.dtype }));
}

/** [batch, channel, K, height, width] to [batch, channel, 2 K, height, width]. */
function split(x: Tensor): Tensor {
  const [batch, channels, count, height, width] = x.shape;
  return stack([x.real() as Tensor, x.imag() as Tensor], 3).reshape([batch, channels, 2 * count, height, width]);
}

/**
 * All parts of a pyramid as channels: [batch, channels * slots, height, width]. For every channel of the image: the highpass
 * residual, the orientations of scale 0, ..., the lowpass residual, as far as they are there. If any part is complex, all
 * become so, unless they are split.
 */
export function convertPyrToTensor(
  pyrCoeffs: PyramidCoefficients,
  options: ConvertPyrToTensorOptions = {},
): [tensor: Tensor, pyrInfo: PyramidInfo] {
  checkOptions("convertPyrToTensor()", options, ["splitComplex"]);
  checkCoefficients("convertPyrToTensor", pyrCoeffs);
  const entries = [...pyrCoeffs];
  if (entries.length === 0) throw new RangeError("convertPyrToTensor: the pyramid is empty; give at least one part");
  const splits = (options.splitComplex ?? false) && entries.some(([key]) => typeof key === "number");
  const [height, width] = entries[0][1].shape.slice(-2);
  let parts = entries.map(([key, part]) => {
    const axes = typeof key === "number" ? 5 : 4;
    if (part.ndim !== axes) {
      throw new ShapeError(
        `convertPyrToTensor: ${key} is ${shapeText(part.shape)}; it must have ${axes} axes, [batch, channel, ` +
          `${axes === 5 ? "orientation, " : ""}height, width]`,
      );
    }
    const own = part.shape.slice(-2);
    if (own[0] !== height || own[1] !== width) {
      throw new ShapeError(
        `convertPyrToTensor: ${key} is ${own.join(" x ")} and ${entries[0][0]} ${height} x ${width}; only parts of one ` +
          "size make one tensor: build the pyramid with downsample: false, or choose scales of one size in forward()",
      );
    }
    if (splits && axes === 5 && !isComplex(part)) {
      throw new TypeError(
        `convertPyrToTensor: splitComplex is true, but the coefficients of scale ${key} are ${part.dtype}, which has no ` +
          "imaginary part; leave splitComplex out, or build the pyramid with isComplex: true",
      );
    }
    return axes === 5 ? part : part.unsqueeze(2);
  });
  if (splits) parts = parts.map((part) => (isComplex(part) ? split(part) : part));
  else if (parts.some(isComplex)) parts = parts.map(asComplex);
  const joined = concat(parts, 2);
  const [batch, channels, slots] = joined.shape;
  const packInfo = entries.map(([key, part]) => (typeof key === "number" ? [part.shape[2]] : []));
  const bands = packInfo.reduce((sum, [count = 0]) => sum + count, 0);
  const residual = (key: BandKey): number[][] => (pyrCoeffs.has(key) ? [[]] : []);
  return [
    joined.reshape([batch, channels * slots, height, width]),
    {
      numChannels: channels,
      pyrKeys: entries.map(([key]) => key),
      packInfo,
      splitComplexPackInfo: splits && [...residual("residual_highpass"), [2 * bands], ...residual("residual_lowpass")],
    },
  ];
}

/** The pyramid of a tensor that `convertPyrToTensor` made. Residuals are real again. */
export function convertTensorToPyr(pyrTensor: Tensor, pyrInfo: PyramidInfo): Map<BandKey, Tensor> {
  checkTensor("convertTensorToPyr", "pyrTensor", pyrTensor);
  if (!Array.isArray(pyrInfo?.packInfo) || !Array.isArray(pyrInfo.pyrKeys)) {
    throw new TypeError(
      `convertTensorToPyr: pyrInfo is ${shown(pyrInfo)}; it must be what convertPyrToTensor() gave beside the tensor`,
    );
  }
  const { numChannels, pyrKeys, packInfo, splitComplexPackInfo } = pyrInfo;
  const split = splitComplexPackInfo !== false;
  const counts = packInfo.map(([count]) => (count === undefined ? 1 : split ? 2 * count : count));
  const slots = counts.reduce((sum, count) => sum + count, 0);
  const [batch, channels, height, width] = pyrTensor.shape;
  if (pyrTensor.ndim !== 4 || channels !== numChannels * slots) {
    throw new ShapeError(
      `convertTensorToPyr: the tensor is ${shapeText(pyrTensor.shape)}; pyrInfo is for [batch, ` +
        `${numChannels * slots}, height, width]`,
    );
  }
  const all = pyrTensor.reshape([batch, numChannels, slots, height, width]);
  const pyramid = new Map<BandKey, Tensor>();
  let at = 0;
  pyrKeys.forEach((key, i) => {
    const part = all.slice(2, at, at + counts[i]);
    at += counts[i];
    if (typeof key !== "number") pyramid.set(key, part.squeeze(2).real());
    else if (!split) pyramid.set(key, part);
    else {
      const pairs = part.reshape([batch, numChannels, counts[i] / 2, 2, height, width]);
      const half = (k: number): Tensor => pairs.slice(3, k, k + 1).squeeze(3);
      pyramid.set(key, complex(half(0), half(1)));
    }
  });
  return pyramid;
}
