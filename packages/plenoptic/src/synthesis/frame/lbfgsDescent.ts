// Descent by L-BFGS: how the steps of optim's L-BFGS are steered. Their arrays are in lbfgsArrays.ts.

import { type FloatDType, MemoryError, type Tensor } from "@plenoptic-js/tensor";
import {
  freshMemory,
  type HostScalar,
  type LbfgsMemory,
  type LbfgsOptimizer,
  lbfgsStep,
} from "@plenoptic-js/tensor/engine";
import type { LbfgsSnapshot, Objective, OptimizerDescent, Pace, StepNumbers, TermNumbers, Values } from "./descent.ts";
import { LbfgsArrays, type Look } from "./lbfgsArrays.ts";
import type { BankSizes } from "./lbfgsPrograms.ts";
import { checkFinite, NonFiniteError } from "./nonFinite.ts";
import { PresentImage } from "./presentImage.ts";

export class LbfgsDescent implements OptimizerDescent {
  readonly optimizer: LbfgsOptimizer;
  readonly #arrays: LbfgsArrays;
  #memory: LbfgsMemory<Look> = freshMemory();
  readonly #image = new PresentImage(() => this.#arrays.image(this.#before !== null));
  /** The terms of the image before the step that runs; null between steps. */
  #before: TermNumbers | null = null;
  /** The stage of what the memory knows of the present image. */
  #stage: number;

  /** @param banks for tests: how many pairs a program holds */
  constructor(
    start: Tensor<FloatDType>,
    optimizer: LbfgsOptimizer,
    objective: Objective,
    snapshot: LbfgsSnapshot | null,
    banks?: BankSizes,
  ) {
    this.optimizer = optimizer;
    this.#arrays = new LbfgsArrays(start, optimizer.options.historySize, objective, banks);
    this.#stage = objective.stages - 1;
    if (snapshot === null) return;
    const { iterations, evaluations, t, h, pairs, last } = snapshot;
    const kept = pairs.map(({ y, s, ro }, slot) => {
      this.#arrays.setPair(slot, y, s);
      return { slot, ro };
    });
    Object.assign(this.#memory, { iterations, evaluations, t, h, pairs: kept });
    if (last !== null) {
      this.#arrays.setLast(0, last.gradient, last.direction);
      Object.assign(this.#memory, { gradientBefore: 0, lossBefore: last.loss });
    }
  }

  snapshot(): LbfgsSnapshot {
    if (this.#before !== null) {
      throw new RangeError("L-BFGS is in the middle of a step; save when synthesize() has returned");
    }
    const { iterations, evaluations, t, h, pairs, gradientBefore, lossBefore } = this.#memory;
    const arrays = this.#arrays;
    const hasStepped = gradientBefore >= 0;
    const pairAt = (slot: number, ro: HostScalar): LbfgsSnapshot["pairs"][number] => ({
      get y() {
        return arrays.half(slot, "y");
      },
      get s() {
        return arrays.half(slot, "s");
      },
      ro,
    });
    const last: LbfgsSnapshot["last"] = {
      get direction() {
        return arrays.direction();
      },
      get gradient() {
        return arrays.gradient(gradientBefore);
      },
      loss: lossBefore,
    };
    return {
      kind: "lbfgs",
      iterations,
      evaluations,
      t,
      h,
      pairs: pairs.map(({ slot, ro }) => pairAt(slot, ro)),
      last: hasStepped ? last : null,
    };
  }

  get image(): Tensor<FloatDType> {
    return this.#image.get();
  }

  get terms(): TermNumbers {
    return this.#before ?? this.#termsIn(this.#arrays.stages - 1);
  }

  #termsIn(stage: number): TermNumbers {
    if (this.#stage !== stage) this.#memory.known = null;
    this.#stage = stage;
    if (this.#memory.known === null) {
      // The next step begins with this evaluation.
      this.#arrays.stage = stage;
      this.#memory.known = this.#arrays.evaluate(this.#memory.gradientBefore === 0 ? 1 : 0, null);
    }
    const { loss, penalty, recorded } = this.#memory.known;
    return { loss, penalty, recorded };
  }

  *step({ lr }: Pace, stage: number, mayEnd = false): Generator<void, StepNumbers> {
    yield;
    const arrays = this.#arrays;
    arrays.begin();
    const before = this.terms;
    this.#termsIn(stage);
    arrays.stage = stage;
    const undo = mayEnd ? this.#undoing() : null;
    this.#before = before;
    let isWhole = false;
    try {
      const { first } = yield* lbfgsStep(arrays, this.#memory, this.optimizer.options, lr);
      const { loss, penalty, recorded, gradientNorm } = first;
      const found = { loss, penalty, recorded, gradientNorm, pixelChangeNorm: arrays.change() };
      checkFinite(found);
      this.#image.change();
      isWhole = true;
      return found;
    } catch (error) {
      isWhole = true;
      if (!(error instanceof NonFiniteError || error instanceof MemoryError)) throw error;
      // Or no room for another pair. What L-BFGS remembers is spoilt: it starts anew, from the image before the step.
      arrays.restore();
      this.#memory = freshMemory();
      throw error;
    } finally {
      arrays.onRemember = null;
      if (!isWhole) undo?.();
      this.#before = null;
    }
  }

  /** Keeps what the step that begins now may write over; gives what brings it back. */
  #undoing(): () => void {
    const arrays = this.#arrays;
    const memory = { ...this.#memory };
    const { pairs, gradientBefore } = memory;
    const last =
      gradientBefore < 0 ? null : { gradient: arrays.gradient(gradientBefore), direction: arrays.direction() };
    const kept = new Map<number, { readonly y: Values; readonly s: Values }>();
    arrays.onRemember = (slot) => {
      if (kept.has(slot) || !pairs.some((pair) => pair.slot === slot)) return;
      kept.set(slot, { y: arrays.half(slot, "y"), s: arrays.half(slot, "s") });
    };
    return () => {
      arrays.restore();
      for (const [slot, { y, s }] of kept) arrays.setPair(slot, y, s);
      // As of a loaded one: the gradient is in the first slot, and the present point is looked at again.
      if (last !== null) arrays.setLast(0, last.gradient, last.direction);
      this.#memory = { ...memory, gradientBefore: last === null ? -1 : 0, known: null };
    };
  }
}
