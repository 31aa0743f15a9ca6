// The cases of the table with helper threads that really take part: work is cut so fine that small programs are shared too, and
// each case is repeated until a helper has done a piece of it.

import { setGrain } from "../../../tensor/src/compile/schedule.ts";
import { piecesHelped } from "../../../tensor/src/wasm/threads/pool.ts";
import type { HashCase } from "./cases.ts";

/** Nanoseconds of work that a thread takes at once. */
const FINE = 100;
/** Milliseconds after which a case is not repeated any more. */
const LONGEST = 10_000;

export interface SharedRun {
  /** Of the last run, or of the first that differed from the one before. */
  readonly hashes: Record<string, string>;
  /** Pieces that helpers did. */
  readonly helped: number;
}

/** Runs a case, again and again for at most ten seconds, until a helper has done a piece of its work. */
export async function runShared({ run, alone }: HashCase, threads: number): Promise<SharedRun> {
  const end = performance.now() + LONGEST;
  const before = piecesHelped();
  setGrain(FINE);
  try {
    let hashes = await run(threads);
    for (;;) {
      const helped = piecesHelped() - before;
      if (helped > 0 || alone === true || performance.now() > end) return { hashes, helped };
      // A browser starts threads only when the event loop has its turn.
      await new Promise((resolve) => setTimeout(resolve, 1));
      const again = await run(threads);
      const changed = JSON.stringify(again) !== JSON.stringify(hashes);
      hashes = again;
      if (changed) return { hashes, helped };
    }
  } finally {
    setGrain();
  }
}
