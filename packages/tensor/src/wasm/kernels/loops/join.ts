// How reductions join values: lanes, vectors, and rows of partial results, in the fixed order of math/summation.ts.

import type { ScalarType } from "../../../math/scalar.ts";
import type { ReduceKind } from "../../../ops/definition.ts";
import {
  type Expr,
  type FunctionBuilder,
  f32x4Const,
  f64x2Const,
  i32x4Const,
  type Local,
  type Operand,
} from "../../assembler/assembler.ts";

/** The neutral element of a reduction. */
export function neutral(kind: ReduceKind, type: ScalarType): number {
  if (kind === "sum") return 0;
  if (type === "i32") return kind === "min" ? 0x7fffffff : -0x80000000;
  return kind === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

export function splat(type: ScalarType, x: number): Expr {
  return type === "f64" ? f64x2Const(x) : type === "f32" ? f32x4Const(x) : i32x4Const(x);
}

export function accumulate(f: FunctionBuilder, kind: ReduceKind, type: ScalarType, a: Expr, b: Expr): Expr {
  const shape = type === "f64" ? "f64x2" : type === "f32" ? "f32x4" : "i32x4";
  if (kind === "sum") return f.op(`${shape}.add`, a, b);
  if (shape === "i32x4") return f.op(kind === "min" ? "i32x4.min_s" : "i32x4.max_s", a, b);
  return f.op(`${shape}.${kind}`, a, b);
}

/** Joins the lanes of an accumulator in a balanced tree: one scalar. */
export function joinLanes(f: FunctionBuilder, kind: ReduceKind, type: "f32" | "f64" | "i32", v: Expr): Expr {
  const lane = (k: number): Expr =>
    f.lane(type === "f64" ? "f64x2.extract_lane" : type === "f32" ? "f32x4.extract_lane" : "i32x4.extract_lane", k, v);
  const join = (a: Expr, b: Expr): Expr => joinScalars(f, kind, type, a, b);
  return type === "f64" ? join(lane(0), lane(1)) : join(join(lane(0), lane(1)), join(lane(2), lane(3)));
}

export function joinScalars(f: FunctionBuilder, kind: ReduceKind, type: "f32" | "f64" | "i32", a: Expr, b: Expr): Expr {
  if (kind === "sum") return f.op(`${type}.add`, a, b);
  if (type !== "i32") return f.op(`${type}.${kind}`, a, b);
  return f.select(a, b, f.op(kind === "min" ? "i32.lt_s" : "i32.gt_s", a, b));
}

/** Joins `count` >= 1 values of `bytes` each at `base` in a balanced tree by index, in place; the result is the first. */
export function treeInPlace(
  f: FunctionBuilder,
  count: Operand,
  base: Local,
  bytes: number,
  load: (at: Local, offset: number) => Expr,
  store: (at: Local, value: Expr) => void,
  join: (a: Expr, b: Expr) => Expr,
): void {
  const from = f.local("i32");
  const to = f.local("i32");
  const i = f.local("i32");
  const n = f.local("i32");
  f.set(n, count);
  f.block((end) => {
    f.loop((again) => {
      f.brIf(end, f.op("i32.eq", n, 1));
      f.set(from, base);
      f.set(to, base);
      f.forRange(i, 0, f.op("i32.shr_u", n, 1), 1, () => {
        store(to, join(load(from, 0), load(from, bytes)));
        f.set(from, f.op("i32.add", from, 2 * bytes));
        f.set(to, f.op("i32.add", to, bytes));
      });
      f.if(f.op("i32.and", n, 1), () => store(to, load(from, 0)));
      f.set(n, f.op("i32.shr_u", f.op("i32.add", n, 1), 1));
      f.br(again);
    });
  });
}
