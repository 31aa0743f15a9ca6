// What constrained MAD competition works on, says of each step, and remembers.

import type { Tensor } from "@plenoptic-js/tensor";
import type { Values } from "../frame/descent.ts";

export interface ConstrainedProblem {
  /** What is made small or large: 0-d. */
  readonly optimized: (image: Tensor) => Tensor;
  /** What stays as it is at the start: 0-d. */
  readonly reference: (image: Tensor) => Tensor;
  /** Recorded, and nothing else: the range is a hard bound here. 0-d. */
  readonly penalty: (image: Tensor) => Tensor;
  readonly minmax: "min" | "max";
  /** No pixel ever leaves it; null: no bounds. */
  readonly allowedRange: readonly [low: number, high: number] | null;
}

/** What is known of an image. */
export interface ConstrainedTerms {
  /** What is made small: the optimized metric, or minus that for "max". */
  readonly loss: number;
  readonly penalty: number;
  readonly optimizedMetric: number;
  readonly referenceMetric: number;
}

/** Why no further step is taken. The image is then as it was before this step. */
export interface ConstrainedEnding {
  /** "stationary": no direction improves. "blocked": one should, but no step along it does, or none can be brought back. */
  readonly reason: "stationary" | "blocked";
  /** The same in words, with the number that decided. */
  readonly text: string;
  /** Norm of the gradient of the optimized metric along the surface and the range. */
  readonly projectedGradient: number;
}

/** Numbers of one step, of the image before it. */
export interface ConstrainedStep extends ConstrainedTerms {
  /** Norm of the gradient of the optimized metric along the surface and the range. */
  readonly gradientNorm: number;
  /** Norm of the change of the image; 0 when the descent has come to its end. */
  readonly pixelChangeNorm: number;
  /** How far along its direction the step went: 1 is what the curvature suggests. */
  readonly stepLength: number;
  readonly stop: ConstrainedEnding | null;
}

/** What the descent remembers between steps, besides the image: numbers, and arrays like the image, which may be read when they are asked for. */
export interface ConstrainedSnapshot {
  readonly kind: "constrained";
  /** The value at which the reference metric is held. */
  readonly target: number;
  /** Norm of the gradient of the optimized metric at the first image. */
  readonly firstGradient: number;
  /** How much of the reference metric's gradient was last taken away from that of the optimized one. */
  readonly multiplier: number;
  /** Norm of the last change of the image; 0 before the first step. */
  readonly lastChange: number;
  /** Changes of the image and of the gradient, oldest first. */
  readonly pairs: readonly { readonly s: Values; readonly y: Values }[];
  /** Running means of their squares, pixel by pixel; null before there are any. */
  readonly squares: { readonly s: Values; readonly y: Values } | null;
}
