// The default method at small images, and where many pairs of somewhat larger ones are wanted: F itself, from its products with the unit vectors, decomposed.
//
// The smallest eigenvalues of most models lie so close together that Lanczos needs about as many products as there are pixels,
// and more. With so many products F is known, and every pair is exact.

import { decompose } from "./dense.ts";
import type { Products } from "./products.ts";
import type { Turn } from "./turn.ts";
import { columnOf, type Vectors } from "./vectors.ts";
import { type Pairs, ritzPairs } from "./verdict.ts";

/** Pixels up to which the decomposition, which takes n^3, is done in about a second: 24 x 24. */
const MOST_PIXELS = 576;

/**
 * Pixels up to which it is done for many pairs too. The search takes some two hundred products for each small pair, so that for
 * a sixteenth of all it takes more than ten times n; the decomposition is about a minute at most.
 */
const MOST_PIXELS_FOR_MANY = 2048;
const MANY = 1 / 16;

/**
 * Whether F is made: of few pixels, where `maxIter` allows as many products; and where k is a sixteenth of n or more, and the
 * search may take as many products in all.
 */
export function fillsSpace(n: number, k: number, maxIter: number): boolean {
  if (n <= MOST_PIXELS) return n <= maxIter;
  return n <= MOST_PIXELS_FOR_MANY && k >= MANY * n && n <= 2 * k * maxIter;
}

/** Vectors between two reports of progress. */
const TOGETHER = 16;

/** The first `top` and the last `bottom` of the n pairs, values decreasing. */
export async function wholeSpace(
  { products, n, turn }: { readonly products: Products; readonly n: number; readonly turn: Turn },
  top: number,
  bottom: number,
): Promise<Pairs> {
  const rows: Float64Array[] = [];
  while (rows.length < n) {
    const units = Array.from({ length: Math.min(TOGETHER, n - rows.length) }, (_, i) => unit(n, rows.length + i));
    rows.push(...(await products.multiply(units, turn)));
    turn.report({ stage: "top", share: rows.length / n, products: products.count, residual: null });
  }
  const { vectors } = await decompose({ rows: n, columns: n, data: symmetric(rows) }, turn, (share) =>
    turn.report({ stage: "decomposition", share, products: products.count, residual: null }),
  );
  // Columns belong to increasing values.
  const wanted = [...Array.from({ length: top }, (_, i) => n - 1 - i), ...Array.from({ length: bottom }, (_, i) => i)];
  return ritzPairs(
    products,
    wanted.map((j) => columnOf(vectors, j)),
    turn,
  );
}

function unit(n: number, place: number): Float64Array {
  const v = new Float64Array(n);
  v[place] = 1;
  return v;
}

/** What rounding has made different on both sides of the diagonal becomes the mean. */
function symmetric(rows: Vectors): Float64Array {
  const n = rows.length;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data[i * n + j] = (rows[i][j] + rows[j][i]) / 2;
  return data;
}
