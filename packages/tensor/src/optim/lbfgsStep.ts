// One step of L-BFGS, steered by numbers: the two-loop recursion and the line search call the arrays' work, which a
// `LbfgsSpace` does. The order of operations is that of torch.optim.LBFGS.
// J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980.

import { HostArithmetic, type HostScalar, host } from "./hostScalar.ts";
import { strongWolfe, type Trial } from "./lineSearch.ts";
import type { LbfgsSettings } from "./optimizer.ts";

/** What evaluating the objective at a point gives. The gradient itself stays in the space, in a numbered slot. */
export interface Evaluation {
  readonly loss: number;
  /** Largest component of the gradient, without its sign. */
  readonly largest: number;
  /** Product of the gradient with the present direction. */
  readonly slope: number;
  readonly gradient: number;
}

/** A direction's product with the gradient, and its largest component without sign. */
export interface Direction {
  readonly slope: number;
  readonly largest: number;
  /** Of the steepest descent: the sum of the components of the gradient without their signs. */
  readonly sum?: number;
}

/** Gradients that are kept at once: of the start, of both ends of a bracket, and of a trial. */
export const GRADIENT_SLOTS = 4;

/**
 * The arrays of L-BFGS: the point x, the direction d, gradients g, and the pairs: changes of the gradient y and of the point s.
 * Every number that it gives has the arrays' dtype; numbers that it is given are rounded to it.
 */
export interface LbfgsSpace<E extends Evaluation> {
  /** Whether the arrays are float32; else they are float64. */
  readonly single: boolean;
  /** The objective at x, its gradient into slot `gradient`. `known` is what it is known to be, and may be given back. */
  evaluate(gradient: number, known: E | null): E;
  /** The objective at x + t d, its gradient into slot `gradient`. */
  evaluateAhead(t: number, gradient: number): E;
  /** x := x + t d */
  move(t: number): void;
  /** d := -g, with `sum`. */
  steepest(gradient: number): Required<Direction>;
  /** y := g - g', s := t d in slot `pair`; gives y s and y y. */
  remember(gradient: number, before: number, t: number, pair: number): { readonly ys: number; readonly yy: number };
  /** d := (-g) h, where no pair is kept. */
  scaled(gradient: number, h: number): Direction;
  /** d := -g; gives s d for the pair `next`. */
  first(gradient: number, next: number): number;
  /** d := d + a y of the pair; gives s d for the pair `next`. */
  down(pair: number, a: number, next: number): number;
  /** d := (d + a y) h of the pair; gives y d for the same pair. */
  turn(pair: number, a: number, h: number): number;
  /** d := d + a s of the pair; gives y d for the pair `next`. */
  up(pair: number, a: number, next: number): number;
  /** d := d + a s of the pair, the last one. */
  last(pair: number, a: number, gradient: number): Direction;
}

interface Pair {
  readonly slot: number;
  /** 1 / (y s) */
  readonly ro: HostScalar;
}

/** What a step leaves for the next one. */
export interface LbfgsMemory<E extends Evaluation> {
  /** Inner iterations and evaluations of all steps. */
  iterations: number;
  evaluations: number;
  t: HostScalar;
  h: HostScalar;
  /** Oldest first. */
  pairs: readonly Pair[];
  /** Slot of the gradient at the start of the last inner iteration, and the objective there. */
  gradientBefore: number;
  lossBefore: number;
  /** The objective at the present point, where it is known. */
  known: E | null;
}

export function freshMemory<E extends Evaluation>(): LbfgsMemory<E> {
  return {
    iterations: 0,
    evaluations: 0,
    t: host(0),
    h: host(1),
    pairs: [],
    gradientBefore: -1,
    lossBefore: Number.NaN,
    known: null,
  };
}

export type LbfgsStop =
  | "gradient small at the start"
  | "directional derivative"
  | "maxIter"
  | "maxEval"
  | "gradient"
  | "step"
  | "loss";

export interface LbfgsResult<E> {
  /** The objective before the step. */
  readonly first: E;
  readonly stop: LbfgsStop;
}

/** The lowest slot that nobody uses. */
function freeSlot(used: readonly number[]): number {
  let slot = 0;
  while (used.includes(slot)) slot++;
  return slot;
}

