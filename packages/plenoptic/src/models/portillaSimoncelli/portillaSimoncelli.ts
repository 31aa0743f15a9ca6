// The texture model of J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of
// complex wavelet coefficients", IJCV 40, 2000 (docs/science/models.md, "Portilla-Simoncelli"). What the statistics
// are: textureStatistics.ts.

import {
  concat,
  type DType,
  DTypeError,
  type FloatDType,
  ShapeError,
  type Tensor,
  take,
  zeros,
} from "@plenoptic-js/tensor";
import { checkArray, checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import type { ImageSize } from "../../process/steerableMasks.ts";
import { checkImageSize, mostScales, SteerablePyramidFreq } from "../../process/steerablePyramid.ts";
import type { Model } from "../model.ts";
import { checkOption } from "../optionRange.ts";
import { type TextureGroup, TextureLayout, type TextureScale, type TextureSize } from "./textureLayout.ts";
import { textureOptions } from "./textureOptions.ts";
import { texturePanelAxis, texturePanels } from "./texturePanels.ts";
import { type Piece, TextureStatistics } from "./textureStatistics.ts";
import { type TextureTables, textureTables } from "./textureTables.ts";

export interface PortillaSimoncelliOptions {
  /** Number of scales, 1 to 12. Both sides of the image must be divisible by 2^nScales. Default 4. */
  readonly nScales?: number;
  /** Number of orientations, 2 to 16. Default 4. */
  readonly nOrientations?: number;
  /** Width of the square of autocorrelation lags, at most the smaller side of the image over 2^nScales. Default 7. */
  readonly spatialCorrWidth?: number;
}

export interface PortillaSimoncelliForwardOptions {
  /** Return only the statistics of these scales; null is all. The order does not matter. Default null. */
  readonly scales?: readonly (number | string)[] | null;
}

/** The sides of images that a texture model can be used on: multiples of `step`, from `least` on. */
export function textureSides({ nScales, spatialCorrWidth }: Pick<TextureSize, "nScales" | "spatialCorrWidth">): {
  readonly step: number;
  readonly least: number;
} {
  const step = 1 << nScales;
  // The coarsest images must hold all lags, and the pyramid wants them to have four pixels a side.
  return { step, least: step * Math.max(4, spatialCorrWidth) };
}

/** Sides that fit, below and above one that does not. */
function nearest(side: number, step: number, least: number): string {
  const below = Math.floor(side / step) * step;
  if (below < least) return `${least}`;
  return below === side ? `${side}` : `${below} or ${below + step}`;
}

function checkSides(imageShape: ImageSize, size: TextureSize): void {
  const { step, least } = textureSides(size);
  const [height, width] = imageShape;
  const most = Math.max(0, mostScales(imageShape));
  if (size.nScales > most) {
    throw new RangeError(
      `PortillaSimoncelli: nScales is ${size.nScales}, and an image of ${height} x ${width} pixels has room for ${most} at most; ` +
        `use ${most > 0 ? "fewer scales or " : ""}a larger image`,
    );
  }
  if (height % step === 0 && width % step === 0) return;
  throw new RangeError(
    `PortillaSimoncelli: it only works with images whose sides can be divided by 2 ${size.nScales} times (nScales), and ` +
      `${height} x ${width} cannot. The nearest sizes that fit: height ${nearest(height, step, least)}, width ` +
      `${nearest(width, step, least)}. Crop the image (process.centerCrop; --crop on the command line) or resize it (process.resize; ` +
      "--resize 256x256), or use fewer scales.",
  );
}

/**
 * Texture statistics of images [batch, channel, height, width]: [batch, channel, statistics], 710 of them by default. Two
 * images with the same statistics look like the same texture.
 *
 * What is constant, or whose variance is nothing but rounding errors, has finite statistics: correlations, autocorrelations,
 * standard deviations and skews are 0, kurtoses 3, all without gradient. |z| has gradient 0 at 0.
 */
export class PortillaSimoncelli implements Model {
  readonly name = "PortillaSimoncelli";
  readonly imageShape: ImageSize;
  readonly nScales: number;
  readonly nOrientations: number;
  readonly spatialCorrWidth: number;
  /** All values of the option `scales`, from coarse to fine. */
  readonly scales: readonly TextureScale[];
  readonly #pyramid: SteerablePyramidFreq;
  readonly #layout: TextureLayout;
  readonly #tables = new Map<FloatDType, TextureTables>();

  constructor(imageShape: ImageSize, options: PortillaSimoncelliOptions = {}) {
    checkOptions("PortillaSimoncelli()", options, ["nScales", "nOrientations", "spatialCorrWidth"]);
    const given = (name: keyof TextureSize): number => {
      const { [name]: value = textureOptions[name].default } = options;
      checkOption("PortillaSimoncelli", name, textureOptions[name], value);
      return value;
    };
    const [nScales, nOrientations, spatialCorrWidth] = [
      given("nScales"),
      given("nOrientations"),
      given("spatialCorrWidth"),
    ];
    this.imageShape = checkImageSize("PortillaSimoncelli", imageShape);
    checkSides(this.imageShape, { nScales, nOrientations, spatialCorrWidth });
    const coarsest = Math.min(...this.imageShape) / (1 << nScales);
    if (spatialCorrWidth > coarsest) {
      throw new RangeError(
        `PortillaSimoncelli: spatialCorrWidth is ${shown(spatialCorrWidth)}, but the coarsest lowpass image of ` +
          `${this.imageShape.join(" x ")} pixels is only ${coarsest} wide. Use a smaller spatialCorrWidth, fewer scales or ` +
          "a larger image.",
      );
    }
    this.#pyramid = new SteerablePyramidFreq(imageShape, {
      height: nScales,
      order: nOrientations - 1,
      isComplex: true,
    });
    this.nScales = nScales;
    this.nOrientations = nOrientations;
    this.spatialCorrWidth = spatialCorrWidth;
    this.#layout = new TextureLayout({ nScales, nOrientations, spatialCorrWidth });
    const bands = Array.from({ length: nScales }, (_, i) => nScales - 1 - i);
    this.scales = ["pixel_statistics", "residual_lowpass", ...bands, "residual_highpass"];
  }

  get options(): Readonly<Record<string, unknown>> {
    const { imageShape, nScales, nOrientations, spatialCorrWidth } = this;
    return { imageShape, nScales, nOrientations, spatialCorrWidth };
  }

  /** The scale of every statistic, in the order of the representation. */
  get representationScales(): readonly TextureScale[] {
    return this.#layout.scales;
  }

  /** The statistics, or those of some scales, in unchanged order. The pieces are in textureStatistics.ts. */
  forward<D extends DType>(image: Tensor<D>, options: PortillaSimoncelliForwardOptions = {}): Tensor<D> {
    checkOptions("PortillaSimoncelli.forward()", options, ["scales"]);
    const { scales = null } = options;
    checkTensor("PortillaSimoncelli", "the image", image);
    const { dtype, shape } = image;
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`PortillaSimoncelli: the image is ${dtype}; it must be float32 or float64`);
    }
    const [height, width] = this.imageShape;
    if (shape.length !== 4 || shape[2] !== height || shape[3] !== width) {
      throw new ShapeError(
        `PortillaSimoncelli: the image is ${shapeText(shape)}, and the model is for [batch, channel, ${height}, ` +
          `${width}]; resize or crop the image, or make a model of its size`,
      );
    }
    const [batch, channels] = shape;
    const statistics = new TextureStatistics(
      image.reshape([batch * channels, height, width]),
      this.#tablesOf(dtype),
      this.#layout,
      this.spatialCorrWidth,
    );
    const pieces = statistics.pieces((scale) => scales === null || scales.includes(scale));
    return inOrder(pieces, batch * channels, dtype).reshape([batch, channels, -1]) as Tensor<D>;
  }

  /** Of a whole representation, the statistics of some scales only. */
  removeScales<D extends DType>(representation: Tensor<D>, scalesToKeep: readonly (number | string)[]): Tensor<D> {
    this.#checkWhole(representation, "removeScales");
    checkArray("removeScales", "the list of scales to keep", scalesToKeep, "scales");
    const kept = this.#layout.scales.flatMap((scale, i) => (scalesToKeep.includes(scale) ? [i] : []));
    return take(representation, kept, 2);
  }

  /**
   * The representation by groups: arrays [batch, channel, ...], whose last axis, where there are scales, runs from fine to
   * coarse. Statistics that are redundant, and so not in the representation, are NaN.
   */
  convertToDict(representation: Tensor): Map<TextureGroup, Tensor> {
    this.#checkWhole(representation, "convertToDict");
    return this.#layout.toGroups(representation);
  }

  /** The inverse of convertToDict. */
  convertToTensor(representation: ReadonlyMap<string, Tensor>): Tensor {
    if (!(representation instanceof Map)) {
      throw new TypeError(
        `convertToTensor: the representation is ${shown(representation)}; it must be a Map of groups, as convertToDict() gives`,
      );
    }
    return this.#layout.fromGroups(representation);
  }

  /**
   * What to draw of a representation, or of its groups: rows of numbers by title, as `texturePanels` makes them.
   * `plot.plotRepresentation` looks for this.
   */
  representationPanels(data: Tensor | ReadonlyMap<string, Tensor>, batchIdx = 0): Map<string, Tensor> {
    const groups =
      data instanceof Map ? (data as ReadonlyMap<TextureGroup, Tensor>) : this.convertToDict(data as Tensor);
    return texturePanels(groups, batchIdx);
  }

  /** What the numbers of such a row are: those of correlations are norms. */
  panelAxis(title: string): string {
    return texturePanelAxis(title);
  }

  toString(): string {
    const { imageShape, nScales, nOrientations, spatialCorrWidth } = this;
    return (
      `PortillaSimoncelli(${shapeText(imageShape)}, nScales: ${nScales}, nOrientations: ${nOrientations}, ` +
      `spatialCorrWidth: ${spatialCorrWidth})`
    );
  }

  #checkWhole(representation: Tensor, caller: string): void {
    checkTensor(caller, "the representation", representation);
    const { shape } = representation;
    const { length } = this.#layout.kept;
    if (shape.length === 3 && shape[2] === length) return;
    throw new ShapeError(
      `${caller}: the representation is ${shapeText(shape)}; it must be [batch, channel, ${length}]. If scales were left ` +
        "out (the option scales of forward), it cannot be taken apart any more.",
    );
  }

  #tablesOf(dtype: FloatDType): TextureTables {
    let tables = this.#tables.get(dtype);
    if (tables === undefined) {
      tables = textureTables(this.#pyramid, this.spatialCorrWidth, dtype);
      this.#tables.set(dtype, tables);
    }
    return tables;
  }
}

/** All values of the pieces, [image, count], ordered by their positions. */
function inOrder(pieces: readonly Piece[], images: number, dtype: FloatDType): Tensor {
  const positions = pieces.flatMap((piece) => piece.positions);
  if (positions.length === 0) return zeros([images, 0], { dtype });
  const order = positions.map((_, i) => i).sort((a, b) => positions[a] - positions[b]);
  const values = pieces.map((piece) => piece.values);
  return take(concat(values, 1), order, 1);
}
