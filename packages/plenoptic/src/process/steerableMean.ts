// What a steerable pyramid makes of the mean of an image (docs/science/process.md, "Steerable pyramid"). Frequency 0 has no
// direction: only the lowpass residual can hold it. Where transitions are so wide that they reach it, bands take a part of
// it, which a reconstruction loses or counts twice.

import { log64 } from "@plenoptic-js/tensor/engine";
import type { ImageSize, SteerableMasks } from "./steerableMasks.ts";

interface MeanOptions {
  readonly order: number;
  readonly twidth: number;
  readonly isComplex: boolean;
  readonly downsample: boolean;
}

/** Where frequency 0 lies, in fftshift's order. */
const middleOf = ([height, width]: ImageSize): number => Math.floor(height / 2) * width + Math.floor(width / 2);

/** What a reconstruction makes of a mean of 1, for an image with even sides. */
function meanKept(imageShape: ImageSize, masks: SteerableMasks, { order, isComplex, downsample }: MeanOptions): number {
  const { lo0mask, scales, lowpassSize } = masks;
  let low = lo0mask[middleOf(imageShape)];
  let kept = 0;
  scales.forEach(({ size, himask, anglemasks, anglemasksRecon, lomask }, i) => {
    const at = middleOf(size);
    const band = low * himask[at];
    const angles = anglemasks.reduce((sum, mask, b) => sum + mask[at] * anglemasksRecon[b][at], 0);
    // A real filter of odd order is odd in frequency, and has no frequency 0.
    if (isComplex || order % 2 === 0) kept += band * band * angles;
    low *= lomask[middleOf(downsample ? (scales[i + 1]?.size ?? lowpassSize) : imageShape)];
  });
  return kept + low * low;
}

/** Says that a pyramid does not keep the mean of its image, and what to choose; null where it keeps it. */
export function lostMean(imageShape: ImageSize, masks: SteerableMasks, options: MeanOptions): string | null {
  if (imageShape.some((n) => n % 2 === 1)) return null;
  const kept = meanKept(imageShape, masks, options);
  if (Math.abs(kept - 1) < 1e-6) return null;
  const { twidth } = options;
  const numScales = masks.scales.length;
  // Scales and transitions fit between frequency 0, which stands at the place of its neighbour in the row, and the highest.
  const octaves = Math.floor(log64(imageShape[1]) / log64(2) - 1 + 1e-9);
  const height = octaves - twidth;
  const fewer = height >= 0 ? `, or a height of at most ${height}` : "";
  return (
    `SteerablePyramidFreq: with twidth ${twidth} and ${numScales} scales the transitions reach frequency 0: a reconstruction ` +
    `has ${Number(kept.toPrecision(3))} times the mean of the image. Choose a twidth of at most ${octaves - numScales}${fewer}`
  );
}