/** Does a step. Yields before every evaluation but the first, so that others can have their turn. */
export function* lbfgsStep<E extends Evaluation>(
  space: LbfgsSpace<E>,
  memory: LbfgsMemory<E>,
  settings: LbfgsSettings,
  lr: number,
): Generator<void, LbfgsResult<E>> {
  const { maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = settings;
  const num = new HostArithmetic(space.single);
  const isSmall = (e: E): boolean => num.atMost(num.ofArray(e.largest), host(toleranceGrad));

  const { known } = memory;
  const first = space.evaluate(known?.gradient ?? freeSlot([memory.gradientBefore]), known);
  let here = first;
  memory.known = here;
  memory.evaluations++;
  let evaluations = 1;
  if (isSmall(here)) return { first, stop: "gradient small at the start" };

  for (let k = 1; k <= maxIter; k++) {
    memory.iterations++;
    const veryFirst = memory.iterations === 1;
    const direction = veryFirst ? steepest(space, memory, here) : quasiNewton(space, num, memory, here, settings);
    memory.gradientBefore = here.gradient;
    memory.lossBefore = here.loss;
    memory.t = host(lr);
    if (direction.sum !== undefined) {
      // The very first trial is not longer than 1 in the sum of its components.
      const inverse = num.div(host(1), num.ofArray(direction.sum));
      memory.t = num.mul(num.less(inverse, host(1)) ? inverse : host(1), host(lr));
    }
    if (direction.slope > -toleranceChange) return { first, stop: "directional derivative" };

    const largest = num.ofArray(direction.largest);
    const start: Trial<E> = { t: host(0), loss: here.loss, slope: num.ofArray(direction.slope), evaluation: here };
    let optimal = false;
    if (lineSearchFn === "strong_wolfe") {
      const evaluate = (t: HostScalar, kept: readonly E[]): Trial<E> => {
        const evaluation = space.evaluateAhead(t.value, freeSlot(kept.map((e) => e.gradient)));
        return { t, loss: evaluation.loss, slope: num.ofArray(evaluation.slope), evaluation };
      };
      const budget = maxEval - evaluations;
      const problem = { arithmetic: num, evaluate, start, t: memory.t, largest, toleranceChange, budget };
      yield;
      const found = yield* strongWolfe(problem);
      here = found.accepted.evaluation;
      memory.t = found.accepted.t;
      space.move(memory.t.value);
      // A step of length 0 may still change the sign of a zero.
      memory.known = memory.t.value === 0 ? null : here;
      memory.evaluations += found.evaluations;
      evaluations += found.evaluations;
      optimal = isSmall(here);
    } else {
      space.move(memory.t.value);
      memory.known = null;
      if (k !== maxIter) {
        yield;
        here = space.evaluate(freeSlot([memory.gradientBefore]), null);
        memory.known = here;
        memory.evaluations++;
        evaluations++;
        optimal = isSmall(here);
      }
    }

    if (k === maxIter) return { first, stop: "maxIter" };
    if (evaluations >= maxEval) return { first, stop: "maxEval" };
    if (optimal) return { first, stop: "gradient" };
    if (num.atMost(num.mul(largest, num.abs(memory.t)), host(toleranceChange))) return { first, stop: "step" };
    if (Math.abs(here.loss - memory.lossBefore) < toleranceChange) return { first, stop: "loss" };
  }
  return { first, stop: "maxIter" };
}

function steepest<E extends Evaluation>(space: LbfgsSpace<E>, memory: LbfgsMemory<E>, here: E): Direction {
  memory.pairs = [];
  memory.h = host(1);
  return space.steepest(here.gradient);
}

/** The two-loop recursion, after the newest pair is remembered. */
function quasiNewton<E extends Evaluation>(
  space: LbfgsSpace<E>,
  num: HostArithmetic,
  memory: LbfgsMemory<E>,
  here: E,
  { historySize }: LbfgsSettings,
): Direction {
  const slot = freeSlot(memory.pairs.map((pair) => pair.slot));
  const { ys, yy } = space.remember(here.gradient, memory.gradientBefore, memory.t.value, slot);
  const curvature = num.ofArray(ys);
  if (num.less(host(1e-10), curvature)) {
    const kept = memory.pairs.length === historySize ? memory.pairs.slice(1) : memory.pairs;
    memory.pairs = [...kept, { slot, ro: num.div(host(1), curvature) }];
    memory.h = num.div(curvature, num.ofArray(yy));
  }
  const { pairs, h } = memory;
  const n = pairs.length;
  if (n === 0) return space.scaled(here.gradient, h.value);
  const weights = new Array<HostScalar>(n);
  let product = space.first(here.gradient, pairs[n - 1].slot);
  for (let i = n - 1; i >= 0; i--) {
    weights[i] = num.mul(num.ofArray(product), pairs[i].ro);
    const minus = -weights[i].value;
    product = i > 0 ? space.down(pairs[i].slot, minus, pairs[i - 1].slot) : space.turn(pairs[0].slot, minus, h.value);
  }
  for (let i = 0; i < n - 1; i++) {
    const back = num.mul(num.ofArray(product), pairs[i].ro);
    product = space.up(pairs[i].slot, num.sub(weights[i], back).value, pairs[i + 1].slot);
  }
  const back = num.mul(num.ofArray(product), pairs[n - 1].ro);
  return space.last(pairs[n - 1].slot, num.sub(weights[n - 1], back).value, here.gradient);
}
