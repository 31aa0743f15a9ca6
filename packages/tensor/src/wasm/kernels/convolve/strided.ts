// Vectors of operands that lie some elements apart, as results of a strided convolution need them.

import type { Expr, FunctionBuilder } from "../../assembler/assembler.ts";
import type { Element, Instructions } from "../element.ts";

// Of two vectors, of which the second starts one element before the first's end: every other element.
const EVEN_4 = [0, 1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 23, 28, 29, 30, 31];
const EVEN_2 = [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31];

/** Vector (or single element) i of elements `stride` apart from `address` on. Nothing is read beyond its last element. */
export function loadStrided(
  f: FunctionBuilder,
  e: Element,
  use: Instructions,
  stride: number,
  address: Expr,
  i: number,
): Expr {
  const lanes = use.bytes / e.bytes;
  if (stride === 1 || lanes === 1) return f.load(use.load, address, i * use.bytes * stride, e.bytes);
  const offset = (lane: number): number => (i * lanes + lane) * stride * e.bytes;
  if (stride === 2) {
    const first = f.load(use.load, address, offset(0), e.bytes);
    const second = f.load(use.load, address, offset(0) + (lanes - 1) * e.bytes, e.bytes);
    return f.shuffle(lanes === 4 ? EVEN_4 : EVEN_2, first, second);
  }
  let vector = f.load(use.splat, address, offset(0));
  for (let lane = 1; lane < lanes; lane++) vector = f.loadLane(e.loadLane, address, vector, lane, offset(lane));
  return vector;
}
