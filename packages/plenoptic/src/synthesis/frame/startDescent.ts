// The machine for an optimizer.

import type { FloatDType, optim, Tensor } from "@plenoptic-js/tensor";
import type { FormulaSnapshot, LbfgsSnapshot, Objective, OptimizerDescent, Snapshot } from "./descent.ts";
import { FormulaDescent } from "./formulaDescent.ts";
import { LbfgsDescent } from "./lbfgsDescent.ts";

/**
 * Compiles the program. The first image is copied.
 *
 * @param snapshot what the optimizer remembers, of an optimizer of this kind; null: nothing yet
 */
export function startDescent(
  start: Tensor<FloatDType>,
  optimizer: optim.Optimizer,
  objective: Objective,
  snapshot: Snapshot | null = null,
): OptimizerDescent {
  if (optimizer.kind === "lbfgs") {
    return new LbfgsDescent(start, optimizer, objective, snapshot as LbfgsSnapshot | null);
  }
  return new FormulaDescent(start, optimizer, objective, snapshot as FormulaSnapshot | null);
}
