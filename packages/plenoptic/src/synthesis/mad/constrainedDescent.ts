// Constrained MAD competition: the optimized metric is made small or large while the reference metric stays exactly as it is.
// Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition: a methodology for comparing computational models
// of perceptual quantities", Journal of Vision 8(12), 2008.
//
// As there, a step goes along the surface of equal reference metric and is brought back to it. Unlike there, its direction knows of
// curvature (surfaceDirection.ts), pixels stay in their range, and a step counts only if it improves the metric.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { significant } from "../../significant.ts";
import { PresentImage } from "../frame/presentImage.ts";
import { bringBack } from "./bringBack.ts";
import type {
  ConstrainedEnding,
  ConstrainedProblem,
  ConstrainedSnapshot,
  ConstrainedStep,
  ConstrainedTerms,
} from "./constrained.ts";
import { findMultiplier } from "./multiplier.ts";
import { type Norms, Surface } from "./surface.ts";
import { curvedDirection, LEAST_CURVATURE } from "./surfaceDirection.ts";

/** Pairs that L-BFGS remembers. */
export const MEMORY = 10;
/** Length of the first step, as a part of the norm of the image. */
const FIRST_CHANGE = 0.01;
/** A step begins at most this much longer than the last one was. */
const GROWTH = 2;
/** Of what the gradient promises, the least part that a step must gain (Armijo). */
const LEAST_GAIN = 1e-4;
/** A step twice as long must gain this many times as much. */
const WORTHWHILE = 1.25;
const MAX_TRIES = 60;
const MAX_DOUBLINGS = 12;

/** What depends on the precision of the image. */
const PRECISION = {
  float32: { aim: 2.5e-7, accept: 1e-6, multiplier: 1e-6, stationary: 1e-4, negligible: 1e-6, least: 1e-6 },
  float64: { aim: 1e-11, accept: 1e-9, multiplier: 1e-14, stationary: 1e-6, negligible: 1e-9, least: 1e-14 },
};

interface Trial {
  readonly t: number;
  readonly loss: number;
  readonly slope: number;
}

export class ConstrainedDescent {
  readonly #surface: Surface;
  readonly #precision: (typeof PRECISION)[FloatDType];
  readonly #target: number;
  readonly #firstGradient: number;
  #here: ConstrainedTerms & { readonly gradientNorm: number };
  readonly #image = new PresentImage(() => this.#surface.image());
  #multiplier: number;
  #norms: Norms;
  #lastChange = 0;
  #hasLearned = false;
  /** Slots of the pairs, oldest first. */
  #slots: number[] = [];
  /** Trials of the present step, and those of them that could not be brought back. */
  #tries = 0;
  #lost = 0;

  /**
   * @param start an image in the allowed range
   * @param snapshot what was remembered at this image; null: nothing yet, and the reference metric of `start` is the one held
   * @throws RangeError where the metrics or their gradients are not finite, or the reference metric is 0
   */
  constructor(start: Tensor<FloatDType>, problem: ConstrainedProblem, snapshot: ConstrainedSnapshot | null) {
    this.#surface = new Surface(start, problem, MEMORY);
    this.#precision = PRECISION[start.dtype];
    const here = this.#surface.move();
    if (here === null) {
      throw new RangeError(
        "constrained MAD competition: a metric or its gradient is not finite at the starting image; start from another " +
          "one, or take a metric that is finite there",
      );
    }
    this.#here = here;
    this.#target = snapshot?.target ?? here.referenceMetric;
    if (this.#target === 0) {
      throw new RangeError(
        "constrained MAD competition: the reference metric of the starting image is 0; it must be another number to be kept " +
          "to a part of it. Start farther from the image (initialNoise), or use metricTradeoffLambda",
      );
    }
    this.#firstGradient = snapshot?.firstGradient ?? here.gradientNorm;
    this.#multiplier = snapshot?.multiplier ?? this.#findMultiplier(0);
    this.#norms = this.#surface.flatten(this.#multiplier);
    if (snapshot === null) return;
    this.#lastChange = snapshot.lastChange;
    for (const pair of snapshot.pairs) {
      this.#surface.writePair(this.#slots.length, pair);
      this.#slots.push(this.#slots.length);
    }
    if (snapshot.squares !== null) {
      this.#surface.writeSquares(snapshot.squares);
      this.#hasLearned = true;
    }
  }

