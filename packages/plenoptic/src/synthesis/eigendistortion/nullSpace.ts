// Vectors that a model with fewer outputs than pixels cannot see: what is left of any vector without its part in the row
// space of J.
//
// The conjugate residual method finds that part, y with F y = F x, from products with F alone, and makes |F (x - y)| as small
// as so many products can: E. Stiefel, "Relaxationsmethoden bester Strategie zur Lösung linearer Gleichungssysteme", 1955;
// Y. Saad, "Iterative Methods for Sparse Linear Systems", 2nd edition, 2003, section 6.8.

import type { Products } from "./products.ts";
import type { Turn } from "./turn.ts";
import { addScaled, dot, norm, scaleBy, takeAway, type Vectors } from "./vectors.ts";

/** One vector on its way: r = F v, p the direction of the next step; and their products with F. */
interface State {
  readonly v: Float64Array;
  readonly r: Float64Array;
  readonly p: Float64Array;
  fr: Float64Array;
  readonly fp: Float64Array;
  /** r . F r */
  rate: number;
}

/**
 * Unit vectors v with |F v| at most `limit`, or what `maxIter` products with each give. The given vectors are changed; they
 * must have parts in the null space, as random ones have.
 *
 * @param locked orthonormal eigenvectors of other eigenvalues, of which nothing shall be left
 */
export async function nullVectors(
  products: Products,
  given: Vectors,
  locked: Vectors,
  { limit, maxIter, turn, report }: NullOptions,
): Promise<Float64Array[]> {
  for (const v of given) await takeAway(locked, v, turn);
  const images = await products.multiply(given, turn);
  const second = await products.multiply(images, turn);
  const states = given.map((v, i): State => {
    const [r, fr] = [images[i], second[i]];
    return { v, r, p: r.slice(), fr, fp: fr.slice(), rate: dot(r, fr) };
  });
  for (let i = 2; i < maxIter; i++) {
    const open = states.filter(({ v, r, rate }) => rate > 0 && norm(r) > limit * norm(v));
    report(i / maxIter, Math.max(...states.map(({ v, r }) => norm(r) / norm(v))));
    if (open.length === 0) break;
    for (const { v, r, p, fp, rate } of open) {
      const step = rate / dot(fp, fp);
      addScaled(-step, p, v);
      addScaled(-step, fp, r);
      await turn.rest();
    }
    const next = await products.multiply(
      open.map(({ r }) => r),
      turn,
    );
    for (const [j, state] of open.entries()) {
      state.fr = next[j];
      const rate = dot(state.r, state.fr);
      const turned = state.rate > 0 ? rate / state.rate : 0;
      state.rate = rate;
      scaleBy(turned, state.p);
      addScaled(1, state.r, state.p);
      scaleBy(turned, state.fp);
      addScaled(1, state.fr, state.fp);
      await turn.rest();
    }
  }
  const found: Float64Array[] = [];
  for (const { v } of states) {
    await takeAway(locked, v, turn);
    await takeAway(found, v, turn);
    scaleBy(1 / norm(v), v);
    found.push(v);
  }
  return found;
}

interface NullOptions {
  readonly limit: number;
  readonly maxIter: number;
  readonly turn: Turn;
  /** Told the share of `maxIter`, and the largest |F v|. */
  readonly report: (share: number, residual: number) => void;
}
