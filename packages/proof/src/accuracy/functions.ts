// The functions under test: the scalar expression, the reference, and where to look.

import { atan, atan2 } from "../../../tensor/src/math/atan.ts";
import { erf } from "../../../tensor/src/math/erf.ts";
import { exp, expm1 } from "../../../tensor/src/math/exp.ts";
import { sigmoid, softplus, tanh } from "../../../tensor/src/math/hyperbolic.ts";
import { log, log1p } from "../../../tensor/src/math/log.ts";
import { pow } from "../../../tensor/src/math/pow.ts";
import type { FloatType, Scalar } from "../../../tensor/src/math/scalar.ts";
import { cos, sin, tan } from "../../../tensor/src/math/trig.ts";
import type { Big } from "./big.ts";
import * as reference from "./reference.ts";

type Range = readonly [low: number, high: number];

export interface Subject {
  readonly name: string;
  /** One or two operands. */
  readonly build: (...args: Scalar[]) => Scalar;
  readonly exact: (...args: Big[]) => Big;
  /** Intervals sampled uniformly. For two operands these are for the first; see `second`. */
  readonly ranges: Readonly<Record<FloatType, readonly Range[]>>;
  /** Points where the method changes or the result does something special: their neighbours are tried. */
  readonly points: readonly number[];
  /** Arguments are taken from the open interval between these. */
  readonly domain: Range;
  /** Near multiples of this number lie the hardest arguments. */
  readonly period?: number;
  /** Picks the second operand that suits the first; `uniform` is in [0, 1). */
  readonly second?: (first: number, type: FloatType, uniform: () => number) => number;
  /** Largest error found and promised, in units of the last place of the exact result. */
  readonly bound: Readonly<Record<FloatType, number>>;
}

const EVERYWHERE: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
const both = (...ranges: Range[]): Subject["ranges"] => ({ f32: ranges, f64: ranges });
const ANGLES = {
  ranges: {
    f32: [
      [-10, 10],
      [-4000, 4000],
    ],
    f64: [
      [-10, 10],
      [-2e6, 2e6],
    ],
  },
  points: [0, 3000, 1e6, Math.PI / 4],
  domain: EVERYWHERE,
  period: Math.PI / 2,
} as const;

/** An exponent that brings x^y anywhere from underflow to overflow, or a small whole number or half. */
function powerFor(x: number, type: FloatType, uniform: () => number): number {
  const span = type === "f64" ? 1080 : 152;
  if (uniform() < 0.2) return Math.floor(uniform() * 40 - 20) / 2;
  return ((uniform() * 2 - 1) * span) / Math.log2(x);
}

/** An abscissa of any sign: comparable with y, or far from it. */
function abscissaFor(y: number, _type: FloatType, uniform: () => number): number {
  const size = uniform() < 0.5 ? 0.4 + uniform() * 2.2 : 2 ** (uniform() * 140 - 70);
  return (uniform() < 0.5 ? -1 : 1) * y * size;
}

export const SUBJECTS: readonly Subject[] = [
  {
    name: "exp",
    build: exp,
    exact: reference.exp,
    ranges: {
      f64: [
        [-1, 1],
        [-746, 710],
      ],
      f32: [
        [-1, 1],
        [-104, 89],
      ],
    },
    points: [0, -745.13, -708.4, 709.78, -103.97, -87.34, 88.72],
    domain: [-800, 710],
    period: Math.LN2 / 2,
    bound: { f64: 1, f32: 1 },
  },
  {
    name: "expm1",
    build: expm1,
    exact: reference.expm1,
    ranges: {
      f64: [
        [-1, 1],
        [-40, 710],
      ],
      f32: [
        [-1, 1],
        [-20, 89],
      ],
    },
    points: [0, 709.78, 88.72, -37, -17],
    domain: [-800, 710],
    period: Math.LN2 / 2,
    bound: { f64: 2, f32: 2 },
  },
  {
    name: "log",
    build: log,
    exact: reference.log,
    ranges: both([0.4, 2.5], [0, 1e6]),
    points: [1, Math.SQRT1_2, Math.SQRT2, 2],
    domain: [0, Number.POSITIVE_INFINITY],
    bound: { f64: 1, f32: 1 },
  },
  {
    name: "log1p",
    build: log1p,
    exact: reference.log1p,
    ranges: both([-1, 2], [0, 1e6]),
    points: [0, Math.SQRT1_2 - 1, Math.SQRT2 - 1, -1, 1],
    domain: [-1, Number.POSITIVE_INFINITY],
    bound: { f64: 2, f32: 2 },
  },
  { name: "sin", build: sin, exact: reference.sin, ...ANGLES, bound: { f64: 1, f32: 1 } },
  { name: "cos", build: cos, exact: reference.cos, ...ANGLES, bound: { f64: 1, f32: 1 } },
  { name: "tan", build: tan, exact: reference.tan, ...ANGLES, bound: { f64: 2, f32: 2 } },
  {
    name: "atan",
    build: atan,
    exact: reference.atan,
    ranges: both([-3, 3], [-100, 100]),
    points: [0, 0.5, 2, 1],
    domain: EVERYWHERE,
    bound: { f64: 2, f32: 2 },
  },
  {
    name: "atan2",
    build: atan2,
    exact: reference.atan2,
    ranges: both([-3, 3], [-100, 100]),
    points: [1],
    domain: EVERYWHERE,
    second: abscissaFor,
    bound: { f64: 2, f32: 2 },
  },
  {
    name: "pow",
    build: pow,
    exact: reference.pow,
    ranges: both([0, 3], [0.9, 1.1], [0, 1e6]),
    points: [1, 2, Math.SQRT2, Math.SQRT1_2],
    domain: [0, Number.POSITIVE_INFINITY],
    second: powerFor,
    bound: { f64: 1, f32: 1 },
  },
  {
    name: "tanh",
    build: tanh,
    exact: reference.tanh,
    ranges: both([-1, 1], [-20, 20]),
    points: [0, 9, 19, 0.17],
    domain: [-1000, 1000],
    bound: { f64: 2, f32: 2 },
  },
  {
    name: "sigmoid",
    build: sigmoid,
    exact: reference.sigmoid,
    ranges: {
      f64: [
        [-5, 5],
        [-746, 50],
      ],
      f32: [
        [-5, 5],
        [-104, 20],
      ],
    },
    points: [0, -708.4, -745.13, -87.34, -103.97],
    domain: [-1000, 1000],
    bound: { f64: 2, f32: 2 },
  },
  {
    name: "softplus",
    build: softplus,
    exact: reference.softplus,
    ranges: {
      f64: [
        [-5, 5],
        [-746, 22],
      ],
      f32: [
        [-5, 5],
        [-104, 22],
      ],
    },
    points: [0, 20, -708.4, -745.13, -87.34, -103.97],
    domain: [-1000, 1000],
    bound: { f64: 2, f32: 2 },
  },
  {
    name: "erf",
    build: erf,
    exact: reference.erf,
    ranges: both([-1.5, 1.5], [-6, 6]),
    points: [0, 1, 3.92, 4, 5.92, 6],
    domain: [-7, 7],
    bound: { f64: 2, f32: 2 },
  },
];
