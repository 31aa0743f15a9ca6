// The two global generators, and the one seed that sets both (docs/science/random-numbers.md).

import { shown } from "../words/shown.ts";
import { toInteger } from "./checks.ts";
import { TorchGenerator } from "./generator.ts";
import { NumpyRandomState } from "./numpy.ts";

const torch = new TorchGenerator();
// NumPy itself starts from the system's entropy. Here a program that sets no seed still repeats itself.
const numpy = new NumpyRandomState(0);

/** The generator that every random draw uses unless it is given another. Starts with torch's default seed. */
export function defaultGenerator(): TorchGenerator {
  return torch;
}

/** The counterpart of `np.random`. Starts with seed 0. */
export function globalNumpy(): NumpyRandomState {
  return numpy;
}

/**
 * Seeds both global generators with one integer in 0..2^32-1; null or nothing does nothing. Throws RangeError for
 * any other seed, leaving both generators as they were.
 */
export function setSeed(seed?: number | bigint | null): void {
  if (seed === null || seed === undefined) return;
  const value = toInteger(seed, "the seed", "setSeed");
  if (value < 0n || value > 4294967295n) {
    throw new RangeError(
      `setSeed: the seed must lie in 0..2^32-1 (NumPy takes no other), not ${shown(seed)}. ` +
        "Seed defaultGenerator() alone for a wider range.",
    );
  }
  torch.manualSeed(value);
  numpy.seed(value);
}
