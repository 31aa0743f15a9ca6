// Seeds of jobs. One that is derived follows from what the job is, not from its place in a plan: a plan that grows keeps what is done.

import { hashOf } from "./jobId.ts";

/**
 * A seed from the hash of image, model and options, and the replicate. Seeds have 32 bits, so that among some ten thousand jobs two may meet: the later one
 * takes the next of its own.
 */
export function derivedSeed(settled: string, replicate: number, taken: ReadonlySet<number>): number {
  for (let turn = 0; ; turn++) {
    const seed = Number.parseInt(hashOf({ settled, replicate, turn }).slice(0, 8), 16);
    if (!taken.has(seed)) return seed;
  }
}
