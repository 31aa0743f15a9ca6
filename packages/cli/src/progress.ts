// How far a synthesis is: one line that is drawn again and again on a terminal, a new line every few seconds elsewhere.

import { clearLine, cursorTo } from "node:readline";
import { canRedraw, type TextStream } from "./terminal.ts";

/** Milliseconds from one drawing to the next. */
const REDRAW = 100;
const NEXT_LINE = 5000;

export interface ProgressWords {
  /**
   * What one step is called: `iteration`. null where steps are percents of work that may end early: then nothing is said of
   * speed and of the time that is left.
   */
  readonly unit: string | null;
  /** What the number is that is told with each: `loss`. */
  readonly measure: string;
  /** Of several works, which one it is: `seed 3 (4 of 8)`. */
  readonly whose?: string;
}

export class Progress {
  readonly #stream: TextStream;
  readonly #total: number;
  readonly #now: () => number;
  readonly #words: ProgressWords;
  readonly #onTerminal: boolean;
  #first: { readonly time: number; readonly iteration: number } | undefined;
  #drawn = Number.NEGATIVE_INFINITY;
  #isLineOpen = false;
  #done = 0;
  #stage: string | undefined;
  /** Whether it was told that all steps are done. */
  #isFull = false;

  /**
   * @param total steps at most
   * @param now milliseconds on a clock that never goes back
   */
  constructor(
    stream: TextStream,
    total: number,
    now: () => number = () => performance.now(),
    words: ProgressWords = { unit: "iteration", measure: "loss" },
  ) {
    this.#stream = stream;
    this.#total = total;
    this.#now = now;
    this.#words = words;
    this.#onTerminal = canRedraw(stream);
  }

  /**
   * Tells that `iteration` steps are done, the number before the last of them, if there is one, and the stage of the work, where it
   * has some.
   */
  update(iteration: number, value: number | null, stage?: string): void {
    this.#done = iteration;
    const time = this.#now();
    // Speed counts from the first report on, so that what precedes the first step does not slow it.
    this.#first ??= { time, iteration };
    const pause = this.#onTerminal ? REDRAW : NEXT_LINE;
    const isNews = stage !== this.#stage || (iteration >= this.#total && !this.#isFull);
    this.#stage = stage;
    if (time - this.#drawn < pause && !isNews) return;
    this.#isFull = iteration >= this.#total;
    this.#drawn = time;
    const line = this.#line(iteration, value, time);
    if (!this.#onTerminal) {
      this.#stream.write(`${line}\n`);
      return;
    }
    this.clear();
    this.#stream.write(line.slice(0, (this.#stream.columns || 80) - 1));
    this.#isLineOpen = true;
  }

  /** How far it came, in words: `after 3 of 600 iterations`. */
  get reached(): string {
    const { unit, whose } = this.#words;
    const reached =
      unit === null
        ? `at ${percents(this.#done, this.#total).trim()}`
        : `after ${this.#done} of ${this.#total} ${unit}s`;
    return whose === undefined ? reached : `${reached} of ${whose}`;
  }

  /** Takes the line off the terminal, so that something else can be printed. */
  clear(): void {
    if (!this.#isLineOpen) return;
    cursorTo(this.#stream, 0);
    clearLine(this.#stream, 0);
    this.#isLineOpen = false;
  }

  #line(iteration: number, value: number | null, time: number): string {
    const width = String(this.#total).length;
    const { unit, whose } = this.#words;
    const facts = [
      ...(whose === undefined ? [] : [whose]),
      unit === null
        ? percents(iteration, this.#total)
        : `${unit} ${String(iteration).padStart(width)} of ${this.#total}`,
      ...(this.#stage === undefined ? [] : [this.#stage]),
      ...(value === null ? [] : [`${this.#words.measure} ${value.toExponential(3)}`]),
    ];
    const { time: start, iteration: done } = this.#first!;
    if (unit !== null && time > start && iteration > done) {
      const perSecond = (1000 * (iteration - done)) / (time - start);
      facts.push(`${perSecond.toPrecision(3)} ${unit}s/s`);
      facts.push(`${duration((this.#total - iteration) / perSecond)} left`);
    }
    return facts.join("   ");
  }
}

const percents = (done: number, total: number): string => `${String(Math.floor((100 * done) / total)).padStart(3)} %`;

/** A time in words: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
