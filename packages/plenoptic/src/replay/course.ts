// Comparing a run with what a file says of its course, step by step: exactly where the file holds series of numbers, else by the short
// hashes of the image after steps 1, 2, 4, 8 and so on.

import { hashTensor, type Tensor } from "@plenoptic-js/tensor";
import type { OwnRecipe } from "../recipe.ts";
import type { Progress } from "../synthesis/frame/synthesizeOptions.ts";
import { shortHash } from "../synthesis/saving/runLog.ts";
import { type ReadSeries, SERIES_NAMES } from "./readResult.ts";

/** Where two courses part: after step `after` they agree, after step `by` they do not. Equal to -1: at the start already. */
export interface Parting {
  readonly after: number;
  readonly by: number;
  /** What differs, in a few words. */
  readonly what: string;
}

/** NaNs are one, and -0 is not 0. */
export const sameNumber = (a: number, b: number): boolean => Object.is(a, b);

const WORDS = {
  losses: "the objective",
  penalties: "the penalty",
  gradientNorm: "the norm of the gradient",
  pixelChangeNorm: "the norm of the change",
} as const;

export class Course {
  readonly #marks: ReadonlyMap<number, string>;
  readonly #series: ReadSeries | null;
  /** The last step up to which all agrees. */
  agreed: number;

  /** @param taken steps that are not made again */
  constructor({ marks = [] }: OwnRecipe, series: ReadSeries | null, taken: number) {
    this.#marks = new Map(marks);
    this.#series = series;
    this.agreed = taken;
  }

  /** Whether the file knows each step. */
  get isExact(): boolean {
    return this.#series !== null;
  }

  /**
   * A step was made. Its numbers but the change are those of the image before it.
   *
   * @returns where the courses part, if they have
   */
  async step(step: number, numbers: Progress, image: () => Tensor): Promise<Parting | null> {
    const series = this.#series;
    if (series !== null) {
      const made = { ...numbers, losses: numbers.loss, penalties: numbers.penalty };
      for (const name of SERIES_NAMES) {
        if (step - 1 < series[name].length && sameNumber(series[name][step - 1], made[name])) continue;
        const by = name === "pixelChangeNorm" ? step : step - 1;
        return { after: by - 1, by, what: WORDS[name] };
      }
    }
    const mark = this.#marks.get(step);
    if (mark !== undefined && mark !== shortHash(await hashTensor(image()))) {
      return { after: this.agreed, by: step, what: "the image" };
    }
    if (mark !== undefined || series !== null) this.agreed = step;
    return null;
  }
}
