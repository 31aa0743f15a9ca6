// What an optimizer is: a description that a synthesis turns into a part of its program. It holds no state itself,
// so one description can serve many syntheses.

import type { Tensor } from "../tensor.ts";
import { describe } from "./checks.ts";

/** Tensors by name. */
export type Named = Readonly<Record<string, Tensor>>;

/** Numbers by name. */
export type Numbers = Readonly<Record<string, number>>;

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
  /** Names of the arrays it remembers, each like the parameter and zero at first. In files torch's names, in snake case. */
  readonly state: readonly string[];
  /** What it remembers in numbers; absent: nothing. */
  readonly memory?: NumberMemory;
  /** Names of the numbers that differ from step to step: 0-d tensors of the parameter's dtype. */
  readonly numbers: readonly string[];
  /**
   * Values of `numbers`, in that order, in step `t` (counted from 1) at learning rate `lr`. `momentum` is for those made by
   * `moving`, `memory` is what those with a `memory` remember of the step before.
   */
  numbersAt(t: number, lr: number, momentum?: number, memory?: Numbers): readonly number[];
  /** The parameter and the arrays after a step. */
  update(x: Tensor, gradient: Tensor, state: Named, numbers: Named): { readonly x: Tensor; readonly state: Named };
  /**
   * The same optimizer for a scheduler that moves the momentum: it is told its momentum, or the first of its `betas`, in every
   * step. Absent where it has neither.
   */
  readonly moving?: () => FormulaOptimizer;
}

/** Numbers that an optimizer remembers from step to step. torch keeps them in float32 whatever the parameter's dtype. */
export interface NumberMemory {
  /** Before the first step, which is made at learning rate `lr`. */
  start(lr: number): Numbers;
  /** After step `t`. */
  next(memory: Numbers, t: number, lr: number, momentum?: number): Numbers;
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

/** An optimizer of this name with these options, lr among them, and rules. */
export function formulaOptimizer(
  name: string,
  options: Readonly<Record<string, unknown>> & { readonly lr: number },
  rules: Omit<FormulaOptimizer, "kind" | "name" | "lr" | "options" | "toString">,
): FormulaOptimizer {
  const all = Object.freeze({ ...options });
  const said = { kind: "formula", name, lr: options.lr, options: all } as const;
  return Object.freeze({ ...said, ...rules, toString: () => describe(name, all) });
}
