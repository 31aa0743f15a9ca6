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

/** What makes an optimizer or scheduler, and the options it takes. */
export interface Maker<T> {
  /** Throws TypeError or RangeError for options that make no sense. */
  make(options: Readonly<Record<string, unknown>>): T;
  /** The names of the options. */
  readonly options: readonly string[];
  /** What it is, in a few words. */
  readonly summary: string;
  /** Values for the options that have no default, such as it can be made with. */
  readonly needs: Readonly<Record<string, unknown>>;
}

/** The options are checked by the maker, whatever they are said to be. */
const maker = <T, O>(
  make: (options: O) => T,
  options: readonly string[],
  summary: string,
  needs?: Readonly<Partial<O>>,
): Maker<T> =>
  Object.freeze({
    make: (given: Readonly<Record<string, unknown>>) => make(given as O),
    options,
    summary,
    needs: needs ?? {},
  });

export const optimizers: Readonly<Record<string, Maker<Optimizer>>> = Object.freeze({
  Adadelta: maker(Adadelta, ADADELTA_OPTIONS, "steps in units of earlier steps"),
  Adagrad: maker(Adagrad, ADAGRAD_OPTIONS, "steps that shrink with all gradients so far"),
  Adam: maker(Adam, ADAM_OPTIONS, "running means of the gradient and of its square"),
  AdamW: maker(AdamW, ADAM_OPTIONS, "Adam that shrinks the image itself"),
  Adamax: maker(Adamax, ADAMAX_OPTIONS, "Adam with the largest gradient for the mean square"),
  ASGD: maker(ASGD, ASGD_OPTIONS, "gradient descent whose points are averaged"),
  LBFGS: maker(LBFGS, LBFGS_OPTIONS, "a quasi-Newton method, with a line search or without"),
  NAdam: maker(NAdam, NADAM_OPTIONS, "Adam that looks ahead along its momentum"),
  RAdam: maker(RAdam, RADAM_OPTIONS, "Adam that waits until its mean square is known"),
  RMSprop: maker(RMSprop, RMSPROP_OPTIONS, "the gradient divided by its root mean square"),
  Rprop: maker(Rprop, RPROP_OPTIONS, "a step size for each pixel, from the signs of its gradients"),
  SGD: maker(SGD, SGD_OPTIONS, "gradient descent, with momentum or without"),
});

export const schedulers: Readonly<Record<string, Maker<Scheduler>>> = Object.freeze({
  ConstantLR: maker(ConstantLR, CONSTANT_OPTIONS, "lower for a while at first"),
  CosineAnnealingLR: maker(CosineAnnealingLR, COSINE_OPTIONS, "down along a cosine, and up again", { tMax: 100 }),
  CosineAnnealingWarmRestarts: maker(
    CosineAnnealingWarmRestarts,
    WARM_RESTARTS_OPTIONS,
    "down along a cosine, again and again",
    { t0: 100 },
  ),
  CyclicLR: maker(CyclicLR, CYCLIC_OPTIONS, "up and down between two bounds", { baseLr: 0.001, maxLr: 0.1 }),
  ExponentialLR: maker(ExponentialLR, EXPONENTIAL_OPTIONS, "falls by the same factor in every iteration", {
    gamma: 0.99,
  }),
  LinearLR: maker(LinearLR, LINEAR_OPTIONS, "along a straight line"),
  MultiStepLR: maker(MultiStepLR, MULTI_STEP_OPTIONS, "falls at given iterations", { milestones: [100, 200] }),
  OneCycleLR: maker(OneCycleLR, ONE_CYCLE_OPTIONS, "rises, and then falls far below where it began", {
    maxLr: 0.1,
    totalSteps: 600,
  }),
  PolynomialLR: maker(PolynomialLR, POLYNOMIAL_OPTIONS, "falls to 0 as a power of the iterations left"),
  ReduceLROnPlateau: maker(ReduceLROnPlateau, PLATEAU_OPTIONS, "falls when the loss no longer does"),
  StepLR: maker(StepLR, STEP_OPTIONS, "falls in equal steps", { stepSize: 100 }),
});
