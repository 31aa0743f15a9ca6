// What this machine can do at best with the same means (WebAssembly, 128-bit SIMD, one thread), measured in the same run.

import { Tensor } from "@plenoptic-js/tensor";
import { inputLeaf, type Node, Program } from "@plenoptic-js/tensor/engine";
import type { Float, Run } from "./programs.ts";

export interface Ceiling {
  readonly unit: string;
  /** Amount of work of one run. */
  readonly amount: number;
  readonly run: Run;
}

function compiled(dtype: Float, shape: readonly number[], build: (x: Tensor) => Node): Run {
  const leaf = inputLeaf(shape, dtype);
  const program = new Program({ buffers: { x: leaf }, entries: { run: { outputs: { y: build(new Tensor(leaf)) } } } });
  return () => program.run("run");
}

const BIG = 4096 * 1024;

/** Bytes read and written by one pass over arrays far larger than the caches. */
export const bandwidth = (): Ceiling => ({
  unit: "bytes",
  amount: 2 * 8 * BIG,
  run: compiled("float64", [4096, 1024], (x) => x.neg().node),
});

const SMALL = 2048;
const ROUNDS = 12;

/** Multiplications and additions in short chains, many at once, on data in the first-level cache. */
export const arithmetic = (dtype: Float): Ceiling => ({
  unit: "operations",
  amount: 2 * ROUNDS * SMALL,
  run: compiled(dtype, [SMALL], (x) => {
    let y = x;
    for (let i = 0; i < ROUNDS; i++) y = y.mul(0.999).add(1e-3);
    return y.node;
  }),
});
