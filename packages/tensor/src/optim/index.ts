// Optimizers and schedulers; the namespace `optim`.

export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { ASGD, type ASGDOptions } from "./asgd.ts";
export { LBFGS, type LBFGSOptions } from "./lbfgs.ts";
export { NAdam, type NAdamOptions } from "./nadam.ts";
export type { Optimizer } from "./optimizer.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { Rprop, type RpropOptions } from "./rprop.ts";
export { ConstantLR, type ConstantLROptions } from "./schedulers/constant.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./schedulers/cosine.ts";
export { CyclicLR, type CyclicLROptions } from "./schedulers/cyclic.ts";
export { ExponentialLR, type ExponentialLROptions } from "./schedulers/exponential.ts";
export { LinearLR, type LinearLROptions } from "./schedulers/linear.ts";
export { MultiStepLR, type MultiStepLROptions } from "./schedulers/multiStep.ts";
export { OneCycleLR, type OneCycleLROptions } from "./schedulers/oneCycle.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./schedulers/plateau.ts";
export { PolynomialLR, type PolynomialLROptions } from "./schedulers/polynomial.ts";
export type { Scheduler } from "./schedulers/scheduler.ts";
export { StepLR, type StepLROptions } from "./schedulers/step.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
