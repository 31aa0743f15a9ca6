/**
 * `synthesisAnimate`: how a synthesis came about: its stored images, and beside them the loss and the representation's error, as plenoptic's
 * `synthesis_animshow` shows them.
 */

import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { beside, errorChart, hasModel, lossCharts, type MovingChart } from "./animatedCharts.ts";
import { AnimatedFigure, checkRate, checkWholeZoom } from "./animatedFigure.ts";
import { filmFrames } from "./animshow.ts";
import { checkKind } from "./kinds.ts";
import { fittingZoom, planesOf } from "./planes.ts";
import type { ImageLike, SynthesisSource } from "./sources.ts";
import { readArray, select } from "./sources.ts";
import { resolveIteration } from "./synthesized.ts";
import type { VRange } from "./vrange.ts";

const PLOTS = ["synthesis_imshow", "synthesis_loss", "metamer_representation_error"] as const;

/** What `synthesisAnimate` can show, by Python's names. */
export type AnimatedPlot = (typeof PLOTS)[number];

export interface SynthesisAnimateOptions {
  /**
   * What is shown, the images always first. Default: the images, the loss (of a competition both metrics) and, of a metamer, the
   * representation's error. With `["synthesis_imshow"]` there is nothing but the images.
   */
  readonly includedPlots?: readonly AnimatedPlot[];
  /** Frames a second. Default 10. */
  readonly framerate?: number;
  /** Whether it begins again for ever. Default false. */
  readonly repeat?: boolean;
  /** The batch member to show. Charts are of all together. Default 0. */
  readonly batchIdx?: number;
  /** The channel to show; `null` shows the only one, or three as colour. Default `null`. */
  readonly channelIdx?: number | null;
  /** Pixels for each element: a whole number. Default: the one that comes nearest to 320 pixels. */
  readonly zoom?: number;
  /** Values shown as black and white, over all frames. Default [0, 1]: images, as they would be shown. */
  readonly vrange?: VRange;
}

const OPTIONS = ["includedPlots", "framerate", "repeat", "batchIdx", "channelIdx", "zoom", "vrange"];

const SIDE = 320;
/** Of charts, which are as high as the picture where that is neither too low nor too high. */
const LEAST_HEIGHT = 160;
const MOST_HEIGHT = 320;

/**
 * Animates a metamer or a MAD competition: the stored images, oldest first, the current one last, and charts with a mark at the image that is
 * shown. The pixels of the images are exact, and in the top left corner. Charts are gray.
 *
 * @throws RangeError before setup, where no image was stored, when an index is out of range, for a zoom that is no whole number, or for what
 *   cannot be shown
 */
export async function synthesisAnimate(
  synthesis: SynthesisSource,
  options: SynthesisAnimateOptions = {},
): Promise<AnimatedFigure> {
  const caller = "synthesisAnimate";
  checkOptions(caller, options, OPTIONS);
  checkKind(caller, synthesis, "Metamer", "MADCompetition");
  const { framerate = 10, repeat = false, batchIdx = 0, channelIdx = null, vrange = [0, 1] } = options;
  const plots = checkPlots(caller, options.includedPlots, synthesis);
  checkRate(caller, framerate, repeat);
  if (options.zoom !== undefined) checkWholeZoom(caller, options.zoom);
  const last = resolveIteration(synthesis, null, caller);
  const source = "madImage" in synthesis ? synthesis.savedMadImage : synthesis.savedMetamer;
  const saved = await readArray(source, caller);
  const { shape, values } = saved;
  if (shape[0] < 2) {
    throw new RangeError(
      `${caller}: no image was stored; call synthesize() with storeProgress to have some to animate`,
    );
  }
  const size = values.length / shape[0];
  const planes = Array.from({ length: shape[0] }, (_, t) => {
    const one: ImageLike = {
      shape: shape.slice(1),
      values: Float64Array.from({ length: size }, (_, i) => values[t * size + i]),
    };
    const chosen = select(one, batchIdx, channelIdx, caller);
    return planesOf(chosen, chosen.shape[1] > 1, caller)[0];
  });
  const { zoom = Math.max(1, Math.floor(fittingZoom(planes[0].height, planes[0].width, SIDE))) } = options;
  const pictures = plots.has("synthesis_imshow") ? filmFrames([planes], vrange, { zoom, columns: 1 }, caller) : null;
  const every = Number(synthesis.storeProgress);
  const iterations = planes.map((_, t) => (t === planes.length - 1 ? last : Math.min(t * every, last)));
  const room = { height: Math.min(Math.max(pictures?.height ?? 0, LEAST_HEIGHT), MOST_HEIGHT) };
  const charts: MovingChart[] = [];
  if (plots.has("synthesis_loss")) charts.push(...lossCharts(synthesis, iterations, room));
  if (plots.has("metamer_representation_error") && hasModel(synthesis)) {
    charts.push(await errorChart(synthesis, saved, iterations, room));
  }
  const frames = charts.length === 0 && pictures !== null ? pictures : beside(pictures, charts, planes.length);
  return new AnimatedFigure(frames, framerate, repeat);
}

/** What is to be shown. */
function checkPlots(
  caller: string,
  asked: readonly AnimatedPlot[] | undefined,
  synthesis: SynthesisSource,
): ReadonlySet<AnimatedPlot> {
  const error: AnimatedPlot = "metamer_representation_error";
  if (asked === undefined) return new Set(PLOTS.filter((plot) => plot !== error || hasModel(synthesis)));
  const given: unknown = asked;
  const unknown = Array.isArray(given) ? given.find((plot: AnimatedPlot) => !PLOTS.includes(plot)) : given;
  if (!Array.isArray(given) || given.length === 0 || unknown !== undefined) {
    throw new RangeError(
      `${caller}: includedPlots is ${shown(given)}; it must be a list of at least one of ${PLOTS.map((plot) => `"${plot}"`).join(", ")}`,
    );
  }
  if (asked.includes(error) && !hasModel(synthesis)) {
    throw new RangeError(
      `${caller}: "${error}" is of metamers: a competition has two metrics, "synthesis_loss" draws both`,
    );
  }
  return new Set(asked);
}
