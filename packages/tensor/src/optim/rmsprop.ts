// RMSprop, as torch.optim rounds it. T. Tieleman and G. Hinton, "Lecture 6.5: RMSProp", 2012; the centred one: A. Graves,
// "Generating sequences with recurrent neural networks", 2013.

import { checkOptions } from "../words/options.ts";
import { checkBooleans, checkNotNegative } from "./checks.ts";
import { type FormulaOptimizer, formulaOptimizer, type Named } from "./optimizer.ts";
import { descentGradient, squareMean, towards } from "./parts.ts";

export interface RMSpropOptions {
  /** Learning rate. Default 0.01. */
  readonly lr?: number;
  /** Decay of the running mean of squared gradients; 0 or more. Default 0.99. */
  readonly alpha?: number;
  /** Added to the denominator; 0 or more. Default 1e-8. */
  readonly eps?: number;
  /** Multiple of the parameter added to the gradient; 0 or more. Default 0. */
  readonly weightDecay?: number;
  /** Share of the last step that is taken again; 0 or more. Default 0. */
  readonly momentum?: number;
  /** Divide by the deviation of the gradient from its running mean. Default false. */
  readonly centered?: boolean;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

export const RMSPROP_OPTIONS = ["lr", "alpha", "eps", "weightDecay", "momentum", "centered", "maximize"] as const;

/** A description of RMSprop. Throws TypeError or RangeError for options that make no sense. */
export function RMSprop(options: RMSpropOptions = {}): FormulaOptimizer {
  checkOptions("RMSprop()", options, RMSPROP_OPTIONS);
  const { lr = 0.01, alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0 } = options;
  const { centered = false, maximize = false } = options;
  checkNotNegative("RMSprop", { lr, alpha, eps, weightDecay, momentum });
  checkBooleans("RMSprop", { centered, maximize });
  const all = { lr, alpha, eps, weightDecay, momentum, centered, maximize };
  const make = (moves: boolean): FormulaOptimizer => {
    const hasBuffer = moves || momentum !== 0;
    return formulaOptimizer("RMSprop", all, {
      state: ["squareAvg", ...(hasBuffer ? ["momentumBuffer"] : []), ...(centered ? ["gradAvg"] : [])],
      numbers: moves ? ["factor", "share"] : ["factor"],
      numbersAt: (_, rate, present = momentum) => (moves ? [-rate, present] : [-rate]),
      update(x, gradient, state, { factor, share }) {
        const g = descentGradient(gradient, maximize, x, weightDecay);
        const squareAvg = squareMean(state.squareAvg, g, alpha);
        let square = squareAvg;
        let next: Named = { squareAvg };
        if (centered) {
          const gradAvg = towards(state.gradAvg, g, 1 - alpha);
          square = squareAvg.sub(gradAvg.mul(gradAvg));
          next = { ...next, gradAvg };
        }
        const denominator = square.sqrt().add(eps);
        if (!hasBuffer) return { x: x.add(factor.mul(g).div(denominator)), state: next };
        const momentumBuffer = state.momentumBuffer.mul(moves ? share : momentum).add(g.div(denominator));
        return { x: x.add(momentumBuffer.mul(factor)), state: { ...next, momentumBuffer } };
      },
      moving: () => make(true),
    });
  };
  return make(false);
}
