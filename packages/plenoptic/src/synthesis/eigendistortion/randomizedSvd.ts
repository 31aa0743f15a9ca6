// The largest pairs from products with a few random vectors: N. Halko, P. G. Martinsson and J. A. Tropp, "Finding structure
// with randomness", 2011.

import { eighOf, qrOf } from "@plenoptic-js/tensor/engine";
import type { Products } from "./products.ts";
import type { Turn } from "./turn.ts";
import { columnsOf, combine, dot, matrixOf, norm, takeAway, type Vectors } from "./vectors.ts";
import { type Pairs, pairsOf } from "./verdict.ts";

export interface RandomizedTask {
  readonly products: Products;
  readonly k: number;
  /** Further multiplications by F. */
  readonly q: number;
  /** Random vectors, k and a few more. */
  readonly range: Vectors;
  /** Random vectors that estimate the error. */
  readonly probes: Vectors;
  readonly turn: Turn;
}

/** k pairs, values decreasing, and how much of F a random vector sees outside of the space they were looked for in. */
export async function randomizedSvd(task: RandomizedTask): Promise<{ readonly pairs: Pairs; readonly error: number }> {
  const { products, k, q, range, probes, turn } = task;
  const orthonormal = (vectors: Vectors): Float64Array[] => columnsOf(qrOf(matrixOf(vectors)).q);
  let z = orthonormal(range);
  for (let i = 0; i <= q; i++) {
    z = await products.multiply(z, turn);
    turn.report({ stage: "top", share: (i + 1) / (q + 2), products: products.count, residual: null });
  }
  const basis = orthonormal(z);
  const images = await products.multiply(basis, turn);
  const size = basis.length;
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) data[i * size + j] = (dot(basis[i], images[j]) + dot(basis[j], images[i])) / 2;
  }
  // F is symmetric and has no negative eigenvalues: its singular values are its eigenvalues.
  const { vectors } = eighOf({ rows: size, columns: size, data });
  const first = columnsOf(vectors).reverse().slice(0, k);
  const pairs = pairsOf(await combine(basis, first, turn), await combine(images, first, turn));

  let error = 0;
  for (const image of await products.multiply(probes, turn)) {
    await takeAway(basis, image, turn);
    error += norm(image);
  }
  return { pairs, error: error / probes.length };
}
