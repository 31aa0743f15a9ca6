// All optimizers and schedulers by their names, which are torch's: for files and for the command.

import { ADADELTA_OPTIONS, Adadelta } from "./adadelta.ts";
import { ADAGRAD_OPTIONS, Adagrad } from "./adagrad.ts";
import { ADAM_OPTIONS, Adam, AdamW } from "./adam.ts";
import { ADAMAX_OPTIONS, Adamax } from "./adamax.ts";
import { ASGD, ASGD_OPTIONS } from "./asgd.ts";
import { LBFGS, LBFGS_OPTIONS } from "./lbfgs.ts";
import { NADAM_OPTIONS, NAdam } from "./nadam.ts";
import type { Optimizer } from "./optimizer.ts";
import { RADAM_OPTIONS, RAdam } from "./radam.ts";
import { RMSPROP_OPTIONS, RMSprop } from "./rmsprop.ts";
import { RPROP_OPTIONS, Rprop } from "./rprop.ts";
import { CONSTANT_OPTIONS, ConstantLR } from "./schedulers/constant.ts";
import {
  COSINE_OPTIONS,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  WARM_RESTARTS_OPTIONS,
} from "./schedulers/cosine.ts";
import { CYCLIC_OPTIONS, CyclicLR } from "./schedulers/cyclic.ts";
import { EXPONENTIAL_OPTIONS, ExponentialLR } from "./schedulers/exponential.ts";
import { LINEAR_OPTIONS, LinearLR } from "./schedulers/linear.ts";
import { MULTI_STEP_OPTIONS, MultiStepLR } from "./schedulers/multiStep.ts";
import { ONE_CYCLE_OPTIONS, OneCycleLR } from "./schedulers/oneCycle.ts";
import { PLATEAU_OPTIONS, ReduceLROnPlateau } from "./schedulers/plateau.ts";
import { POLYNOMIAL_OPTIONS, PolynomialLR } from "./schedulers/polynomial.ts";
import type { Scheduler } from "./schedulers/scheduler.ts";
import { STEP_OPTIONS, StepLR } from "./schedulers/step.ts";
import { SGD, SGD_OPTIONS } from "./sgd.ts";

/** What makes an optimizer or scheduler, and the names of the options it takes. */
export interface Maker<T> {
  /** Throws TypeError or RangeError for options that make no sense. */
  make(options: Readonly<Record<string, unknown>>): T;
  readonly options: readonly string[];
}

/** The options are checked by the maker, whatever they are said to be. */
const maker = <T, O>(make: (options: O) => T, options: readonly string[]): Maker<T> =>
  Object.freeze({ make: (given: Readonly<Record<string, unknown>>) => make(given as O), options });

export const optimizers: Readonly<Record<string, Maker<Optimizer>>> = Object.freeze({
  Adadelta: maker(Adadelta, ADADELTA_OPTIONS),
  Adagrad: maker(Adagrad, ADAGRAD_OPTIONS),
  Adam: maker(Adam, ADAM_OPTIONS),
  AdamW: maker(AdamW, ADAM_OPTIONS),
  Adamax: maker(Adamax, ADAMAX_OPTIONS),
  ASGD: maker(ASGD, ASGD_OPTIONS),
  LBFGS: maker(LBFGS, LBFGS_OPTIONS),
  NAdam: maker(NAdam, NADAM_OPTIONS),
  RAdam: maker(RAdam, RADAM_OPTIONS),
  RMSprop: maker(RMSprop, RMSPROP_OPTIONS),
  Rprop: maker(Rprop, RPROP_OPTIONS),
  SGD: maker(SGD, SGD_OPTIONS),
});

export const schedulers: Readonly<Record<string, Maker<Scheduler>>> = Object.freeze({
  ConstantLR: maker(ConstantLR, CONSTANT_OPTIONS),
  CosineAnnealingLR: maker(CosineAnnealingLR, COSINE_OPTIONS),
  CosineAnnealingWarmRestarts: maker(CosineAnnealingWarmRestarts, WARM_RESTARTS_OPTIONS),
  CyclicLR: maker(CyclicLR, CYCLIC_OPTIONS),
  ExponentialLR: maker(ExponentialLR, EXPONENTIAL_OPTIONS),
  LinearLR: maker(LinearLR, LINEAR_OPTIONS),
  MultiStepLR: maker(MultiStepLR, MULTI_STEP_OPTIONS),
  OneCycleLR: maker(OneCycleLR, ONE_CYCLE_OPTIONS),
  PolynomialLR: maker(PolynomialLR, POLYNOMIAL_OPTIONS),
  ReduceLROnPlateau: maker(ReduceLROnPlateau, PLATEAU_OPTIONS),
  StepLR: maker(StepLR, STEP_OPTIONS),
});
