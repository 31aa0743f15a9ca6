// The steerable pyramid, in the frequency domain (docs/science/process.md, "Steerable pyramid"; E. P. Simoncelli and W.
// T. Freeman, "The steerable pyramid: a flexible architecture for multi-scale derivative computation", ICIP 1995;
// complex form: J. Portilla and E. P. Simoncelli, IJCV 40, 2000).
//
// A band is one inverse transform of the image's half plane times the product of all masks on the way to it. Real and
// imaginary parts of complex bands are two real images (a filter and its quadrature mate).

import {
  complex,
  DTypeError,
  type FloatDType,
  ShapeError,
  type Tensor,
  take,
  tensor,
  zeros,
} from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, deferred, irfft2h, rfft2h, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../warnings.ts";
import {
  amongFrequencies,
  fillHalfPlane,
  halfPlaneWeights,
  halfRows,
  lowFrequencies,
  timesPowerOfI,
} from "./halfPlane.ts";
import { type BandKey, checkCoefficients, type PyramidCoefficients } from "./pyramidCoefficients.ts";
import {
  type ConvertPyrToTensorOptions,
  convertPyrToTensor,
  convertTensorToPyr,
  type PyramidInfo,
} from "./pyramidTensor.ts";
import { halved, type ImageSize, type SteerableMasks, scaleSizes, steerableMasks } from "./steerableMasks.ts";
import { lostMean } from "./steerableMean.ts";
import { type SteerCoeffsOptions, steerCoeffs } from "./steering.ts";

export interface SteerablePyramidOptions {
  /** Number of scales, or "auto": as many as fit, floor(log2(min(height, width))) - 2. Default "auto". */
  readonly height?: number | "auto";
  /** One less than the number of orientations: 0 to 15. Default 3. */
  readonly order?: number;
  /**
   * Width of the transition between scales, in octaves: a positive integer. Default 1, with which every height keeps the mean
   * of an image; from 2 on fewer scales do, and a warning says how many.
   */
  readonly twidth?: number;
  /** Pairs of filters in quadrature, as complex coefficients. Default false. */
  readonly isComplex?: boolean;
  /** Halve the size of the bands from scale to scale. Default true. */
  readonly downsample?: boolean;
  /** Scale everything so that coefficients have the energy of the image. Default false. */
  readonly tightFrame?: boolean;
}

export interface PyramidForwardOptions {
  /** What to compute; null is everything. The order does not matter. Default null. */
  readonly scales?: readonly (number | string)[] | null;
}

export interface ReconPyrOptions {
  /** What to reconstruct from. Default "all". */
  readonly levels?: "all" | readonly (number | string)[];
  /** Orientations to reconstruct from. Default "all". */
  readonly bands?: "all" | readonly number[];
}

/** The largest number of scales of an image. */
export const mostScales = ([height, width]: ImageSize): number => 31 - Math.clz32(Math.min(height, width)) - 2;

/** Checks the size of the images that something is made for. `caller` names it in errors. */
export function checkImageSize(caller: string, imageShape: ImageSize): ImageSize {
  const shape: readonly number[] = imageShape;
  const got = shown(imageShape);
  if (!Array.isArray(shape) || shape.length !== 2) {
    throw new RangeError(`${caller}: imageShape is ${got}; it must be [height, width]`);
  }
  if (!shape.every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(`${caller}: imageShape is ${got}; height and width must be positive integers`);
  }
  return [shape[0], shape[1]];
}

// Functions of their own: engines optimize small ones sooner, and until then every number is garbage.

function fillMultiples(out: Float64Array, values: Float32Array | Float64Array, factor: number): void {
  for (let i = 0; i < out.length; i++) out[i] = values[i] * factor;
}

function multiplyBy(values: Float64Array, factors: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] *= factors[i];
}

/** low * (angle * ring) * factor. */
function fillProducts(
  out: Float64Array,
  low: Float64Array,
  angle: Float32Array,
  ring: Float32Array,
  factor: number,
): void {
  for (let i = 0; i < out.length; i++) out[i] = low[i] * (angle[i] * ring[i]) * factor;
}

/** Writes the weights of one part, and of its orientation number `band`, to an array: what `weights` gives, where all at once take too much memory. */
export let fillWeights: (
  out: Float64Array,
  pyramid: SteerablePyramidFreq,
  direction: "forward" | "backward",
  key: BandKey,
  band: number,
) => void;

/** Splits an image into scales and orientations, and puts it together again. */
export class SteerablePyramidFreq {
  static {
    fillWeights = (out, pyramid, direction, key, band) => pyramid.#fillWeights(out, direction, key, band);
  }

