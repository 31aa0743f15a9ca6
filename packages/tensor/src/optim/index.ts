// Optimizers and schedulers; the namespace `optim`.

export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export type { HostScalar } from "./hostScalar.ts";
export { LBFGS, type LBFGSOptions } from "./lbfgs.ts";
export {
  type Direction,
  type Evaluation,
  freshMemory,
  GRADIENT_SLOTS,
  type LbfgsMemory,
  type LbfgsResult,
  type LbfgsSpace,
  type LbfgsStop,
  lbfgsStep,
} from "./lbfgsStep.ts";
export type { FormulaOptimizer, LbfgsOptimizer, LbfgsSettings, Named, Optimizer } from "./optimizer.ts";
export {
  ExponentialLR,
  type ExponentialLROptions,
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type Scheduler,
  type SchedulerState,
  StepLR,
  type StepLROptions,
} from "./scheduler.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
