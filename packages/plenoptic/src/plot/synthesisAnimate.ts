/** `synthesisAnimate`: how the image of a synthesis came about, from the stored images; Python's `synthesis_animshow` shows it. */

import { checkOptions } from "@plenoptic-js/tensor/engine";
import { type AnimatedFigure, checkRate, checkWholeZoom } from "./animatedFigure.ts";
import { animated } from "./animshow.ts";
import { checkKind } from "./kinds.ts";
import { fittingZoom, planesOf } from "./planes.ts";
import type { ImageLike, SynthesisSource } from "./sources.ts";
import { readArray, select } from "./sources.ts";
import { resolveIteration } from "./synthesized.ts";
import type { VRange } from "./vrange.ts";

export interface SynthesisAnimateOptions {
  /** Frames a second. Default 10. */
  readonly framerate?: number;
  /** Whether it begins again for ever. Default false. */
  readonly repeat?: boolean;
  /** The batch member to show. Default 0. */
  readonly batchIdx?: number;
  /** The channel to show; `null` shows the only one, or three as colour. Default `null`. */
  readonly channelIdx?: number | null;
  /** Pixels for each element: a whole number. Default: the one that comes nearest to 320 pixels. */
  readonly zoom?: number;
  /** Values shown as black and white, over all frames. Default [0, 1]: images, as they would be shown. */
  readonly vrange?: VRange;
}

const SIDE = 320;

/**
 * Animates the stored images of a metamer or a MAD competition, oldest first, the current one last.
 *
 * @throws RangeError before setup, where no image was stored, when an index is out of range, or for a zoom that is no whole number
 */
export async function synthesisAnimate(
  synthesis: SynthesisSource,
  options: SynthesisAnimateOptions = {},
): Promise<AnimatedFigure> {
  const caller = "synthesisAnimate";
  checkOptions(caller, options, ["framerate", "repeat", "batchIdx", "channelIdx", "zoom", "vrange"]);
  checkKind(caller, synthesis, "Metamer", "MADCompetition");
  const { framerate = 10, repeat = false, batchIdx = 0, channelIdx = null, vrange = [0, 1] } = options;
  checkRate(caller, framerate, repeat);
  if (options.zoom !== undefined) checkWholeZoom(caller, options.zoom);
  resolveIteration(synthesis, null, caller);
  const source = "madImage" in synthesis ? synthesis.savedMadImage : synthesis.savedMetamer;
  const { shape, values } = await readArray(source, caller);
  if (shape[0] < 2) {
    throw new RangeError(
      `${caller}: no image was stored; call synthesize() with storeProgress to have some to animate`,
    );
  }
  const size = values.length / shape[0];
  const frames = Array.from({ length: shape[0] }, (_, t) => {
    const one: ImageLike = {
      shape: shape.slice(1),
      values: Float64Array.from({ length: size }, (_, i) => values[t * size + i]),
    };
    const chosen = select(one, batchIdx, channelIdx, caller);
    return planesOf(chosen, chosen.shape[1] > 1, caller)[0];
  });
  const { zoom = Math.max(1, Math.floor(fittingZoom(frames[0].height, frames[0].width, SIDE))) } = options;
  return animated([frames], vrange, { framerate, repeat, zoom, columns: 1 }, caller);
}
