// One moment of a synthesis, looked up afterwards: its entries of the histories and the stored image nearest to it.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../../warnings.ts";
import { roundToEven } from "../roundToEven.ts";
import type { TermNumbers } from "./descent.ts";
import type { Histories } from "./histories.ts";

/** How a stored image is chosen for an iteration at which none was stored. "round" takes the even one of two. */
export type IterationSelection = "floor" | "ceiling" | "round";

export interface GetProgressOptions {
  /** Default "round". */
  readonly iterationSelection?: IterationSelection;
}

/** What is known of one moment of a synthesis. */
export interface Moment {
  readonly losses: number;
  /** The iteration, counted from 0. */
  readonly iteration: number;
  readonly penalties: number;
  /** null for the current image, from which no step has been taken. */
  readonly pixelChangeNorm: number | null;
  /** null for the current image, from which no step has been taken. */
  readonly gradientNorm: number | null;
  /** What else the method records of an image, by the names of its histories. */
  readonly recorded: Readonly<Record<string, number>>;
}

/** The image as it is now, and its terms. */
export interface Present {
  readonly image: Tensor<FloatDType>;
  readonly terms: TermNumbers;
}

/** The stored image that belongs to a moment, and the iteration at which it was stored. */
export interface StoredMoment {
  readonly image: Tensor<FloatDType>;
  readonly iteration: number;
}

const SELECTIONS: Readonly<Record<IterationSelection, (place: number) => number>> = {
  floor: Math.floor,
  ceiling: Math.ceil,
  round: roundToEven,
};

/**
 * Looks up an iteration: 0 to the number of iterations, negative ones from the end, null for the current image. Warns
 * when the stored image is that of another iteration. `stored` is null when images are not stored.
 */
export function momentAt(
  present: Present | null,
  histories: Histories,
  iteration: number | null,
  options: GetProgressOptions,
): { readonly moment: Moment; readonly stored: StoredMoment | null } {
  checkOptions("getProgress()", options, ["iterationSelection"]);
  const { iterationSelection = "round" } = options;
  if (!Object.hasOwn(SELECTIONS, iterationSelection)) {
    const names = Object.keys(SELECTIONS).join(", ");
    throw new RangeError(`getProgress: iterationSelection is ${shown(iterationSelection)}; it must be one of ${names}`);
  }
  if (present === null) {
    throw new RangeError("getProgress: nothing has been synthesized yet; call setup() or synthesize() first");
  }
  const current = histories.length;
  const index = iteration === null ? current : iteration < 0 ? current + 1 + iteration : iteration;
  if (!Number.isInteger(index) || index < 0 || index > current) {
    throw new RangeError(
      `getProgress: iteration ${shown(iteration)} does not exist; it must be null or a whole number from ` +
        `${-current - 1} to ${current}`,
    );
  }
  if (index === current) {
    const { loss, penalty, recorded: values } = present.terms;
    const moment = {
      losses: loss,
      iteration: index,
      penalties: penalty,
      pixelChangeNorm: null,
      gradientNorm: null,
      recorded: values,
    };
    return { moment, stored: histories.every ? { image: present.image, iteration: current } : null };
  }
  const { images, every, recorded } = histories;
  const at = (name: string): number => histories.of(name).at(index);
  const moment = {
    losses: at("losses"),
    iteration: index,
    penalties: at("penalties"),
    pixelChangeNorm: at("pixelChangeNorm"),
    gradientNorm: at("gradientNorm"),
    recorded: Object.fromEntries(recorded.map((name) => [name, at(name)])),
  };
  if (!every) return { moment, stored: null };
  const place = SELECTIONS[iterationSelection](index / every);
  const stored =
    place < images.length
      ? { image: images.at(place), iteration: place * every }
      : { image: present.image, iteration: current };
  if (stored.iteration !== index) {
    warn(
      new UserWarning(
        "stored-iteration",
        `getProgress: no image was stored at iteration ${index}; the image is that of iteration ${stored.iteration}`,
      ),
    );
  }
  return { moment, stored };
}
