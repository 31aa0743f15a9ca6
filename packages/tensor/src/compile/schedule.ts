// A schedule: the kernel calls of one entry, bound to addresses. Steps run in order; the units of a step in any order.

export interface BoundStep {
  readonly name: string;
  readonly units: number;
  /** Rough nanoseconds per unit; decides only how units are cut among threads. */
  readonly unitCost: number;
  readonly call: (scratch: number, begin: number, end: number) => void;
}

export interface Schedule {
  readonly steps: readonly BoundStep[];
  /** Address of the calling thread's scratch. */
  readonly scratch: number;
}

/** Runs all steps on this thread. */
export function runSteps({ steps, scratch }: Schedule): void {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i];
    step.call(scratch, 0, step.units);
  }
}
