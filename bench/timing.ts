// How times are taken: short turns, of which the shortest run counts.

import type { Run } from "./programs.ts";

/** A turn repeats its run until so many milliseconds are over; peers.py does the same. */
const TURN_MS = 40;

/** The shortest run of one turn, in milliseconds. */
export async function turn(run: Run): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + TURN_MS;
  do {
    const start = performance.now();
    // Awaiting costs a turn of the event loop, which plain runs are spared.
    const result = run();
    if (result !== undefined) await result;
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return best;
}
