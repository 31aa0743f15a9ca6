/**
 * `eigendistortionImshowAll`: eigendistortions alone, and below them the image without and with them, as plenoptic's
 * `eigendistortion_imshow_all` shows them.
 * A. Berardino, J. Balle, V. Laparra and E. P. Simoncelli, "Eigen-distortions of hierarchical representations", 2017.
 */

import { type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions } from "@plenoptic-js/tensor/engine";
import { significant } from "../significant.ts";
import type { Figure } from "./figure.ts";
import { imagePanels } from "./imshow.ts";
import { checkKind } from "./kinds.ts";
import { EMPTY, figureOfRows } from "./panel.ts";
import { fittingZoom, planesOf } from "./planes.ts";
import type { EigendistortionSource, ImageLike } from "./sources.ts";
import { readArray, select } from "./sources.ts";
import type { VRange } from "./vrange.ts";

export interface EigendistortionImshowAllOptions {
  /**
   * Which to show, by their places among all eigendistortions of the image: 0 is the most noticeable, -1 the least. Default
   * [0, -1]; where only the most noticeable were computed, the first and the last of those.
   */
  readonly eigenindex?: number | readonly number[];
  /** The channel to show; `null` shows the only one, or three or four as colour. Default `null`. */
  readonly channelIdx?: number | null;
  /** What the distortions are multiplied by before they are added to the image: one number, or one for each. Default 5. */
  readonly distortionScale?: number | readonly number[];
  /** Changes the images of the lower row before they are drawn, for example `(x) => x.clip(0, 1)`. Default `null`. */
  readonly processImage?: ((image: Tensor) => Tensor) | null;
  /** Changes the distortions of the upper row before they are drawn. Default `null`. */
  readonly processDistortion?: ((distortion: Tensor) => Tensor) | null;
  /** Values of the lower row that are shown as black and white. Default "auto1": one scale for all; for colour [0, 1]. */
  readonly vrange?: VRange;
  /** Pixels for each image element: a whole number or 1/n. Default: the one that comes nearest to 300 pixels. */
  readonly zoom?: number;
  /** What stands above all. Default "Eigendistortions". */
  readonly suptitle?: string;
}

const SIDE = 300;

/**
 * Shows eigendistortions with their eigenvalues in the upper row; below, the image, and the image with each of them added.
 * Distortions are drawn in colour about 0, blue below and red above, each on a scale of its own; those of colour images as
 * colours about gray.
 *
 * @throws RangeError before synthesize(), for an index that was not computed, or another number of scales than of indices
 */
export async function eigendistortionImshowAll(
  eigendistortion: EigendistortionSource,
  options: EigendistortionImshowAllOptions = {},
): Promise<Figure> {
  const caller = "eigendistortionImshowAll";
  checkOptions(caller, options, [
    "eigenindex",
    "channelIdx",
    "distortionScale",
    "processImage",
    "processDistortion",
    "vrange",
    "zoom",
    "suptitle",
  ]);
  checkKind(caller, eigendistortion, "Eigendistortion");
  const { channelIdx = null, processImage = null, processDistortion = null, suptitle = "Eigendistortions" } = options;
  const { image, distortions, eigenvalues, eigenindex } = await readAll(eigendistortion, caller);
  const positions = positionsOf(options.eigenindex, eigenindex, image.values.length, caller);
  const scales = scalesFor(options.distortionScale ?? 5, positions.length, caller);

  const alone: ImageLike[] = [];
  const added: ImageLike[] = [image];
  for (const [i, position] of positions.entries()) {
    const distortion = select(distortions, position, null, caller);
    alone.push(distortion);
    const values = Float64Array.from(image.values, (value, at) => value + scales[i] * distortion.values[at]);
    added.push({ shape: image.shape, values });
  }
  const planes = async (images: readonly ImageLike[], process: ((x: Tensor) => Tensor) | null) => {
    const processed = await Promise.all(images.map((one) => changed(one, process, caller)));
    return processed.flatMap((one) => {
      const chosen = select(one, null, channelIdx, caller);
      return planesOf(chosen, chosen.shape[1] > 1, caller);
    });
  };
  const upper = await planes(alone, processDistortion);
  const lower = await planes(added, processImage);
  const { zoom = fittingZoom(lower[0].height, lower[0].width, SIDE) } = options;
  const { vrange = lower[0].channels === 1 ? "auto1" : [0, 1] } = options;
  const titles = positions.map((at) => `Eigendistortion ${eigenindex[at]}, eigenvalue ${significant(eigenvalues[at])}`);
  const sums = positions.map((at, i) => `Image + ${significant(scales[i])} × distortion ${eigenindex[at]}`);
  const rows = [
    [EMPTY, ...imagePanels(upper, titles, "indep0", zoom, caller)],
    imagePanels(lower, ["Image", ...sums], vrange, zoom, caller),
  ];
  return figureOfRows(rows, suptitle);
}

async function readAll(source: EigendistortionSource, caller: string) {
  const { eigendistortions, eigenvalues, eigenindex } = source;
  if (eigendistortions === null || eigenvalues === null || eigenindex === null) {
    throw new RangeError(`${caller}: nothing has been synthesized yet; call synthesize() first`);
  }
  return {
    image: await readArray(source.image, caller),
    distortions: await readArray(eigendistortions, caller),
    eigenvalues: (await readArray(eigenvalues, caller)).values,
    eigenindex: Array.from((await readArray(eigenindex, caller)).values),
  };
}

/** Where in the list of those that were computed the asked ones are; `total` is how many the image has. */
function positionsOf(
  asked: EigendistortionImshowAllOptions["eigenindex"],
  computed: readonly number[],
  total: number,
  caller: string,
): number[] {
  if (asked === undefined) return computed.length === 1 ? [0] : [0, computed.length - 1];
  const list = typeof asked === "number" ? [asked] : asked;
  if (list.length === 0) throw new RangeError(`${caller}: the list of eigenindex is empty; give at least one`);
  return list.map((index) => {
    const position = computed.indexOf(index < 0 ? total + index : index);
    if (position < 0) {
      throw new RangeError(
        `${caller}: eigendistortion ${index} was not computed; there are those of index ${computed.join(", ")}`,
      );
    }
    return position;
  });
}

function scalesFor(given: number | readonly number[], count: number, caller: string): readonly number[] {
  const scales = typeof given === "number" ? new Array<number>(count).fill(given) : given;
  if (scales.length !== count || !scales.every(Number.isFinite)) {
    throw new RangeError(
      `${caller}: distortionScale must be a finite number, or one for each of the ${count} distortions, got [${scales.join(", ")}]`,
    );
  }
  return scales;
}

/** What a function of the user's makes of an image. */
async function changed(image: ImageLike, process: ((x: Tensor) => Tensor) | null, caller: string): Promise<ImageLike> {
  if (process === null) return image;
  const { shape, values } = image;
  return readArray(process(tensor(Float64Array.from(values), { shape, dtype: "float64" })), caller);
}
