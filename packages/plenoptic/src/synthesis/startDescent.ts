// The machine for an optimizer.

import type { optim, Tensor } from "@plenoptic-js/tensor";
import type { FloatDType } from "../validate/error.ts";
import type { Descent, Objective } from "./descent.ts";
import { FormulaDescent } from "./formulaDescent.ts";
import { LbfgsDescent } from "./lbfgsDescent.ts";

/** Compiles the program. The first image is copied. */
export function startDescent(start: Tensor<FloatDType>, optimizer: optim.Optimizer, objective: Objective): Descent {
  return optimizer.kind === "lbfgs"
    ? new LbfgsDescent(start, optimizer, objective)
    : new FormulaDescent(start, optimizer, objective);
}
