// What this thread has made and compiled so far: what tests ask, so that nothing is compiled twice where once will do, and nothing grows
// unseen.

export interface Counts {
  /** Programs made. */
  programs: number;
  /** Programs that were planned and compiled; others found their like. */
  compiled: number;
  /** Bytes of WebAssembly. */
  moduleBytes: number;
}

const counts: Counts = { programs: 0, compiled: 0, moduleBytes: 0 };

/** A copy of the counts. */
export const madeSoFar = (): Readonly<Counts> => ({ ...counts });

/** Programs made so far. */
export const programsMade = (): number => counts.programs;

export function countProgram(): void {
  counts.programs++;
}

export function countCompiled(bytes: number): void {
  counts.compiled++;
  counts.moduleBytes += bytes;
}
