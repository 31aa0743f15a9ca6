// The damaged inputs of a reader. Each is made from a seed and its number alone, so that one that is found can be made again.

import { damage, numbersOf } from "./damage.ts";
import type { FuzzReader } from "./reader.ts";

/** Where an input was damaged: anywhere, or within, with checksums and lengths that are right. */
export type Where = "anywhere" | "within";

export interface DamagedInput {
  readonly bytes: Uint8Array;
  readonly where: Where;
}

export function damagedInput(
  { anywhere = damage, within }: FuzzReader,
  files: readonly Uint8Array[],
  seed: number,
  index: number,
): DamagedInput {
  const draw = numbersOf(seed, index);
  const file = files[draw(files.length)];
  // Odd numbers within: half of all, in every run.
  if (index % 2 === 0) return { bytes: anywhere(file, draw), where: "anywhere" };
  return { bytes: within(file, draw), where: "within" };
}
