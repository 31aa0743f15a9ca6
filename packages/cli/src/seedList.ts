// The option `--seeds`: a list such as 0-7 or 1,4,10-12.

import { InvalidArgumentError } from "@commander-js/extra-typings";

export const LARGEST_SEED = 4294967295;
/** Each makes a folder of files of its own. */
const MOST_SEEDS = 1000;

const EXAMPLES = "such as 0-7 or 1,4,10-12";

/** The seeds of a list, in its order. */
export function seedList(text: string): readonly number[] {
  const seeds: number[] = [];
  for (const part of text.split(",")) {
    const [, first, last = first] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part) ?? [];
    const [low, high] = [Number(first), Number(last)];
    if (first === undefined || high > LARGEST_SEED) {
      throw new InvalidArgumentError(
        `It must be whole numbers from 0 to ${LARGEST_SEED}, or ranges of them, with commas between, ${EXAMPLES}.`,
      );
    }
    if (high < low) throw new InvalidArgumentError(`The range ${part.trim()} runs backwards; write ${high}-${low}.`);
    if (seeds.length + high - low + 1 > MOST_SEEDS) {
      throw new InvalidArgumentError(`These are more than ${MOST_SEEDS} seeds; make them in several runs.`);
    }
    for (let seed = low; seed <= high; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) < i);
  if (twice !== undefined) throw new InvalidArgumentError(`Seed ${twice} is there twice.`);
  return seeds;
}

/** `seed 3` or `seeds 0-7,9` */
export const seedWords = (seeds: readonly number[]): string =>
  `seed${seeds.length === 1 ? "" : "s"} ${seedsText(seeds)}`;

/** A list as it is written: runs of seeds as ranges. */
export function seedsText(seeds: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const seed of seeds) {
    const range = ranges.at(-1);
    if (range !== undefined && seed === range[1] + 1) range[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