  /** What is remembered, to be read before the next step. */
  snapshot(): ConstrainedSnapshot {
    const surface = this.#surface;
    const squares: ConstrainedSnapshot["squares"] = {
      get s() {
        return surface.readSquare("s");
      },
      get y() {
        return surface.readSquare("y");
      },
    };
    return {
      kind: "constrained",
      target: this.#target,
      firstGradient: this.#firstGradient,
      multiplier: this.#multiplier,
      lastChange: this.#lastChange,
      pairs: this.#slots.map((slot) => ({
        get s() {
          return surface.readHalf(slot, "s");
        },
        get y() {
          return surface.readHalf(slot, "y");
        },
      })),
      squares: this.#hasLearned ? squares : null,
    };
  }

  /** The present image; while a step runs, the one before it. */
  get image(): Tensor<FloatDType> {
    return this.#image.get();
  }

  /** The terms of that image. */
  get terms(): ConstrainedTerms {
    const { loss, penalty, optimizedMetric, referenceMetric } = this.#here;
    return { loss, penalty, optimizedMetric, referenceMetric };
  }

  /**
   * One step. Yields where others may have their turn, at first before it begins; where it is ended there by `return`, everything is
   * as if it had not begun. Where the descent has come to its end, the image stays, and the step says why.
   */
  *step(): Generator<void, ConstrainedStep> {
    const slots = this.#slots;
    let isWhole = false;
    try {
      const made = yield* this.#step();
      isWhole = true;
      return made;
    } finally {
      // Until it moves, a step writes only to what every step makes anew.
      if (!isWhole) this.#slots = slots;
    }
  }

  *#step(): Generator<void, ConstrainedStep> {
    yield;
    const before = { ...this.terms, gradientNorm: this.#projectedGradient };
    const stay = (stop: ConstrainedEnding): ConstrainedStep => ({ ...before, pixelChangeNorm: 0, stepLength: 0, stop });
    if (this.#isStationary()) return stay(this.#stationary());
    this.#tries = 0;
    this.#lost = 0;
    let t: number | null = null;
    const { norm, cc, nn } = this.#norms;
    const qq = curvedDirection(this.#surface, this.#slots, nn, cc);
    if (qq !== null) t = yield* this.#search(Math.sqrt(qq), true);
    if (t === null) {
      // What was remembered misled: it is forgotten.
      if (qq !== null) this.#slots = [];
      this.#surface.steepest();
      t = yield* this.#search(norm, false);
    }
    if (t === null) return stay(this.#blocked());
    const pixelChangeNorm = this.#arrive();
    return { ...before, pixelChangeNorm, stepLength: t, stop: null };
  }

  get #projectedGradient(): number {
    return this.#norms.norm;
  }

  #isStationary(): boolean {
    const { stationary, negligible } = this.#precision;
    const least = Math.max(stationary * this.#here.gradientNorm, negligible * this.#firstGradient);
    return this.#projectedGradient <= least;
  }

  #stationary(): ConstrainedEnding {
    const projectedGradient = this.#projectedGradient;
    const text =
      "no direction that keeps the reference metric and the range improves the optimized metric: along them its gradient is " +
      `${significant(projectedGradient)}, of ${significant(this.#here.gradientNorm)} in all`;
    return { reason: "stationary", text, projectedGradient };
  }

  #blocked(): ConstrainedEnding {
    const projectedGradient = this.#projectedGradient;
    const number = `along surface and range its gradient is ${significant(projectedGradient)}`;
    const text =
      this.#lost === this.#tries
        ? `none of ${this.#tries} trial steps could be brought back to the value of the reference metric; ${number}`
        : "no step along the surface, however short, improves the optimized metric by more than rounding: it is at its best, or " +
          `at a kink of a metric; ${number}`;
    return { reason: "blocked", text, projectedGradient };
  }

  #findMultiplier(start: number): number {
    return findMultiplier((m) => this.#surface.held(m), this.#precision.multiplier, start);
  }

  /**
   * Searches along the direction, whose norm is `length`, and moves.
   *
   * @param isCurved whether the length of the direction means something
   * @returns how far it went; null where no step improves
   */
  *#search(length: number, isCurved: boolean): Generator<void, number | null> {
    const { xx } = this.#norms;
    const size = xx > 0 ? Math.sqrt(xx) : 1;
    const first = FIRST_CHANGE * size;
    const longest = this.#lastChange > 0 ? GROWTH * this.#lastChange : first;
    const natural = isCurved ? Math.min(1, longest / length) : Math.max(longest, first) / length;
    const least = (this.#precision.least * size) / length;
    let t = natural;
    let mayGrow = !isCurved || natural < 1;
    for (let tries = 0; tries < MAX_TRIES && t >= least; tries++) {
      const trial = yield* this.#try(t);
      if (trial !== null && this.#improves(trial)) {
        this.#surface.keep();
        const went = mayGrow ? yield* this.#grow(trial) : t;
        const here = this.#surface.move();
        if (here !== null) {
          this.#here = here;
          return went;
        }
        t = went;
      }
      mayGrow = false;
      t /= 2;
    }
    return null;
  }

  /** Doubles a step while that pays. How far it went. */
  *#grow(first: Trial): Generator<void, number> {
    let best = first;
    for (let i = 0; i < MAX_DOUBLINGS; i++) {
      const longer: Trial | null = yield* this.#try(2 * best.t);
      const { loss } = this.#here;
      if (longer === null || !(loss - longer.loss > WORTHWHILE * (loss - best.loss))) break;
      this.#surface.keep();
      best = longer;
    }
    return best.t;
  }

  #improves({ loss, slope }: Trial): boolean {
    return loss < this.#here.loss && loss <= this.#here.loss + LEAST_GAIN * Math.min(0, slope);
  }

  /** Goes a step along the direction and brings it back; null where that fails. */
  *#try(t: number): Generator<void, Trial | null> {
    yield;
    this.#tries++;
    const surface = this.#surface;
    const size = Math.abs(this.#target);
    const isBack = yield* bringBack(surface.ahead(t), (distance) => surface.back(distance), {
      target: this.#target,
      aim: this.#precision.aim * size,
      accept: this.#precision.accept * size,
      slope: this.#norms.nn,
    });
    if (!isBack) {
      this.#lost++;
      return null;
    }
    const { loss, slope } = surface.judge();
    return Number.isFinite(loss) ? { t, loss, slope } : null;
  }

  /** After a move: the way down from here, and what the move teaches. The norm of the change. */
  #arrive(): number {
    const surface = this.#surface;
    this.#image.change();
    this.#multiplier = this.#findMultiplier(this.#multiplier);
    const slot = this.#slots.length < MEMORY ? this.#unusedSlot() : (this.#slots.shift() as number);
    const { norm, ss, sy, yy } = surface.remember(slot, this.#multiplier);
    this.#slots.push(slot);
    if (sy > LEAST_CURVATURE * Math.sqrt(ss * yy)) {
      surface.learn(ss);
      this.#hasLearned = true;
    }
    this.#norms = surface.flatten(this.#multiplier);
    this.#lastChange = norm;
    return norm;
  }

  #unusedSlot(): number {
    let slot = 0;
    while (this.#slots.includes(slot)) slot++;
    return slot;
  }
}
