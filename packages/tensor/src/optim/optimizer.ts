// What an optimizer is: a description that a synthesis turns into a part of its program. It holds no state itself,
// so one description can serve many syntheses.

import type { Tensor } from "../tensor.ts";

/** Tensors by name. */
export type Named = Readonly<Record<string, Tensor>>;

interface Description {
  readonly name: string;
  /** Learning rate of the first step. */
  readonly lr: number;
  /** All options with their values, for recipes. */
  readonly options: Readonly<Record<string, unknown>>;
  toString(): string;
}

/** An optimizer whose step is one formula of the gradient at the present point. */
export interface FormulaOptimizer extends Description {
  readonly kind: "formula";
  /** Names of the arrays it remembers, each like the parameter and zero at first. */
  readonly state: readonly string[];
  /** Names of the numbers that differ from step to step: 0-d tensors of the parameter's dtype. */
  readonly numbers: readonly string[];
  /** Values of `numbers`, in that order, in step `t` (counted from 1) at learning rate `lr`. */
  numbersAt(t: number, lr: number): readonly number[];
  /** The parameter and the arrays after a step. */
  update(x: Tensor, gradient: Tensor, state: Named, numbers: Named): { readonly x: Tensor; readonly state: Named };
}

/** L-BFGS: a step may look at the objective many times (lbfgsStep.ts). */
export interface LbfgsOptimizer extends Description {
  readonly kind: "lbfgs";
  readonly options: LbfgsSettings;
}

export interface LbfgsSettings extends Readonly<Record<string, unknown>> {
  readonly lr: number;
  readonly maxIter: number;
  readonly maxEval: number;
  readonly toleranceGrad: number;
  readonly toleranceChange: number;
  readonly historySize: number;
  readonly lineSearchFn: "strong_wolfe" | null;
}

export type Optimizer = FormulaOptimizer | LbfgsOptimizer;
