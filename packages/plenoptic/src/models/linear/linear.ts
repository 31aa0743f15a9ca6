// Two convolutions, one for low and one for high spatial frequencies (docs/science/models.md, "Linear").

import {
  concat,
  conv2d,
  type DType,
  DTypeError,
  defaultGenerator,
  type FloatDType,
  type PaddingMode,
  ShapeError,
  type Tensor,
  tensor,
} from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, refuseWhileTracing, shapeText } from "@plenoptic-js/tensor/engine";
import { circularGaussian2d, type KernelSize } from "../../process/gaussian.ts";
import { padModeOf, samePadding } from "../../process/padding.ts";
import { modelKernelSize } from "../filterOptions.ts";
import type { Model } from "../model.ts";

export interface LinearOptions {
  /** Default [3, 3]. */
  readonly kernelSize?: KernelSize;
  /** Default "circular". */
  readonly padMode?: PaddingMode;
  /** false: random kernels, drawn from the global generator. Default true. */
  readonly defaultFilters?: boolean;
  /** Kernels of your own, [2, 1, height, width]; they go before `kernelSize` and `defaultFilters`. */
  readonly kernel?: Tensor | null;
}

/**
 * [batch, 1, height, width] to [batch, 2, height, width]. Channel 0 blurs, with a standard deviation of sqrt(3); channel 1 is
 * a blur with 1 minus that.
 */
export class Linear implements Model {
  readonly name = "Linear";
  readonly kernelSize: readonly [height: number, width: number];
  readonly padMode: PaddingMode;
  readonly defaultFilters: boolean;
  readonly #filt: Tensor<"float64">;

  constructor(options: LinearOptions = {}) {
    checkOptions("Linear()", options, ["kernelSize", "padMode", "defaultFilters", "kernel"]);
    const { kernelSize = [3, 3], padMode = "circular", defaultFilters = true, kernel = null } = options;
    if (kernel !== null && (kernel.ndim !== 4 || kernel.shape[0] !== 2 || kernel.shape[1] !== 1)) {
      throw new ShapeError(`Linear: the kernel is ${shapeText(kernel.shape)}; it must be [2, 1, height, width]`);
    }
    this.kernelSize = modelKernelSize("Linear", kernel === null ? kernelSize : [kernel.shape[2], kernel.shape[3]]);
    this.padMode = padModeOf("Linear", padMode);
    this.defaultFilters = defaultFilters;
    // Python draws the random kernels even when it then replaces them; a seeded run must see the same stream.
    const random = randomKernel(this.kernelSize);
    this.#filt = kernel?.cast("float64") ?? (defaultFilters ? defaultKernel(this.kernelSize) : random);
  }

  get options(): Readonly<Record<string, unknown>> {
    const { kernelSize, padMode, defaultFilters } = this;
    return { kernelSize, padMode, defaultFilters };
  }

  /** The kernels, [2, 1, height, width]. Default dtype: float64. */
  filt<D extends FloatDType = "float64">(dtype: D = "float64" as D): Tensor<D> {
    return this.#filt.cast(dtype);
  }

  forward<D extends DType>(image: Tensor<D>): Tensor<D> {
    checkTensor("Linear", "the image", image);
    const { dtype } = image;
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`Linear: the image is ${dtype}; it must be float32 or float64`);
    }
    if (image.ndim !== 4 || image.shape[1] !== 1) {
      throw new ShapeError(
        `Linear: the image is ${shapeText(image.shape)}; it must be [batch, 1, height, width]: one channel`,
      );
    }
    const padded = samePadding(image, this.kernelSize, { padMode: this.padMode });
    return conv2d(padded, this.filt(dtype) as unknown as Tensor<D>);
  }

  toString(): string {
    const [height, width] = this.kernelSize;
    return `Linear(kernelSize: [${height}, ${width}], padMode: "${this.padMode}")`;
  }
}

function defaultKernel(kernelSize: readonly [number, number]): Tensor<"float64"> {
  const wide = circularGaussian2d(kernelSize, Math.fround(Math.sqrt(3)), { dtype: "float64" });
  const narrow = circularGaussian2d(kernelSize, 1, { dtype: "float64" });
  return concat([wide, narrow.sub(wide)], 0);
}

/** Uniform within 1 / sqrt(taps), as torch starts a convolution. */
function randomKernel([height, width]: readonly [number, number]): Tensor<"float64"> {
  refuseWhileTracing("Linear() drew random kernels");
  const bound = 1 / Math.sqrt(height * width);
  const values = defaultGenerator().uniform(2 * height * width, -bound, bound, "float32");
  return tensor(Float64Array.from(values), { shape: [2, 1, height, width], dtype: "float64" });
}
