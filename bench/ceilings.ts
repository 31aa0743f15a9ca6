// What this machine can do at best with the same means (WebAssembly, 128-bit SIMD, one thread), measured in the same run.

import { inputLeaf, type Node, Program, Tensor } from "@plenoptic-js/tensor";

export interface Ceiling {
  readonly name: string;
  readonly unit: string;
  /** Amount of work of one run, in the unit's numerator. */
  readonly amount: number;
  readonly run: () => void;
}

function compiled(shape: readonly number[], build: (x: Tensor) => Node): () => void {
  const leaf = inputLeaf(shape, "float64");
  const program = new Program({ buffers: { x: leaf }, entries: { run: { outputs: { y: build(new Tensor(leaf)) } } } });
  return () => program.run("run");
}

export function ceilings(): Ceiling[] {
  const big = 4096 * 1024;
  const small = 2048;
  const products = 12;
  return [
    // Reads one array and writes one, both far larger than the caches.
    {
      name: "memory bandwidth",
      unit: "GB/s",
      amount: (2 * 8 * big) / 1e9,
      run: compiled([4096, 1024], (x) => x.neg().node),
    },
    // Short chains of multiplications and additions, many at once, on data in the first-level cache.
    {
      name: "float64 multiply-add rate",
      unit: "G/s",
      amount: (products * small) / 1e9,
      run: compiled([small], (x) => {
        let y = x;
        for (let i = 0; i < products; i++) y = y.mul(0.999).add(1e-3);
        return y.node;
      }),
    },
  ];
}
