// A difference of two Gaussians (docs/science/models.md, "Centre-surround"). Both are separable and used so.

import {
  concat,
  correlateSeparable,
  type DType,
  type FloatDType,
  type PaddingMode,
  ShapeError,
  type Tensor,
  tensor,
} from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { circularGaussian2d, gaussianTaps, type KernelSize, outChannelsOf, stdsOf } from "../../process/gaussian.ts";
import { padModeOf, samePadding } from "../../process/padding.ts";
import { modelKernelSize } from "../filterOptions.ts";
import type { Model } from "../model.ts";

export interface CenterSurroundOptions {
  /** true: the centre excites; false: it inhibits. One for all channels, or one for each. Default true. */
  readonly onCenter?: boolean | readonly boolean[];
  /** A plain gain on the difference, at least 1; see the quirks in docs/differences.md. Rounded to float32. Default 1.25. */
  readonly amplitudeRatio?: number;
  /** Standard deviation of the centre in pixels: one for all channels, or one for each. Rounded to float32. Default 1. */
  readonly centerStd?: number | readonly number[];
  /** Standard deviation of the surround. Default 4. */
  readonly surroundStd?: number | readonly number[];
  /** Default: as many as `onCenter` or `centerStd` have entries. */
  readonly outChannels?: number | null;
  /** Default "reflect". */
  readonly padMode?: PaddingMode;
  /** For Python's callers. Kernels never change here, so they are always kept. Default false. */
  readonly cacheFilt?: boolean;
}

/** An image of one channel, or an error that says so. */
export function checkOneChannel(caller: string, image: Tensor): void {
  checkTensor(caller, "the image", image);
  if (image.ndim !== 4 || image.shape[1] !== 1) {
    throw new ShapeError(
      `${caller}: the image is ${shapeText(image.shape)}; it must be [batch, 1, height, width]. Make the batch of several channels.`,
    );
  }
}

/** Correlation of a padded image with the Gaussian of a kernel size. */
export function blur<D extends DType>(
  padded: Tensor<D>,
  [height, width]: readonly [number, number],
  std: number,
): Tensor<D> {
  const taps = (size: number): Tensor<D> => tensor(gaussianTaps(size, std), { dtype: padded.dtype });
  return correlateSeparable(padded, taps(height), taps(width));
}

const OPTIONS = ["onCenter", "amplitudeRatio", "centerStd", "surroundStd", "outChannels", "padMode", "cacheFilt"];

/**
 * [batch, 1, height, width] to [batch, outChannels, height, width]. The kernel of channel c is
 * `±amplitudeRatio * (G(centerStd[c]) - G(surroundStd[c]))`, with Gaussians G of sum 1.
 */
export class CenterSurround implements Model {
  readonly name = "CenterSurround";
  readonly kernelSize: readonly [height: number, width: number];
  readonly onCenter: readonly boolean[];
  readonly amplitudeRatio: number;
  readonly centerStd: readonly number[];
  readonly surroundStd: readonly number[];
  readonly padMode: PaddingMode;
  readonly outChannels: number;
  readonly cacheFilt: boolean;

  constructor(kernelSize: KernelSize, options: CenterSurroundOptions = {}) {
    checkOptions("CenterSurround()", options, OPTIONS);
    const { onCenter = true, amplitudeRatio = 1.25, centerStd = 1, surroundStd = 4 } = options;
    const asked = outChannelsOf("CenterSurround", options.outChannels ?? null);
    this.kernelSize = modelKernelSize("CenterSurround", kernelSize);
    const signs: readonly boolean[] = typeof onCenter === "boolean" ? [onCenter] : onCenter;
    const centers = typeof centerStd === "number" ? 1 : centerStd.length;
    const channels = asked ?? (signs.length > 1 ? signs.length : centers);
    this.centerStd = Object.freeze(stdsOf("CenterSurround", centerStd, channels, "centerStd").map(Math.fround));
    this.surroundStd = Object.freeze(stdsOf("CenterSurround", surroundStd, channels, "surroundStd").map(Math.fround));
    if (signs.length !== 1 && signs.length !== channels) {
      throw new RangeError(
        `CenterSurround: ${signs.length} values of onCenter do not fit outChannels ${channels}; give 1 or ${channels}`,
      );
    }
    if (!(typeof amplitudeRatio === "number" && amplitudeRatio >= 1 && amplitudeRatio < Infinity)) {
      throw new RangeError(
        `CenterSurround: amplitudeRatio is ${shown(amplitudeRatio)}; it must be a number, at least 1`,
      );
    }
    this.onCenter = Object.freeze(Array.from({ length: channels }, (_, i) => signs[signs.length === 1 ? 0 : i]));
    this.amplitudeRatio = Math.fround(amplitudeRatio);
    this.outChannels = channels;
    this.padMode = padModeOf("CenterSurround", options.padMode ?? "reflect");
    this.cacheFilt = options.cacheFilt ?? false;
  }

  get options(): Readonly<Record<string, unknown>> {
    const { kernelSize, onCenter, amplitudeRatio, centerStd, surroundStd, outChannels, padMode } = this;
    return { kernelSize, onCenter, amplitudeRatio, centerStd, surroundStd, outChannels, padMode };
  }

  #gain(channel: number): number {
    return this.onCenter[channel] ? this.amplitudeRatio : -this.amplitudeRatio;
  }

  /** The kernels, [outChannels, 1, height, width]. Default dtype: float64. */
  filt<D extends FloatDType = "float64">(dtype: D = "float64" as D): Tensor<D> {
    const gaussians = (std: readonly number[]): Tensor<D> => circularGaussian2d(this.kernelSize, std, { dtype });
    const gains = tensor(
      this.onCenter.map((_, channel) => this.#gain(channel)),
      { shape: [this.outChannels, 1, 1, 1], dtype },
    );
    return gaussians(this.centerStd).sub(gaussians(this.surroundStd)).mul(gains);
  }

  forward<D extends DType>(image: Tensor<D>): Tensor<D> {
    checkOneChannel("CenterSurround", image);
    return this.correlate(samePadding(image, this.kernelSize, { padMode: this.padMode }));
  }

  /** The response to an image that is padded already. */
  correlate<D extends DType>(padded: Tensor<D>): Tensor<D> {
    checkOneChannel("CenterSurround", padded);
    return concat<Tensor>(
      this.centerStd.map((center, channel) =>
        blur(padded, this.kernelSize, center)
          .sub(blur(padded, this.kernelSize, this.surroundStd[channel]))
          .mul(this.#gain(channel)),
      ),
      1,
    ) as Tensor<D>;
  }

  toString(): string {
    const { kernelSize, onCenter, amplitudeRatio, centerStd, surroundStd } = this;
    const lists = `onCenter: [${onCenter.join(", ")}], centerStd: [${centerStd.join(", ")}], surroundStd: [${surroundStd.join(", ")}]`;
    return `CenterSurround(kernelSize: [${kernelSize.join(", ")}], ${lists}, amplitudeRatio: ${amplitudeRatio}, padMode: "${this.padMode}")`;
  }
}
