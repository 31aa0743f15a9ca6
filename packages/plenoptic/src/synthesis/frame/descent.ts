// The machine under every iterative synthesis: one image, an objective and an optimizer in one compiled program. Between
// steps everything stays in the program's memory; a step reads back a few numbers. A step whose objective or gradient is
// not finite leaves the image as it was.

import type { FloatDType, optim, Tensor } from "@plenoptic-js/tensor";
import type { HostScalar, Numbers } from "@plenoptic-js/tensor/engine";

/** What an objective is made of: 0-d tensors. `loss` is the objective itself, which is made small. */
export interface Terms {
  readonly loss: Tensor;
  readonly penalty: Tensor;
  /** What else a method records of an image, by the names of its histories. */
  readonly recorded?: Readonly<Record<string, Tensor>>;
}

/** Terms as numbers. */
export interface TermNumbers {
  readonly loss: number;
  readonly penalty: number;
  readonly recorded: Readonly<Record<string, number>>;
}

/** What is descended. `stage` counts from 0; most methods have one stage, coarse-to-fine synthesis one for each scale. */
export interface Objective {
  readonly stages: number;
  terms(image: Tensor, stage: number): Terms;
}

/** Numbers of one step. All but the last belong to the image before the step. */
export interface StepNumbers extends TermNumbers {
  readonly gradientNorm: number;
  /** Norm of the change of the image. */
  readonly pixelChangeNorm: number;
  /** Of a descent without a learning rate: what is recorded in its place. */
  readonly stepLength?: number;
  /** Of a descent that can come to an end of its own: why no step was made. */
  readonly stop?: Ending;
}

/** Why a descent came to an end. */
export interface Ending {
  readonly reason: "stationary" | "blocked";
  /** The same in words, with the number that decided. */
  readonly text: string;
}

/** Values of an array like the image, in C order. */
export type Values = Float32Array | Float64Array;

/** What an optimizer that steps by a formula remembers. Arrays may be read when they are asked for: before the next step. */
export interface FormulaSnapshot {
  readonly kind: "formula";
  readonly steps: number;
  /** Its numbers by name; absent before the first step, and where it has none. */
  readonly memory?: Numbers;
  /** Its arrays by name; none before the first step. */
  readonly arrays: Readonly<Record<string, Values>>;
}

/** What L-BFGS remembers. Arrays may be read when they are asked for: before the next step. */
export interface LbfgsSnapshot {
  readonly kind: "lbfgs";
  /** Inner iterations and evaluations of all steps. */
  readonly iterations: number;
  readonly evaluations: number;
  readonly t: HostScalar;
  readonly h: HostScalar;
  /** Changes of the gradient and of the image, and 1 / (y s), oldest first. */
  readonly pairs: readonly { readonly y: Values; readonly s: Values; readonly ro: HostScalar }[];
  /** Direction, gradient and objective of the last inner iteration; null before the first. */
  readonly last: { readonly direction: Values; readonly gradient: Values; readonly loss: number } | null;
}

/** All that an optimizer remembers between steps: the next step from it has the bits of an uninterrupted run. */
export type Snapshot = FormulaSnapshot | LbfgsSnapshot;

/** How fast a step goes: the learning rate, and the momentum where a scheduler moves that. */
export interface Pace {
  readonly lr: number;
  readonly momentum?: number;
}

/** What moves an image step by step. */
export interface Descent {
  /** The present image; while a step runs, the one before it. */
  readonly image: Tensor<FloatDType>;
  /** The terms of the present image in the last stage, computed once. */
  readonly terms: TermNumbers;
  /**
   * One step. Yields where others may have their turn, at first before it begins; then the step must be run to its end. Throws
   * NonFiniteError when one of its numbers is not finite: the image is then the one before the step.
   *
   * @param stage what is descended; the numbers of the step are of this stage
   * @param mayEnd whether `return` may end it where it yields: everything is then as if it had not begun
   */
  step(pace: Pace, stage: number, mayEnd?: boolean): Generator<void, StepNumbers>;
}

/** A descent by an optimizer. */
export interface OptimizerDescent extends Descent {
  readonly optimizer: optim.Optimizer;
  /** What the optimizer remembers, to be read before the next step. */
  snapshot(): Snapshot;
}
