// What this thread has made and compiled so far: what tests ask, so that nothing is compiled twice where once will do, and nothing grows
// unseen.

import type { EntryPlan } from "./plan.ts";

interface Counts {
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

export function countProgram(): void {
  counts.programs++;
}

export function countCompiled(compiled: Compiled): void {
  counts.compiled++;
  counts.moduleBytes += compiled.moduleBytes;
  watcher?.(compiled);
}

/** A program that was compiled: its entries as planned, and its bytes. */
export interface Compiled {
  readonly plans: readonly EntryPlan[];
  readonly moduleBytes: number;
  /** Of WebAssembly memory. */
  readonly memoryBytes: number;
}

let watcher: ((compiled: Compiled) => void) | undefined;

/** For tests: is told of every program that is compiled from now on. Without one: nobody is. */
export function watchCompilations(watch?: (compiled: Compiled) => void): void {
  watcher = watch;
}
