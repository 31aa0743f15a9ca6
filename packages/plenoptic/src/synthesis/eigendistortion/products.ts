// Products with the Fisher information F = J^T J of a model at one image, without ever making F or the Jacobian J.
//
// J v is a pushforward, and J^T of it a gradient. Both are one graph in which the image is a constant, so that everything
// the model computes on the way is computed once. A few vectors go through one program together: they share its constants,
// and each has the bits it has alone. Vectors are float64 whatever the precision of the model.

import { gradient, pushforward, Tensor } from "@plenoptic-js/tensor";
import { inputLeaf, type Node, type Program, type ProgramSpec } from "@plenoptic-js/tensor/engine";
import { checkFitting, fittingProgram } from "../../fitting.ts";
import type { Linearized } from "./linearized.ts";
import { checkProduct } from "./nonFinite.ts";
import type { Turn } from "./turn.ts";

/** Vectors that go through one program together, at most: more gains nothing. */
const MOST_LANES = 4;

/** As many together as go evenly. */
const lanesOf = (vectors: number): number => Math.ceil(vectors / Math.ceil(vectors / MOST_LANES));

/** A polynomial of F: T_d(shift + scale F), for the Chebyshev polynomial T_d of the first kind. */
export interface Chebyshev {
  readonly degree: number;
  readonly scale: number;
  readonly shift: number;
}

export class Products {
  /** Products so far. */
  count = 0;
  /** The largest number of all products so far. */
  largest = 0;
  readonly #at: Linearized;
  readonly #programs = new Map<number, Program>();

  constructor(at: Linearized) {
    this.#at = at;
  }

  /** F v for every vector. */
  multiply(vectors: readonly Float64Array[], turn: Turn): Promise<Float64Array[]> {
    return this.#each(vectors, async (program, lanes) => {
      this.#advance(program, lanes, 1, 0, 0);
      await turn.rest();
    });
  }

  /** T_d(shift + scale F) v for every vector, by the recurrence T_{i + 1}(t) = 2 t T_i(t) - T_{i - 1}(t). */
  polynomial(
    vectors: readonly Float64Array[],
    { degree, scale, shift }: Chebyshev,
    turn: Turn,
  ): Promise<Float64Array[]> {
    return this.#each(vectors, async (program, lanes) => {
      for (let i = 0; i < degree; i++) {
        if (i === 0) this.#advance(program, lanes, scale, shift, 0);
        else this.#advance(program, lanes, 2 * scale, 2 * shift, -1);
        await turn.rest();
      }
    });
  }

  async #each(
    vectors: readonly Float64Array[],
    work: (program: Program, lanes: number) => Promise<void>,
  ): Promise<Float64Array[]> {
    const { shape } = this.#at.image;
    const results: Float64Array[] = [];
    // What is left over goes one by one.
    const lanes = lanesOf(vectors.length);
    while (results.length < vectors.length) {
      const first = results.length;
      const together = vectors.length - first >= lanes ? lanes : 1;
      const program = this.#program(together);
      for (let i = 0; i < together; i++) program.set(`v${i}`, { dtype: "float64", shape, re: vectors[first + i] });
      await work(program, together);
      for (let i = 0; i < together; i++) {
        const result = program.get(`v${i}`).re as Float64Array;
        checkProduct(this.#at, vectors[first + i], result);
        this.largest = result.reduce((most, x) => Math.max(most, Math.abs(x)), this.largest);
        results.push(result);
      }
    }
    return results;
  }

  /** Every lane's v becomes a F v + b v + c u, and its u the former v. */
  #advance(program: Program, lanes: number, a: number, b: number, c: number): void {
    program.setNumber("a", a);
    program.setNumber("b", b);
    program.setNumber("c", c);
    program.run("advance");
    this.count += lanes;
  }

  #program(lanes: number): Program {
    const known = this.#programs.get(lanes);
    if (known !== undefined) return known;
    const program = fittingProgram(this.#at.image, this.#spec(lanes));
    this.#programs.set(lanes, program);
    return program;
  }

  /** Throws MemoryError where not even the products with one vector fit into memory. */
  checkFits(): void {
    if (this.#programs.size === 0) checkFitting(this.#at.image, () => this.leastPlan());
  }

  /** The program with one vector. */
  leastPlan(): ProgramSpec {
    return this.#spec(1);
  }

  #spec(lanes: number): ProgramSpec {
    const { image, output } = this.#at;
    const { shape, dtype } = image;
    const buffers: Record<string, Node> = {};
    const leaf = (name: string, like: readonly number[]): Tensor<"float64"> => {
      buffers[name] = inputLeaf(like, "float64");
      return new Tensor(buffers[name]);
    };
    const [a, b, c] = ["a", "b", "c"].map((name) => leaf(name, []));
    const updates: Record<string, Node> = {};
    for (let i = 0; i < lanes; i++) {
      const u = leaf(`u${i}`, shape);
      const v = leaf(`v${i}`, shape);
      const cotangent = pushforward(output, image, v.cast(dtype));
      const product = gradient(output, image, { cotangent }).cast("float64");
      updates[`v${i}`] = product.mul(a).add(v.mul(b)).add(u.mul(c)).node;
      updates[`u${i}`] = v.node;
    }
    return { buffers, entries: { advance: { updates } } };
  }
}
