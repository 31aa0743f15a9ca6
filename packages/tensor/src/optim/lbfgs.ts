// L-BFGS, as torch.optim.LBFGS does it. This is its description; how it steps is said in
// lbfgsStep.ts. J. Nocedal, "Updating quasi-Newton matrices with limited storage", 1980.

import { checkOptions } from "../words/options.ts";
import { checkChoice, checkCounts, checkNotNegative, checkNumber, describe } from "./checks.ts";
import type { LbfgsOptimizer, LbfgsSettings } from "./optimizer.ts";

export interface LBFGSOptions {
  /** Length of the first trial step, in units of the quasi-Newton step. Default 1. */
  readonly lr?: number;
  /** Inner iterations of a step. Default 20. */
  readonly maxIter?: number;
  /** Evaluations of the objective in a step. Default: maxIter and a quarter more. */
  readonly maxEval?: number | null;
  /** A step ends where no component of the gradient is larger than this. Default 1e-7. */
  readonly toleranceGrad?: number;
  /** A step ends when the point or the objective changes by no more than this. Default 1e-9. */
  readonly toleranceChange?: number;
  /** Pairs of changes of point and gradient that are remembered; each takes two arrays. Default 100. */
  readonly historySize?: number;
  /** How the length of a step is found: by a search for the strong Wolfe conditions, or it is `lr`. Default null. */
  readonly lineSearchFn?: "strong_wolfe" | null;
}

export const LBFGS_OPTIONS = [
  "lr",
  "maxIter",
  "maxEval",
  "toleranceGrad",
  "toleranceChange",
  "historySize",
  "lineSearchFn",
];

/** Memory for so many pairs is laid out before the first step, and a synthesis seldom gains by more than some hundreds. */
export const MOST_HISTORY = 10_000;

/** A description of L-BFGS. Throws TypeError or RangeError for options that make no sense. */
export function LBFGS(options: LBFGSOptions = {}): LbfgsOptimizer {
  return described(options, MOST_HISTORY);
}

/** As a file has it: torch takes any number of pairs, since memory is taken for those that there are. */
export function lbfgsOfAnyHistory(options: LBFGSOptions): LbfgsOptimizer {
  return described(options, Number.MAX_SAFE_INTEGER);
}

function described(options: LBFGSOptions, mostHistory: number): LbfgsOptimizer {
  checkOptions("LBFGS()", options, LBFGS_OPTIONS);
  const { lr = 1, maxIter = 20, toleranceGrad = 1e-7, toleranceChange = 1e-9 } = options;
  const { historySize = 100, lineSearchFn = null } = options;
  checkCounts("LBFGS", 0, { maxIter });
  const maxEval = options.maxEval ?? Math.floor((maxIter * 5) / 4);
  checkCounts("LBFGS", 0, { maxEval });
  const isHistory = Number.isSafeInteger(historySize) && historySize >= 1 && historySize <= mostHistory;
  checkNumber("LBFGS", "historySize", historySize, isHistory, `a whole number from 1 to ${mostHistory}`);
  checkNotNegative("LBFGS", { lr, toleranceGrad, toleranceChange });
  checkChoice("LBFGS", "lineSearchFn", lineSearchFn, ["strong_wolfe", null]);
  const all: LbfgsSettings = Object.freeze({
    lr,
    maxIter,
    maxEval,
    toleranceGrad,
    toleranceChange,
    historySize,
    lineSearchFn,
  });
  return Object.freeze({
    kind: "lbfgs",
    name: "LBFGS",
    lr,
    options: all,
    toString: () => describe("LBFGS", all),
  } satisfies LbfgsOptimizer);
}
