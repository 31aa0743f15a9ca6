// How many threads programs compute with. Results do not depend on it.

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
  if (!Number.isInteger(count) || count < 1 || count > 64) {
    throw new RangeError(`setThreads: got ${String(count)}; it must be an integer from 1 to 64`);
  }
  threads = count;
}
