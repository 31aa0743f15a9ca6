// How many threads programs compute with. Results do not depend on it.

import { helpers } from "./wasm/threads/pool.ts";
import { shown } from "./words/shown.ts";

const MOST = 64;

let threads = 1;

/** Threads that programs made from now on compute with (default 1). */
export function getThreads(): number {
  return threads;
}

/**
 * Sets how many threads computations made from now on use. Results are the same bits for every number. More than the
 * machine has cores does not help.
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new RangeError(`setThreads: got ${shown(count)}; it must be an integer from 1 to ${MOST}`);
  }
  threads = count;
}

/**
 * Threads that computations of this thread can use: as many as the machine has cores. It is 1 where threads are not to
 * be had: on a browser's page itself, and in its workers where the page is not cross-origin isolated (docs/browser.md).
 * A browser whose Content-Security-Policy forbids workers made from text says so only when the event loop has had its turn:
 * until then it is still the number of cores, afterwards 1.
 */
export function availableThreads(): number {
  // Node 20 has no navigator.
  const cores =
    typeof navigator === "object"
      ? navigator.hardwareConcurrency
      : process.getBuiltinModule("node:os").availableParallelism();
  return cores > 1 && helpers(1).length > 0 ? Math.min(cores, MOST) : 1;
}
