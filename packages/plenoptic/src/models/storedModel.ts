// A model that comes from a file. It is graphs, one for each type of what it is called on, and no code.

import { DTypeError, ShapeError, type Tensor, type TensorSpec } from "@plenoptic-js/tensor";
import { callGraph, describe, type LoadedGraph } from "@plenoptic-js/tensor/engine";
import type { Model } from "./model.ts";

/** A name of a part of a representation. */
type Label = string | number;

/** The graph of a function for some types of its arguments. */
export interface StoredCase {
  readonly inputs: readonly TensorSpec[];
  /** Of a model with scales: those of the part that the graph gives; null: all of them. */
  readonly scales: readonly Label[] | null;
  readonly graph: LoadedGraph;
}

/** The very types, and the very part. */
const keyOf = (inputs: readonly TensorSpec[], scales: readonly unknown[] | null): string =>
  JSON.stringify([inputs.map(({ dtype, shape }) => [dtype, shape]), scales]);

/** A model, loss, penalty or metric that was read from a file. */
export class StoredFunction {
  /** In words: `the model of metamer.pt`. */
  readonly what: string;
  readonly #cases: ReadonlyMap<string, StoredCase>;

  constructor(what: string, cases: readonly StoredCase[]) {
    this.what = what;
    this.#cases = new Map(cases.map((one) => [keyOf(one.inputs, one.scales), one]));
  }

  get cases(): readonly StoredCase[] {
    return [...this.#cases.values()];
  }

  /** Whether it can be asked for this part. */
  has(scales: readonly unknown[] | null): boolean {
    return this.cases.some((one) => JSON.stringify(one.scales) === JSON.stringify(scales));
  }

  /** What it gives. Throws ShapeError or DTypeError for what it was not stored for. */
  call(given: readonly Tensor[], scales: readonly unknown[] | null = null): Tensor {
    const found = this.#cases.get(keyOf(given, scales));
    if (found !== undefined) return callGraph(found.graph, given);
    const types = (inputs: readonly TensorSpec[]): string => inputs.map(describe).join(" and ");
    const own = this.cases.filter((one) => JSON.stringify(one.scales) === JSON.stringify(scales));
    const part = scales === null ? "" : ` for the scales [${scales.map(String).join(", ")}]`;
    const kept =
      own.length === 0 ? "not at all" : `for ${[...new Set(own.map(({ inputs }) => types(inputs)))].join(", or ")}`;
    const problem =
      `${this.what} is called on ${types(given)}${part}, and was stored ${kept}. A stored model has fixed shapes and dtypes: for others ` +
      "make the object with the model itself, as in new po.Metamer(image, model)";
    const shapes = (inputs: readonly TensorSpec[]): string => JSON.stringify(inputs.map(({ shape }) => shape));
    throw own.some(({ inputs }) => shapes(inputs) === shapes(given))
      ? new DTypeError(problem)
      : new ShapeError(problem);
  }
}

/** A model from a file, under the name and with the options that recipes know it by. */
export class StoredModel implements Model {
  declare readonly name?: string;
  declare readonly options?: Readonly<Record<string, unknown>>;
  /** Of a model with scales, coarse to fine. */
  declare readonly scales?: readonly Label[];
  readonly stored: StoredFunction;

  constructor(stored: StoredFunction, about: Pick<StoredModel, "name" | "options" | "scales">) {
    this.stored = stored;
    Object.assign(this, about);
    Object.freeze(this);
  }

  forward(image: Tensor, { scales = null }: { readonly scales?: readonly unknown[] | null } = {}): Tensor {
    return this.stored.call([image], scales);
  }

  toString(): string {
    return this.name ?? this.stored.what;
  }
}