  readonly imageShape: ImageSize;
  readonly numScales: number;
  readonly order: number;
  readonly numOrientations: number;
  readonly twidth: number;
  readonly isComplex: boolean;
  readonly downsample: boolean;
  readonly tightFrame: boolean;
  /** The scaling of transforms: in a tight frame both directions share it. */
  readonly fftNorm: "ortho" | "backward";
  /** All keys, from coarse to fine. */
  readonly scales: readonly BandKey[];
  /** Size of every part, from fine to coarse. */
  readonly pyrSize: ReadonlyMap<BandKey, ImageSize>;
  #made: SteerableMasks | null = null;
  #products: readonly Float64Array[] | null = null;
  readonly #tables = new Map<string, Tensor>();

  constructor(imageShape: ImageSize, options: SteerablePyramidOptions = {}) {
    checkOptions("SteerablePyramidFreq()", options, [
      "height",
      "order",
      "twidth",
      "isComplex",
      "downsample",
      "tightFrame",
    ]);
    const {
      height = "auto",
      order = 3,
      twidth = 1,
      isComplex = false,
      downsample = true,
      tightFrame = false,
    } = options;
    const shape = checkImageSize("SteerablePyramidFreq", imageShape);
    const most = mostScales(shape);
    const numScales = height === "auto" ? most : height;
    if (most < 0) {
      throw new RangeError(
        `SteerablePyramidFreq: an image of ${shape.join(" x ")} pixels is too small; both sides must be at least 4`,
      );
    }
    if (numScales > most) {
      throw new RangeError(
        `SteerablePyramidFreq: cannot build a pyramid higher than ${most} levels for an image of ` +
          `${shape.join(" x ")} pixels; height is ${numScales}`,
      );
    }
    if (!Number.isInteger(numScales) || numScales < 0) {
      throw new RangeError(
        `SteerablePyramidFreq: height must be a non-negative integer or "auto", not ${shown(height)}`,
      );
    }
    if (!Number.isInteger(order) || order < 0 || order > 15) {
      throw new RangeError(`SteerablePyramidFreq: order must be an integer in the range [0, 15], not ${shown(order)}`);
    }
    if (isComplex && order === 0) {
      throw new RangeError(
        "SteerablePyramidFreq: a complex pyramid cannot have order 0: a filter without orientation has no quadrature " +
          "mate. Use isComplex: false, or an order from 1 to 15.",
      );
    }
    if (!Number.isInteger(twidth) || twidth <= 0) {
      throw new RangeError(`SteerablePyramidFreq: twidth must be a positive integer, not ${shown(twidth)}`);
    }
    if (shape.some((n) => n % 2 === 1)) {
      warn(
        new UserWarning(
          "odd-pyramid",
          `SteerablePyramidFreq: reconstruction will not be perfect with odd-sized images (${shape.join(" x ")})`,
        ),
      );
    }
    this.imageShape = shape;
    this.numScales = numScales;
    this.order = order;
    this.numOrientations = order + 1;
    this.twidth = twidth;
    this.isComplex = isComplex;
    this.downsample = downsample;
    this.tightFrame = tightFrame;
    this.fftNorm = tightFrame ? "ortho" : "backward";
    const levels = Array.from({ length: numScales }, (_, i) => i);
    this.scales = ["residual_lowpass", ...[...levels].reverse(), "residual_highpass"];
    const sizes = scaleSizes(shape, numScales, downsample);
    this.pyrSize = new Map<BandKey, ImageSize>([
      ["residual_highpass", shape],
      ...levels.map((i) => [i, sizes[i]] as const),
      ["residual_lowpass", sizes[numScales]],
    ]);
    // A transition of one octave keeps the mean whatever the height.
    if (twidth > 1) {
      const lost = lostMean(shape, this.#masks, { order, twidth, isComplex, downsample });
      if (lost !== null) warn(new UserWarning("pyramid-mean", lost));
    }
  }

  /** Made when they are first needed: those of large images take seconds. */
  get #masks(): SteerableMasks {
    const { numScales: height, order, twidth, isComplex, downsample } = this;
    this.#made ??= steerableMasks(this.imageShape, { height, order, twidth, isComplex, downsample });
    return this.#made;
  }

