// How times are taken: short turns, of which the shortest run counts.

import type { Run } from "./programs.ts";

/** A turn repeats its run until so many milliseconds are over; peers.py does the same. */
const TURN_MS = 200;

/** JavaScript engines compile WebAssembly twice: fast, then well. After so long a turn the second is there. */
export const WARM_UP_MS = 500;

/** The shortest run of one turn, in milliseconds. */
export async function turn(run: Run, length = TURN_MS): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + length;
  do {
    const start = performance.now();
    // Awaiting costs a turn of the event loop, which plain runs are spared.
    const result = run();
    if (result !== undefined) await result;
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  return best;
}
