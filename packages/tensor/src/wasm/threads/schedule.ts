// What is to be done by a program's threads, as plain data. How it is done is in threads.ts.

export interface Phase {
  /** The first of its pieces, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** Whether helpers may take part; else the calling thread does its pieces in order. */
  readonly shared: boolean;
  /** Whether helpers that sleep are worth waking for it. */
  readonly wakes: boolean;
}

/** What is to be done, as plain data. */
export interface Schedule {
  /** Names of the exported functions `(scratch, begin, end) -> ()`. */
  readonly functions: readonly string[];
  /** For every piece three numbers: its function, its first unit, and the unit after its last. */
  readonly pieces: Int32Array<ArrayBuffer>;
  readonly entries: readonly (readonly Phase[])[];
}

/** Most pieces of a phase: a range's word has 15 bits for each end. */
export const MOST_PIECES = 0x7fff;
