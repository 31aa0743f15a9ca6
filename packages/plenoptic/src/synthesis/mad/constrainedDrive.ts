// Constrained MAD competition as something that a synthesis runs: its descent needs no optimizer and no learning rate.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { castValues } from "../frame/castSnapshot.ts";
import type { Descent, Pace, StepNumbers, TermNumbers, Values } from "../frame/descent.ts";
import type { Driven } from "../frame/drive.ts";
import type { ConstrainedProblem, ConstrainedSnapshot, ConstrainedTerms } from "./constrained.ts";
import { ConstrainedDescent } from "./constrainedDescent.ts";

export class ConstrainedDrive implements Driven, Descent {
  readonly optimizer = null;
  readonly scheduler = null;
  readonly descent = this;
  readonly #descent: ConstrainedDescent;

  constructor(start: Tensor<FloatDType>, problem: ConstrainedProblem, snapshot: ConstrainedSnapshot | null) {
    this.#descent = new ConstrainedDescent(start, problem, snapshot);
  }

  get image(): Tensor<FloatDType> {
    return this.#descent.image;
  }

  get terms(): TermNumbers {
    return termsOf(this.#descent.terms);
  }

  pace(): Pace {
    return { lr: Number.NaN };
  }

  advance(): void {}

  *step(): Generator<void, StepNumbers> {
    const { stop, gradientNorm, pixelChangeNorm, stepLength, ...terms } = yield* this.#descent.step();
    const numbers = { ...termsOf(terms), gradientNorm, pixelChangeNorm, stepLength };
    return stop === null ? numbers : { ...numbers, stop };
  }

  snapshot(): ConstrainedSnapshot {
    return this.#descent.snapshot();
  }
}

const termsOf = ({ loss, penalty, optimizedMetric, referenceMetric }: ConstrainedTerms): TermNumbers => ({
  loss,
  penalty,
  recorded: { optimizedMetricLoss: optimizedMetric, referenceMetricLoss: referenceMetric },
});

/** What was remembered, in another precision. */
export function castConstrained(snapshot: ConstrainedSnapshot, dtype: FloatDType): ConstrainedSnapshot {
  const { pairs, squares } = snapshot;
  const both = ({ s, y }: { readonly s: Values; readonly y: Values }) => ({
    s: castValues(s, dtype),
    y: castValues(y, dtype),
  });
  return { ...snapshot, pairs: pairs.map(both), squares: squares === null ? null : both(squares) };
}
