/** `synthesisImshow`: the synthesized image, as plenoptic's `synthesis_imshow` shows it. */

import { checkOptions } from "@plenoptic-js/tensor/engine";
import type { Figure } from "./figure.ts";
import { imagePanels } from "./imshow.ts";
import { checkKind } from "./kinds.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import { fittingZoom, planesOf } from "./planes.ts";
import type { SynthesisSource } from "./sources.ts";
import { select } from "./sources.ts";
import type { Synthesized } from "./synthesized.ts";
import { synthesizedImage, synthesizedTitle } from "./synthesized.ts";
import type { VRange } from "./vrange.ts";

export interface SynthesisImshowOptions {
  /** The batch member to show. Default 0. */
  readonly batchIdx?: number;
  /** The channel to show; `null` shows the only one, or three or four as colour. Default `null`. */
  readonly channelIdx?: number | null;
  /** The iteration to show; negative ones count from the end, `null` is the current one. Default `null`. */
  readonly iteration?: number | null;
  /** Pixels for each image element: a whole number or 1/n. Default: the one that comes nearest to 320 pixels. */
  readonly zoom?: number;
  /** Values shown as black and white. Default "indep1"; for colour [0, 1]. */
  readonly vrange?: VRange;
  /** Default: the batch member and the iteration. */
  readonly title?: string | null;
}

/** Names of the options that shape the picture itself. */
export const PICTURE_OPTIONS = ["zoom", "vrange", "title"] as const;

const SIDE = 320;

/**
 * Shows the synthesized image. Of an iteration whose image was not stored it shows the nearest stored one, and the
 * title says which.
 *
 * @throws RangeError before setup, when an index is out of range, or when an earlier iteration is asked for and no
 *   image was stored.
 */
export async function synthesisImshow(
  synthesis: SynthesisSource,
  options: SynthesisImshowOptions = {},
): Promise<Figure> {
  checkOptions("synthesisImshow", options, ["batchIdx", "channelIdx", "iteration", ...PICTURE_OPTIONS]);
  checkKind("synthesisImshow", synthesis, "Metamer", "MADCompetition");
  const { batchIdx = 0, channelIdx = null, iteration = null } = options;
  const synthesized = await synthesizedImage(synthesis, iteration, "synthesisImshow");
  return figureOf([synthesizedPanel(synthesized, batchIdx, channelIdx, options, "synthesisImshow")], 1);
}

export function synthesizedPanel(
  synthesized: Synthesized,
  batchIdx: number,
  channelIdx: number | null,
  picture: Pick<SynthesisImshowOptions, (typeof PICTURE_OPTIONS)[number]>,
  caller: string,
): Panel {
  const image = select(synthesized.image, batchIdx, channelIdx, caller);
  const asRgb = image.shape[1] > 1;
  const planes = planesOf(image, asRgb, caller);
  const { zoom = fittingZoom(planes[0].height, planes[0].width, SIDE) } = picture;
  const title = picture.title === undefined ? synthesizedTitle(synthesized, batchIdx) : picture.title;
  return imagePanels(planes, title, picture.vrange ?? (asRgb ? [0, 1] : "indep1"), zoom, caller)[0];
}
