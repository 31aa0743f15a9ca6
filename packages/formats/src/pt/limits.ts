// How much a .pt file may ask for. A file says how big things are before they are there, and may lie.

import { FileError } from "../errors.ts";

export interface PtLimits {
  /** Entries of the archive. */
  readonly maxEntries: number;
  /** Instructions of one pickle. */
  readonly maxInstructions: number;
  /** How deep lists, dicts and so on may lie in each other. */
  readonly maxNesting: number;
  /** Bytes that the values of the file may take in memory, about, beside the file itself. */
  readonly maxMemory: number;
}

/** Enough for every honest file. Memory grows with the file, so that no small one can ask for much. */
export function defaultLimits(fileBytes: number): PtLimits {
  return {
    maxEntries: 1_000_000,
    maxInstructions: 50_000_000,
    maxNesting: 1000,
    maxMemory: 64 * 1024 * 1024 + 4 * fileBytes,
  };
}

/** What reading one file may still use. */
export class Budget {
  readonly limits: PtLimits;
  readonly #name: string;
  #memory: number;

  constructor(limits: PtLimits, name: string) {
    this.limits = limits;
    this.#name = name;
    this.#memory = limits.maxMemory;
  }

  /** Takes some bytes of memory, before they are allocated. */
  spend(bytes: number): void {
    this.#memory -= bytes;
    if (this.#memory < 0) {
      const problem = `its values would take more than ${this.limits.maxMemory} bytes of memory`;
      throw new FileError("too-big", this.#name, `${problem}; raise the limit maxMemory if you trust it`);
    }
  }
}
