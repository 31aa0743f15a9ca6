// When a checkpoint is written. Nothing of it decides any bit of a result, so it may look at the clock.

import type { Every } from "./checkpointOptions.ts";

/** The largest part of a run's time that checkpoints take, where nothing else is said. */
const SHARE = 0.05;
/** Seconds from one to the next at least: what is lost by a crash is not worth more. */
const LEAST_PAUSE = 10;
/** What writing is taken to cost before it was done: seconds, and bytes a second, as of a machine that has much else to do. */
const GUESS = { seconds: 0.02, rate: 30e6 };

const guessed = (bytes: number): number => GUESS.seconds + bytes / GUESS.rate;

export class CheckpointTimes {
  readonly #every: Every;
  readonly #now: () => number;
  readonly #begun: number;
  #lastIteration: number;
  #lastTime: number;
  #spent = 0;
  /** How much more it costs than was guessed. */
  #factor = 1;

  /**
   * @param begins the iterations that are done at the beginning
   * @param now seconds on a clock that never goes back
   */
  constructor(every: Every, begins: number, now: () => number = () => performance.now() / 1000) {
    this.#every = every;
    this.#now = now;
    this.#begun = now();
    this.#lastTime = this.#begun;
    this.#lastIteration = begins;
  }

  /** Whether it is time, when so many iterations are done. `bytes` tells about how large the file will be. */
  isDue(iterations: number, bytes: () => number): boolean {
    const every = this.#every;
    if (iterations === this.#lastIteration) return false;
    if (every !== null && "steps" in every) return iterations % every.steps === 0;
    const now = this.#now();
    const pause = now - this.#lastTime;
    if (every !== null) return pause >= every.seconds;
    if (pause < LEAST_PAUSE) return false;
    // This one and the last one of the run.
    const cost = this.#factor * guessed(bytes());
    return this.#spent + 2 * cost <= SHARE * (now - this.#begun);
  }

  /** It was written, or tried to. */
  written(iterations: number, seconds: number, bytes: number): void {
    this.#lastIteration = iterations;
    this.#lastTime = this.#now();
    this.#spent += seconds;
    this.#factor = seconds / guessed(bytes);
  }
}
