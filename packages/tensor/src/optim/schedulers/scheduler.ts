// What a scheduler is: a description of how the learning rate changes from iteration to iteration, and with some the momentum.
// Its state is plain data, so it can be stored. The rules of all are those of torch.optim.lr_scheduler.

import { describe } from "../checks.ts";

/** The learning rate of the next iteration, and what else a scheduler remembers: `iterations` so far, for one. */
export interface SchedulerState {
  readonly lr: number;
  readonly [name: string]: number;
}

export interface Scheduler {
  readonly name: string;
  /** All options with their values, for recipes. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether it looks at the loss. */
  readonly takesLoss: boolean;
  /** Whether it moves the momentum too: its states then have a `momentum`. */
  readonly movesMomentum: boolean;
  /** The state before the first iteration, of an optimizer that was made with this learning rate. */
  start(lr: number): SchedulerState;
  /** The state after an iteration, whose loss (before its step) was `loss`. */
  next(state: SchedulerState, loss: number): SchedulerState;
  toString(): string;
}

interface Rules {
  readonly takesLoss?: boolean;
  readonly movesMomentum?: boolean;
  /** What it remembers beside the count, before the first iteration. */
  start(lr: number): Readonly<Record<string, number>> & { readonly lr: number };
  /** What changes in an iteration; `state` counts it already. */
  next(state: SchedulerState, loss: number): Readonly<Record<string, number>>;
}

/** A scheduler of this name with these options and rules. It counts the iterations. */
export function scheduler(name: string, options: Readonly<Record<string, unknown>>, rules: Rules): Scheduler {
  const all = Object.freeze({ ...options });
  const { takesLoss = false, movesMomentum = false } = rules;
  return Object.freeze({
    name,
    options: all,
    takesLoss,
    movesMomentum,
    start: (lr) => ({ ...rules.start(lr), iterations: 0 }),
    next(state, loss) {
      const counted = { ...state, iterations: state.iterations + 1 };
      return { ...counted, ...rules.next(counted, loss) };
    },
    toString: () => describe(name, all),
  } satisfies Scheduler);
}
