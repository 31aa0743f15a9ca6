// The instructions for one type of element, which kernels are written with: as vectors and one by one.

import { type Node, realOf } from "../../ops/definition.ts";
import {
  type Expr,
  f32Const,
  f32x4Const,
  f64Const,
  f64x2Const,
  i32Const,
  i32x4Const,
  type LoadLaneName,
  type LoadName,
  type OpName,
  type StoreName,
} from "../assembler/assembler.ts";

/** Instructions for vectors, or those for single elements. */
export interface Instructions {
  readonly load: LoadName;
  readonly store: StoreName;
  /** Loads one element, for all lanes of a vector. */
  readonly splat: LoadName;
  readonly add: OpName;
  readonly sub: OpName;
  readonly mul: OpName;
  readonly zero: Expr;
  /** What a sum may start from without a case for its first term: (-0) + x is x for every x, -0 included. */
  readonly neutral: Expr;
  readonly bytes: number;
}

export type ElementType = "f32" | "f64" | "i32";

/** A type of element. bool is stored as i32. */
export interface Element<T extends ElementType = ElementType> {
  readonly type: T;
  readonly bytes: 4 | 8;
  readonly lanes: 4 | 2;
  readonly loadLane: LoadLaneName;
  readonly vector: Instructions;
  readonly single: Instructions;
}

function element<T extends ElementType>(
  type: T,
  lanes: 4 | 2,
  vectors: "f32x4" | "f64x2" | "i32x4",
  constants: Readonly<Record<"vector" | "single", (x: number) => Expr>>,
): Element<T> {
  const bytes = lanes === 2 ? 8 : 4;
  const nothing = type === "i32" ? 0 : -0;
  return {
    type,
    bytes,
    lanes,
    loadLane: lanes === 2 ? "v128.load64_lane" : "v128.load32_lane",
    vector: {
      load: "v128.load",
      store: "v128.store",
      splat: lanes === 2 ? "v128.load64_splat" : "v128.load32_splat",
      add: `${vectors}.add`,
      sub: `${vectors}.sub`,
      mul: `${vectors}.mul`,
      zero: constants.vector(0),
      neutral: constants.vector(nothing),
      bytes: 16,
    },
    single: {
      load: `${type}.load`,
      store: `${type}.store`,
      splat: `${type}.load`,
      add: `${type}.add`,
      sub: `${type}.sub`,
      mul: `${type}.mul`,
      zero: constants.single(0),
      neutral: constants.single(nothing),
      bytes,
    },
  };
}

const F64 = element("f64", 2, "f64x2", { vector: f64x2Const, single: f64Const });
const F32 = element("f32", 4, "f32x4", { vector: f32x4Const, single: f32Const });
const I32 = element("i32", 4, "i32x4", { vector: i32x4Const, single: i32Const });

/** The elements of a node's planes, which are floats. */
export function floatElementOf({ dtype }: Node): Element<"f32" | "f64"> {
  return realOf(dtype) === "float64" ? F64 : F32;
}

/** The elements of a node's planes. */
export function elementOf(node: Node): Element {
  const real = realOf(node.dtype);
  return real === "float64" || real === "float32" ? floatElementOf(node) : I32;
}