  /** For every scale, and last for the lowpass residual: the product of the lowpass masks before it. */
  get #lowpass(): readonly Float64Array[] {
    if (this.#products !== null) return this.#products;
    const { lo0mask, scales } = this.#masks;
    let low = new Float64Array(lo0mask);
    this.#products = [
      low,
      ...scales.map(({ size, lomask }) => {
        low = this.downsample ? halved(low, size) : low.slice();
        multiplyBy(low, lomask);
        return low;
      }),
    ];
    return this.#products;
  }

  /** All masks, under the names Python's state dictionary has for them. Float32, in fftshift's order. */
  get masks(): ReadonlyMap<string, Tensor<"float32">> {
    const all = new Map<string, Tensor<"float32">>();
    const [height, width] = this.imageShape;
    const add = (name: string, shape: readonly number[], ...planes: readonly Float32Array[]): void => {
      const data = new Float32Array(planes.length * planes[0].length);
      planes.forEach((plane, i) => {
        data.set(plane, i * plane.length);
      });
      all.set(name, tensor(data, { shape, dtype: "float32" }));
    };
    const { lo0mask, hi0mask, scales, lowpassSize } = this.#masks;
    add("lo0mask", [1, 1, 1, height, width], lo0mask);
    add("hi0mask", [1, height, width], hi0mask);
    scales.forEach(({ size, himask, anglemasks, anglemasksRecon, lomask }, i) => {
      const count = this.numOrientations;
      add(`_himasks_scale_${i}`, [1, ...size], himask);
      add(`_lomasks_scale_${i}`, [1, ...(scales[i + 1]?.size ?? lowpassSize)], lomask);
      add(`_anglemasks_scale_${i}`, [1, 1, count, ...size], ...anglemasks);
      add(`_anglemasks_recon_scale_${i}`, [count, ...size], ...anglemasksRecon);
    });
    return all;
  }

  /**
   * Coefficients of images [..., height, width], in the order highpass residual, scales from fine to coarse, lowpass
   * residual. Every leading axis is a batch.
   */
  forward(image: Tensor, options: PyramidForwardOptions = {}): Map<BandKey, Tensor> {
    checkOptions("SteerablePyramidFreq.forward()", options, ["scales"]);
    const { scales = null } = options;
    checkTensor("SteerablePyramidFreq", "the image", image);
    const size = image.shape.slice(-2);
    if (image.ndim < 2 || size.some((n, i) => n !== this.imageShape[i])) {
      throw new ShapeError(
        `SteerablePyramidFreq: the image is ${shapeText(image.shape)}, and the pyramid is for [..., ` +
          `${this.imageShape.join(", ")}]; resize the image or make another pyramid`,
      );
    }
    const { dtype } = image;
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`SteerablePyramidFreq: the image is ${dtype}; it must be float32 or float64`);
    }
    for (const key of scales ?? []) if (typeof key === "number") this.#checkScale(key);
    const wants = (key: BandKey): boolean => scales === null || scales.includes(key);

    let spectrum: Tensor = rfft2h(image);
    const coefficients = new Map<BandKey, Tensor>();
    for (const [key, to] of this.pyrSize) {
      if (this.downsample && key !== "residual_highpass") {
        const from = this.pyrSize.get(key === "residual_lowpass" ? this.numScales - 1 : key - 1);
        if (from) spectrum = lowFrequencies(spectrum, from, to);
      }
      if (wants(key)) coefficients.set(key, this.#part(spectrum, key, to, dtype));
    }
    return coefficients;
  }

  /**
   * The image [..., height, width] of a pyramid, or of some of its levels and orientations. For even sizes all of them give
   * the image back to about 1e-5: the masks are tables that are interpolated linearly.
   *
   * @param pyrCoeffs must hold every scale, also those that are not used
   */
  reconPyr(pyrCoeffs: PyramidCoefficients, options: ReconPyrOptions = {}): Tensor {
    checkOptions("SteerablePyramidFreq.reconPyr()", options, ["levels", "bands"]);
    checkCoefficients("SteerablePyramidFreq.reconPyr", pyrCoeffs);
    const parts = this.scales.map((key) => {
      const part = pyrCoeffs.get(key);
      if (part !== undefined) return [key, part] as const;
      throw new RangeError(
        `SteerablePyramidFreq.reconPyr: scale ${key} is not in the coefficients; they must hold all scales, so call ` +
          "forward() without the option scales",
      );
    });
    const levels = this.#levels(options.levels ?? "all");
    const bands = this.#bands(options.bands ?? "all");

    let sum: Tensor | null = null;
    let from: ImageSize = this.imageShape;
    for (const [key, part] of parts) {
      const size = this.#size(key);
      if (sum !== null && this.downsample) sum = amongFrequencies(sum, from, size);
      from = size;
      if (!levels.includes(key) || (typeof key === "number" && bands.length === 0)) continue;
      const own = this.#spectrumOf(part, key, bands);
      sum = sum === null ? own : sum.add(own);
    }
    const highpass = pyrCoeffs.get("residual_highpass") as Tensor;
    return sum === null ? zeros(highpass.shape, { dtype: highpass.dtype }) : irfft2h(sum, this.imageShape[0]);
  }

  /**
   * The weights between the image's spectrum and a part's, one array for every orientation (or one), in fftshift's order:
   * products of all masks on the way and all scale factors. With them and transforms without any factor, a band is the
   * inverse transform of (-i)^order times forward weights times the image's transform, and adds i^order times backward
   * weights times its transform to that of the image.
   */
  weights(direction: "forward" | "backward", key: BandKey): Float64Array[] {
    if (direction !== "forward" && direction !== "backward") {
      throw new RangeError(
        `SteerablePyramidFreq.weights: the direction is ${shown(direction)}; it must be "forward" or "backward"`,
      );
    }
    const [height, width] = this.#size(key);
    return Array.from({ length: typeof key === "number" ? this.numOrientations : 1 }, (_, band) => {
      const weights = new Float64Array(height * width);
      this.#fillWeights(weights, direction, key, band);
      return weights;
    });
  }

  #fillWeights(out: Float64Array, direction: "forward" | "backward", key: BandKey, band: number): void {
    const { tightFrame, isComplex, downsample, numScales } = this;
    const forward = direction === "forward";
    const pixels = this.imageShape[0] * this.imageShape[1];
    const own = out.length;
    const level = key === "residual_highpass" ? 0 : key === "residual_lowpass" ? numScales : key;
    let factor: number;
    if (tightFrame) {
      const quadrature = isComplex && typeof key === "number" ? Math.sqrt(2) : 1;
      factor = (forward ? 1 / quadrature : quadrature) / Math.sqrt(pixels * own);
    } else {
      // Full-sized bands grow by 2 from scale to scale.
      const growth = downsample ? 1 : 1 << level;
      factor = forward ? growth / own : 1 / (growth * pixels);
    }
    if (key === "residual_highpass") fillMultiples(out, this.#masks.hi0mask, factor);
    else if (key === "residual_lowpass") fillMultiples(out, this.#lowpass[level], factor);
    else {
      const { himask, anglemasks, anglemasksRecon } = this.#masks.scales[key];
      fillProducts(out, this.#lowpass[level], (forward ? anglemasks : anglemasksRecon)[band], himask, factor);
    }
  }

  /** As the function `steerCoeffs`. */
  steerCoeffs(
    pyrCoeffs: PyramidCoefficients,
    angles: readonly number[],
    options: SteerCoeffsOptions = {},
  ): [steered: Map<number, Tensor>, weights: Map<number, Tensor>] {
    return steerCoeffs(pyrCoeffs, angles, options);
  }

  /** As the function `convertPyrToTensor`. */
  convertPyrToTensor(
    pyrCoeffs: PyramidCoefficients,
    options: ConvertPyrToTensorOptions = {},
  ): [tensor: Tensor, pyrInfo: PyramidInfo] {
    return convertPyrToTensor(pyrCoeffs, options);
  }

  /** As the function `convertTensorToPyr`. */
  convertTensorToPyr(pyrTensor: Tensor, pyrInfo: PyramidInfo): Map<BandKey, Tensor> {
    return convertTensorToPyr(pyrTensor, pyrInfo);
  }

  /** As `steerCoeffs`. */
  static steerCoeffs = steerCoeffs;

  /** As `convertPyrToTensor`. */
  static convertPyrToTensor = convertPyrToTensor;

  /** As `convertTensorToPyr`. */
  static convertTensorToPyr = convertTensorToPyr;

  toString(): string {
    const { imageShape, numScales, order, twidth, isComplex, downsample, tightFrame } = this;
    return (
      `SteerablePyramidFreq(${shapeText(imageShape)}, height: ${numScales}, order: ${order}, twidth: ${twidth}, ` +
      `isComplex: ${isComplex}, downsample: ${downsample}, tightFrame: ${tightFrame})`
    );
  }

  #size(key: BandKey): ImageSize {
    const size = this.pyrSize.get(key);
    if (size !== undefined) return size;
    throw new RangeError(`SteerablePyramidFreq: there is no part ${shown(key)}; there are ${this.scales.join(", ")}`);
  }

  #checkScale(scale: number): void {
    if (!Number.isInteger(scale) || scale < 0 || scale >= this.numScales) {
      throw new RangeError(
        `SteerablePyramidFreq: scale ${scale} does not exist; scales run from 0 to ${this.numScales - 1}`,
      );
    }
  }

  #levels(levels: ReconPyrOptions["levels"]): readonly (number | string)[] {
    if (levels === "all") return this.scales;
    if (!Array.isArray(levels)) {
      throw new TypeError(
        `SteerablePyramidFreq.reconPyr: levels must be a list of levels or "all", not ${shown(levels)}`,
      );
    }
    for (const level of levels as readonly (number | string)[]) if (typeof level === "number") this.#checkScale(level);
    return levels;
  }

  #bands(bands: ReconPyrOptions["bands"]): readonly number[] {
    if (bands === "all") return Array.from({ length: this.numOrientations }, (_, b) => b);
    if (!Array.isArray(bands)) {
      throw new TypeError(
        `SteerablePyramidFreq.reconPyr: bands must be a list of integers or "all", not ${shown(bands)}`,
      );
    }
    for (const band of bands as readonly number[]) {
      if (!Number.isInteger(band) || band < 0 || band >= this.numOrientations) {
        throw new RangeError(
          `SteerablePyramidFreq.reconPyr: band ${band} does not exist; bands run from 0 to ${this.numOrientations - 1}`,
        );
      }
    }
    return bands;
  }

  /** One part of the pyramid, from the half plane of its frequencies. */
  #part(spectrum: Tensor, key: BandKey, [height]: ImageSize, dtype: FloatDType): Tensor {
    const table = (part: "even" | "odd"): Tensor => this.#table("forward", key, part, dtype);
    if (typeof key !== "number") return irfft2h(spectrum.mul(table("even")), height);
    const { order } = this;
    const [own, other] = order % 2 === 0 ? (["even", "odd"] as const) : (["odd", "even"] as const);
    const one = spectrum.unsqueeze(-3);
    const real = irfft2h(timesPowerOfI(one.mul(table(own)), -order), height);
    if (!this.isComplex) return real;
    return complex(real, irfft2h(timesPowerOfI(one.mul(table(other)), -order - 1), height));
  }

  /** What a part of the pyramid contributes to the image, as a half plane of its own size. */
  #spectrumOf(part: Tensor, key: BandKey, bands: readonly number[]): Tensor {
    const dtype: FloatDType = part.dtype === "float32" || part.dtype === "complex64" ? "float32" : "float64";
    const table = (of: "even" | "odd"): Tensor => this.#table("backward", key, of, dtype);
    if (typeof key !== "number") return rfft2h(part).mul(table("even"));
    const { order, numOrientations } = this;
    const all = bands.length === numOrientations && bands.every((band, i) => band === i);
    const chosen = (x: Tensor): Tensor => (all ? x : take(x, bands, -3));
    const [own, other] = order % 2 === 0 ? (["even", "odd"] as const) : (["odd", "even"] as const);
    const weighted = (x: Tensor, of: "even" | "odd", power: number): Tensor =>
      timesPowerOfI(
        rfft2h(chosen(x))
          .mul(chosen(table(of)))
          .sum(-3),
        power,
      );
    const real = weighted(part.real(), own, order);
    if (!part.dtype.startsWith("complex") || this.#isNegligible(key)) return real;
    return real.add(weighted(part.imag(), other, order + 1));
  }

  /**
   * Whether imaginary parts add nothing to a reconstruction: weights of even-sized images are even or odd themselves, but for
   * frequency 0, where wide transitions do not quite vanish.
   */
  #isNegligible(scale: number): boolean {
    const [own, other] = this.order % 2 === 0 ? (["even", "odd"] as const) : (["odd", "even"] as const);
    const size = this.#size(scale);
    const largest = (part: "even" | "odd"): number =>
      this.weights("backward", scale)
        .flatMap((weights) => [...halfPlaneWeights(weights, size, part)])
        .reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    return largest(other) <= 1e-14 * largest(own);
  }

  /** Half-plane weights between the image's spectrum and a part of the pyramid. */
  #table(direction: "forward" | "backward", key: BandKey, part: "even" | "odd", dtype: FloatDType): Tensor {
    const name = `${direction} ${key} ${part} ${dtype}`;
    let table = this.#tables.get(name);
    if (table === undefined) {
      const size = this.#size(key);
      const count = typeof key === "number" ? this.numOrientations : 1;
      const length = halfRows(size[0]) * size[1];
      const planes = (): Float64Array => {
        const data = new Float64Array(count * length);
        this.weights(direction, key).forEach((weights, i) => {
          fillHalfPlane(data, i * length, weights, size, part);
        });
        return data;
      };
      table = deferred(planes, {
        shape: [...(typeof key === "number" ? [count] : []), halfRows(size[0]), size[1]],
        dtype,
      });
      this.#tables.set(name, table);
    }
    return table;
  }
}
