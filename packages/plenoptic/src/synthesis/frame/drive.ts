// What moves the image: the descent, and the learning rate, which a scheduler may change after every iteration.

import type { optim } from "@plenoptic-js/tensor";
import type { SchedulerState } from "@plenoptic-js/tensor/engine";
import type { Descent, OptimizerDescent, Pace } from "./descent.ts";

/** Where a run that goes on stands. */
export interface Going {
  readonly schedule: SchedulerState;
  readonly initialLr: number;
}

/** What a synthesis runs: a descent with its learning rate. */
export interface Driven {
  readonly descent: Descent;
  /** null for a descent of its own kind. */
  readonly optimizer: optim.Optimizer | null;
  readonly scheduler: optim.Scheduler | null;
  /** The pace of the next iteration; the learning rate may become the first one of all again. */
  pace(restartsRate: boolean): Pace;
  /** An iteration at `lr` is done, whose loss was `loss`. */
  advance(lr: number, loss: number): void;
}

/** A descent by an optimizer, with a scheduler or without. */
export class Drive implements Driven {
  readonly descent: OptimizerDescent;
  readonly scheduler: optim.Scheduler | null;
  /** The learning rate the optimizer was made with. */
  readonly initialLr: number;
  #schedule: SchedulerState;

  /** @param going where a run that goes on stands */
  constructor(descent: OptimizerDescent, scheduler: optim.Scheduler | null, going?: Going) {
    this.descent = descent;
    this.scheduler = scheduler;
    const { lr } = descent.optimizer;
    this.#schedule = going?.schedule ?? scheduler?.start(lr) ?? { lr };
    this.initialLr = going?.initialLr ?? lr;
  }

  get schedule(): SchedulerState {
    return this.#schedule;
  }

  get optimizer(): optim.Optimizer {
    return this.descent.optimizer;
  }

  pace(restartsRate: boolean): Pace {
    return restartsRate ? { ...this.#schedule, lr: this.initialLr } : this.#schedule;
  }

  advance(lr: number, loss: number): void {
    const present = { ...this.#schedule, lr };
    this.#schedule = this.scheduler === null ? present : this.scheduler.next(present, loss);
  }
}
