// How far a synthesis is: one line that is drawn again and again on a terminal, a new line every few seconds elsewhere.

import { clearLine, cursorTo } from "node:readline";
import type { TextStream } from "./terminal.ts";

/** Milliseconds from one drawing to the next. */
const REDRAW = 100;
const NEXT_LINE = 5000;

export class Progress {
  readonly #stream: TextStream;
  readonly #total: number;
  readonly #now: () => number;
  readonly #onTerminal: boolean;
  #first: { readonly time: number; readonly iteration: number } | undefined;
  #drawn = Number.NEGATIVE_INFINITY;
  #isLineOpen = false;
  #done = 0;

  /**
   * @param total iterations at most
   * @param now milliseconds on a clock that never goes back
   */
  constructor(stream: TextStream, total: number, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#total = total;
    this.#now = now;
    this.#onTerminal = stream.isTTY === true;
  }

  /** Iterations done. */
  get done(): number {
    return this.#done;
  }

  /** Tells that `iteration` iterations are done, and the loss before the last of them. */
  update(iteration: number, loss: number): void {
    this.#done = iteration;
    const time = this.#now();
    // Speed counts from the first report on, so that what precedes the first step does not slow it.
    this.#first ??= { time, iteration };
    const pause = this.#onTerminal ? REDRAW : NEXT_LINE;
    if (time - this.#drawn < pause && iteration < this.#total) return;
    this.#drawn = time;
    const line = this.#line(iteration, loss, time);
    if (!this.#onTerminal) {
      this.#stream.write(`${line}\n`);
      return;
    }
    this.clear();
    this.#stream.write(line.slice(0, (this.#stream.columns || 80) - 1));
    this.#isLineOpen = true;
  }

  /** Takes the line off the terminal, so that something else can be printed. */
  clear(): void {
    if (!this.#isLineOpen) return;
    cursorTo(this.#stream, 0);
    clearLine(this.#stream, 0);
    this.#isLineOpen = false;
  }

  #line(iteration: number, loss: number, time: number): string {
    const width = String(this.#total).length;
    const facts = [`iteration ${String(iteration).padStart(width)} of ${this.#total}`, `loss ${loss.toExponential(3)}`];
    const { time: start, iteration: done } = this.#first!;
    if (time > start && iteration > done) {
      const perSecond = (1000 * (iteration - done)) / (time - start);
      facts.push(`${perSecond.toPrecision(3)} iterations/s`);
      facts.push(`${duration((this.#total - iteration) / perSecond)} left`);
    }
    return facts.join("   ");
  }
}

/** A time in words: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
