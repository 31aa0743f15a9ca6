// A step length that meets the strong Wolfe conditions, by bracketing and zooming with cubic interpolation, exactly as
// torch.optim.LBFGS searches. J. Nocedal and S. J. Wright, "Numerical
// optimization", 2006, algorithms 3.5 and 3.6.

import { type HostArithmetic, type HostScalar, host } from "./hostScalar.ts";

/** The objective and its slope along the direction, at one step length. */
export interface Trial<E> {
  readonly t: HostScalar;
  readonly loss: number;
  readonly slope: HostScalar;
  readonly evaluation: E;
}

/** What a trial needs: the search's number of evaluations, its start, and the length of the direction. */
export interface SearchProblem<E> {
  readonly arithmetic: HostArithmetic;
  readonly evaluate: (t: HostScalar, kept: readonly E[]) => Trial<E>;
  /** t = 0. */
  readonly start: Trial<E>;
  /** First step length to try. */
  readonly t: HostScalar;
  /** Largest component of the direction. */
  readonly largest: HostScalar;
  readonly toleranceChange: number;
  /** Evaluations after the first one. */
  readonly budget: number;
}

export interface SearchResult<E> {
  readonly accepted: Trial<E>;
  readonly evaluations: number;
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = host(-0.9);

/** Searches. Between evaluations it yields, so that others can have their turn. */
export function* strongWolfe<E>(problem: SearchProblem<E>): Generator<void, SearchResult<E>> {
  const { arithmetic: num, evaluate, start, largest, toleranceChange, budget } = problem;
  const highest = (t: HostScalar): HostScalar =>
    num.add(host(start.loss), num.mul(num.mul(host(SUFFICIENT_DECREASE), t), start.slope));
  const tooHigh = (x: Trial<E>): boolean => num.less(highest(x.t), host(x.loss));
  const flatEnough = (x: Trial<E>): boolean => num.atMost(num.abs(x.slope), num.mul(CURVATURE, start.slope));

  let last = start;
  let trial = evaluate(problem.t, [start.evaluation]);
  let evaluations = 1;
  let bracket: [Trial<E>] | [Trial<E>, Trial<E>] | null = null;
  let done = false;
  while (evaluations <= budget) {
    // Compared with the trial before only from the third trial on.
    if (tooHigh(trial) || (evaluations > 2 && trial.loss >= last.loss)) {
      bracket = [last, trial];
      break;
    }
    if (flatEnough(trial)) {
      bracket = [trial];
      done = true;
      break;
    }
    if (trial.slope.value >= 0) {
      bracket = [last, trial];
      break;
    }
    const { t } = trial;
    const from = num.add(t, num.mul(host(0.01), num.sub(t, last.t)));
    const next = cubicMinimum(num, last, trial, [from, num.mul(t, host(10))]);
    last = trial;
    yield;
    trial = evaluate(next, [start.evaluation, last.evaluation]);
    evaluations++;
  }
  if (bracket === null) bracket = [start, trial];
  if (bracket.length === 1) return { accepted: bracket[0], evaluations };

  const ends: [Trial<E>, Trial<E>] = bracket;
  let low: 0 | 1 = ends[0].loss <= ends[1].loss ? 0 : 1;
  let stuck = false;
  while (!done && evaluations <= budget) {
    const [t0, t1] = [ends[0].t, ends[1].t];
    if (num.less(num.mul(num.abs(num.sub(t1, t0)), largest), host(toleranceChange))) break;
    let t = cubicMinimum(num, ends[0], ends[1]);
    const most = num.larger(t0, t1);
    const least = num.smaller(t0, t1);
    const margin = num.mul(host(0.1), num.sub(most, least));
    if (num.less(num.smaller(num.sub(most, t), num.sub(t, least)), margin)) {
      if (stuck || num.atMost(most, t) || num.atMost(t, least)) {
        const nearerMost = num.less(num.abs(num.sub(t, most)), num.abs(num.sub(t, least)));
        t = nearerMost ? num.sub(most, margin) : num.add(least, margin);
        stuck = false;
      } else stuck = true;
    } else stuck = false;
    yield;
    trial = evaluate(t, [start.evaluation, ends[0].evaluation, ends[1].evaluation]);
    evaluations++;
    const high = low === 0 ? 1 : 0;
    if (tooHigh(trial) || trial.loss >= ends[low].loss) {
      ends[high] = trial;
      low = ends[0].loss <= ends[1].loss ? 0 : 1;
    } else {
      if (flatEnough(trial)) done = true;
      else if (num.mul(trial.slope, num.sub(ends[high].t, ends[low].t)).value >= 0) ends[high] = ends[low];
      ends[low] = trial;
    }
  }
  return { accepted: ends[low], evaluations };
}

interface Point {
  readonly t: HostScalar;
  readonly loss: number;
  readonly slope: HostScalar;
}

/**
 * Where the cubic through two points with their slopes has its minimum, within the bounds (the points themselves by
 * default); the middle of the bounds where it has none. NaN comes through.
 */
export function cubicMinimum(
  num: HostArithmetic,
  a: Point,
  b: Point,
  bounds?: readonly [HostScalar, HostScalar],
): HostScalar {
  const inOrder = num.atMost(a.t, b.t);
  const [lower, upper] = bounds ?? (inOrder ? [a.t, b.t] : [b.t, a.t]);
  const { add, sub, mul, div } = num;
  const d1 = sub(add(a.slope, b.slope), div(host(3 * (a.loss - b.loss)), sub(a.t, b.t)));
  const square = sub(mul(d1, d1), mul(a.slope, b.slope));
  if (!(square.value >= 0)) return div(add(lower, upper), host(2));
  const d2 = num.sqrt(square);
  const [from, to] = inOrder ? [a, b] : [b, a];
  const share = div(sub(add(to.slope, d2), d1), add(sub(to.slope, from.slope), mul(host(2), d2)));
  return num.smaller(num.larger(sub(to.t, mul(sub(to.t, from.t), share)), lower), upper);
}
