// Blurring with a Gaussian (docs/science/models.md, "Gaussian"). The kernel is separable and used so, tap by tap along
// rows and columns; only strided, dilated and grouped convolutions go through the full kernel.

import {
  concat,
  conv2d,
  correlateSeparable,
  type DType,
  DTypeError,
  type FloatDType,
  type PaddingMode,
  ShapeError,
  type Tensor,
  tensor,
} from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText } from "@plenoptic-js/tensor/engine";
import { circularGaussian2d, gaussianTaps, type KernelSize, outChannelsOf, stdsOf } from "../../process/gaussian.ts";
import { type Pair, padModeOf, samePadding } from "../../process/padding.ts";
import { modelKernelSize } from "../filterOptions.ts";
import type { Model } from "../model.ts";

export interface GaussianOptions {
  /** Standard deviation in pixels: one for all output channels, or one for each. Rounded to float32. Default 3. */
  readonly std?: number | readonly number[];
  /** Default "reflect". */
  readonly padMode?: PaddingMode;
  /** Default: as many as standard deviations. */
  readonly outChannels?: number | null;
  /** For Python's callers. Kernels never change here, so they are always kept. Default false. */
  readonly cacheFilt?: boolean;
}

/** Options of the convolution. The padding does not follow them: it is that of stride and dilation 1. */
export interface GaussianForwardOptions {
  readonly stride?: number | Pair;
  readonly dilation?: number | Pair;
  readonly groups?: number;
}

const pair = (value: number | Pair): Pair => (typeof value === "number" ? [value, value] : value);

/** [batch, 1, height, width] to [batch, outChannels, height, width], blurred. */
export class Gaussian implements Model {
  readonly name = "Gaussian";
  readonly kernelSize: readonly [height: number, width: number];
  /** Standard deviation of each output channel. */
  readonly std: readonly number[];
  readonly padMode: PaddingMode;
  readonly outChannels: number;
  readonly cacheFilt: boolean;
  readonly #kernels = new Map<FloatDType, Tensor>();

  constructor(kernelSize: KernelSize, options: GaussianOptions = {}) {
    checkOptions("Gaussian()", options, ["std", "padMode", "outChannels", "cacheFilt"]);
    const channels = outChannelsOf("Gaussian", options.outChannels ?? null);
    this.kernelSize = modelKernelSize("Gaussian", kernelSize);
    this.std = Object.freeze(stdsOf("Gaussian", options.std ?? 3, channels).map(Math.fround));
    this.outChannels = this.std.length;
    this.padMode = padModeOf("Gaussian", options.padMode ?? "reflect");
    this.cacheFilt = options.cacheFilt ?? false;
  }

  get options(): Readonly<Record<string, unknown>> {
    const { kernelSize, std, padMode, outChannels } = this;
    return { kernelSize, std, padMode, outChannels };
  }

  /** The kernels, [outChannels, 1, height, width]. Default dtype: float64. */
  filt<D extends FloatDType = "float64">(dtype: D = "float64" as D): Tensor<D> {
    let kernel = this.#kernels.get(dtype);
    if (kernel === undefined) {
      kernel = circularGaussian2d(this.kernelSize, this.std, { dtype });
      this.#kernels.set(dtype, kernel);
    }
    return kernel as Tensor<D>;
  }

  forward<D extends DType>(image: Tensor<D>, options: GaussianForwardOptions = {}): Tensor<D> {
    checkOptions("Gaussian.forward()", options, ["stride", "dilation", "groups"]);
    checkTensor("Gaussian", "the image", image);
    const { dtype } = image;
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`Gaussian: the image is ${dtype}; it must be float32 or float64`);
    }
    const { stride = 1, dilation = 1, groups = 1 } = options;
    if (image.ndim !== 4 || (image.shape[1] !== 1 && groups === 1)) {
      throw new ShapeError(
        `Gaussian: the image is ${shapeText(image.shape)}; it must be [batch, 1, height, width]. To blur several ` +
          "channels make the batch of them, or give as many outChannels and forward(image, { groups }).",
      );
    }
    const padded = samePadding(image, this.kernelSize, { padMode: this.padMode });
    if (groups !== 1 || pair(stride).some((n) => n !== 1) || pair(dilation).some((n) => n !== 1)) {
      const kernel = this.filt(dtype) as unknown as Tensor<D>;
      return conv2d(padded, kernel, { stride: pair(stride), dilation: pair(dilation), groups });
    }
    const [rows, columns] = this.kernelSize;
    const taps = (size: number, std: number): Tensor<D> => tensor(gaussianTaps(size, std), { dtype });
    return concat<Tensor>(
      this.std.map((std) => correlateSeparable(padded, taps(rows, std), taps(columns, std))),
      1,
    ) as Tensor<D>;
  }

  toString(): string {
    const [height, width] = this.kernelSize;
    return `Gaussian(kernelSize: [${height}, ${width}], std: [${this.std.join(", ")}], padMode: "${this.padMode}")`;
  }
}
