// Histories of a synthesis, one entry an iteration. All grow together, after the iteration is complete.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import type { StepNumbers } from "./descent.ts";
import { Series } from "./series.ts";
import { StoredImages } from "./storedImages.ts";

/** The histories that every method has. */
const COMMON = ["losses", "penalties", "gradientNorm", "pixelChangeNorm", "learningRates"] as const;

export type CommonHistory = (typeof COMMON)[number];

export class Histories {
  readonly images = new StoredImages();
  /** Every how many iterations an image is stored; 0: never; null: not decided yet. */
  every: number | null = null;
  /** Names of the histories that the method has besides the common ones. */
  readonly recorded: readonly string[];
  readonly #series: ReadonlyMap<string, Series>;

  constructor(recorded: readonly string[] = []) {
    this.recorded = recorded;
    this.#series = new Map([...COMMON, ...recorded].map((name) => [name, new Series()]));
  }

  get length(): number {
    return this.of("losses").length;
  }

  of(name: string): Series {
    const series = this.#series.get(name);
    if (series === undefined) throw new Error(`there is no history ${name}`);
    return series;
  }

  /** Takes the numbers of an iteration. */
  push(numbers: StepNumbers, learningRate: number): void {
    const { loss, penalty, gradientNorm, pixelChangeNorm, recorded } = numbers;
    const common: Record<CommonHistory, number> = {
      losses: loss,
      penalties: penalty,
      gradientNorm,
      pixelChangeNorm,
      learningRates: learningRate,
    };
    for (const [name, value] of Object.entries({ ...common, ...recorded })) this.of(name).push(value);
  }

  /** A copy whose images may be other ones: of another precision. */
  with(images: (image: Tensor<FloatDType>) => Tensor<FloatDType>): Histories {
    const series = [...this.#series].map(([name, row]) => [name, row.toArray()] as const);
    return historiesOf(Object.fromEntries(series), this.every, this.images.all().map(images));
  }
}

/**
 * Histories with these entries, `losses` among them. Where others are shorter, as Python leaves them when it is interrupted, their
 * last entries are NaN. Learning rates, which only files of ours hold, are NaN unless they are given.
 */
export function historiesOf(
  entries: Readonly<Record<string, Float64Array>>,
  every: number | null,
  images: readonly Tensor<FloatDType>[],
): Histories {
  const all = { learningRates: new Float64Array(0), ...entries };
  const histories = new Histories(Object.keys(all).filter((name) => !(COMMON as readonly string[]).includes(name)));
  for (const [name, values] of Object.entries(all)) {
    for (let i = 0; i < entries.losses.length; i++) histories.of(name).push(values[i] ?? Number.NaN);
  }
  images.forEach((image, place) => {
    histories.images.put(place, image);
  });
  histories.every = every;
  return histories;
}
