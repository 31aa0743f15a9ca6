/**
 * Which moment of a synthesis a figure shows, and the image that belongs to it: the rules of `get_progress` in
 * Python's plenoptic (nearest stored image, ties to the even index), except that -1 always means the current image.
 */

import { shown } from "@plenoptic-js/tensor/engine";
import { roundToEven } from "../synthesis/roundToEven.ts";
import type { ArraySource, HistorySource, ImageLike, SynthesisSource } from "./sources.ts";
import { readArray } from "./sources.ts";

/** A synthesized image and the iteration at whose start it was that image. */
export interface Synthesized {
  readonly image: ImageLike;
  readonly iteration: number;
  /** What such an image is called. */
  readonly kind: "Metamer" | "MAD image";
}

interface Images {
  readonly kind: Synthesized["kind"];
  readonly current: ArraySource;
  readonly saved: ArraySource;
}

function imagesOf(synthesis: SynthesisSource): Images {
  return "madImage" in synthesis
    ? { kind: "MAD image", current: synthesis.madImage, saved: synthesis.savedMadImage }
    : { kind: "Metamer", current: synthesis.metamer, saved: synthesis.savedMetamer };
}

/**
 * The iteration as an index from 0 to N; `null` is the current one, negative ones count from the end.
 * Throws before there is anything to show, and when the index is out of range.
 */
export function resolveIteration(synthesis: HistorySource, iteration: number | null, caller: string): number {
  const total = synthesis.losses.length;
  if (total === 0) {
    throw new RangeError(`${caller}: nothing has been synthesized yet; call setup() or synthesize() first`);
  }
  if (iteration === null) return total - 1;
  const index = iteration < 0 ? total + iteration : iteration;
  if (!Number.isInteger(iteration) || index < 0 || index >= total) {
    throw new RangeError(
      `${caller}: iteration must be a whole number from ${-total} to ${total - 1} or null, got ${shown(iteration)}`,
    );
  }
  return index;
}

/** The current image, or the stored one nearest to the iteration; throws when no image was stored. */
export async function synthesizedImage(
  synthesis: SynthesisSource,
  iteration: number | null,
  caller: string,
): Promise<Synthesized> {
  const index = resolveIteration(synthesis, iteration, caller);
  const current = synthesis.losses.length - 1;
  const { kind, ...images } = imagesOf(synthesis);
  if (index === current) return { image: await readArray(images.current, caller), iteration: current, kind };
  const every = Number(synthesis.storeProgress);
  if (every === 0) {
    throw new RangeError(
      `${caller}: no image was stored for iteration ${index}; leave iteration out to see the current image, ` +
        "or call synthesize() with storeProgress",
    );
  }
  const saved = await readArray(images.saved, caller);
  const shape = saved.shape.slice(1);
  const size = shape.reduce((product, n) => product * n, 1);
  const nearest = Math.min(roundToEven(index / every), saved.shape[0] - 1);
  const values = Float64Array.from({ length: size }, (_, i) => saved.values[nearest * size + i]);
  return { image: { shape, values }, iteration: Math.min(nearest * every, current), kind };
}

/** The title of a synthesized image, in Python's form. */
export function synthesizedTitle({ kind, iteration }: Synthesized, batchIdx: number): string {
  return `${kind}[${batchIdx}] [iteration=${iteration}]`;
}
