// Adadelta, as torch.optim rounds it. M. D. Zeiler, "ADADELTA: an adaptive learning rate method", 2012.

import { checkOptions } from "../words/options.ts";
import { checkBooleans, checkNotNegative, checkNumber } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer } from "./optimizer.ts";
import { descentGradient, squareMean } from "./parts.ts";

export interface AdadeltaOptions {
  /**
   * Multiple of the step that is made. Default 0.01, what Python's plenoptic gives an optimizer without one; the paper's own
   * is 1.
   */
  readonly lr?: number;
  /** Decay of the running means of squared gradients and squared steps, from 0 to 1. Default 0.9. */
  readonly rho?: number;
  /** Added to both means; 0 or more. Default 1e-6. */
  readonly eps?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const ADADELTA_OPTIONS = ["lr", "rho", "eps", "weightDecay", "maximize"] as const;

/** A description of Adadelta. Throws TypeError or RangeError for options that make no sense. */
export function Adadelta(options: AdadeltaOptions = {}): FormulaOptimizer {
  checkOptions("Adadelta()", options, ADADELTA_OPTIONS);
  const { lr = 0.01, rho = 0.9, eps = 1e-6, weightDecay = 0, maximize = false } = options;
  checkNotNegative("Adadelta", { lr, eps, weightDecay });
  checkNumber("Adadelta", "rho", rho, rho >= 0 && rho <= 1, "from 0 to 1");
  checkBooleans("Adadelta", { maximize });
  return formulaOptimizer(
    "Adadelta",
    { lr, rho, eps, weightDecay, maximize },
    {
      state: ["squareAvg", "accDelta"],
      numbers: ["factor"],
      numbersAt: (_, rate) => [-rate],
      update(x, gradient, state, { factor }) {
        const g = descentGradient(gradient, maximize, x, weightDecay);
        const squareAvg = squareMean(state.squareAvg, g, rho);
        const delta = state.accDelta.add(eps).sqrt().div(squareAvg.add(eps).sqrt()).mul(g);
        const accDelta = squareMean(state.accDelta, delta, rho);
        return { x: x.add(delta.mul(factor)), state: { squareAvg, accDelta } };
      },
    },
  );
}
