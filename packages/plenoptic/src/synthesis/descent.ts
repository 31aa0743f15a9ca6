// The machine under every iterative synthesis: one image, an objective and an optimizer in one compiled program. Between
// steps everything stays in the program's memory; a step reads back a few numbers. A step whose objective or gradient is
// not finite leaves the image as it was (spec/synthesis.md, section 16, item 7).

import type { optim, Tensor } from "@plenoptic-js/tensor";
import type { FloatDType } from "../validate/error.ts";

/** What an objective is made of, as numbers: 0-d tensors. `loss` is the objective itself, which is made small. */
export interface Terms {
  readonly loss: Tensor;
  readonly penalty: Tensor;
}

export type Objective = (image: Tensor) => Terms;

/** Numbers of one step. All but the last belong to the image before the step. */
export interface StepNumbers {
  readonly loss: number;
  readonly penalty: number;
  readonly gradientNorm: number;
  /** Norm of the change of the image. */
  readonly pixelChangeNorm: number;
}

/** Values of an array like the image, in C order. */
export type Values = Float32Array | Float64Array;

/** What an optimizer that steps by a formula remembers. */
export interface FormulaSnapshot {
  readonly kind: "formula";
  readonly steps: number;
  /** Its numbers by name; absent before the first step, and where it has none. */
  readonly memory?: optim.Numbers;
  /** Its arrays by name; none before the first step. */
  readonly arrays: Readonly<Record<string, Values>>;
}

/** What L-BFGS remembers. */
export interface LbfgsSnapshot {
  readonly kind: "lbfgs";
  /** Inner iterations and evaluations of all steps. */
  readonly iterations: number;
  readonly evaluations: number;
  readonly t: optim.HostScalar;
  readonly h: optim.HostScalar;
  /** Changes of the gradient and of the image, and 1 / (y s), oldest first. */
  readonly pairs: readonly { readonly y: Values; readonly s: Values; readonly ro: optim.HostScalar }[];
  /** Direction, gradient and objective of the last inner iteration; null before the first. */
  readonly last: { readonly direction: Values; readonly gradient: Values; readonly loss: number } | null;
}

/** All that an optimizer remembers between steps: the next step from it has the bits of an uninterrupted run. */
export type Snapshot = FormulaSnapshot | LbfgsSnapshot;

export interface Descent {
  readonly optimizer: optim.Optimizer;
  /** The present image; while a step runs, the one before it. */
  readonly image: Tensor<FloatDType>;
  /** The terms of the present image, computed once. */
  readonly terms: { readonly loss: number; readonly penalty: number };
  /**
   * One step at a learning rate, and a momentum where a scheduler moves that. Yields where others may have their turn, at first
   * before it begins; then the step must be run to its end. Throws NonFiniteError when one of its numbers is not finite: the
   * image is then the one before the step.
   */
  step(lr: number, momentum?: number): Generator<void, StepNumbers>;
  /** A copy of what the optimizer remembers. */
  snapshot(): Snapshot;
}
