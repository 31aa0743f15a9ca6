// The terms of a matrix product's sums (ops/matmul.ts).

import type { Expr, FunctionBuilder } from "../../assembler/assembler.ts";
import type { Element } from "../element.ts";

/** The terms a b of a sum, one vector per component (ops/matmul.ts). */
export function termsOf(f: FunctionBuilder, e: Element, a: readonly Expr[], b: readonly Expr[]): Expr[] {
  const product = (i: number, j: number): Expr => f.op(e.vector.mul, a[i], b[j]);
  if (a.length === 1) return [product(0, 0)];
  return [f.op(e.vector.sub, product(0, 0), product(1, 1)), f.op(e.vector.add, product(0, 1), product(1, 0))];
}
