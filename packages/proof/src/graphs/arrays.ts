// Random arrays for the tests of ops and kernels, from a small seeded generator.

import {
  type ArrayValue,
  allocate,
  type DType,
  type Plane,
  realOf,
  type Shape,
} from "../../../tensor/src/ops/definition.ts";

/** Draws from [0, 1): the top bits of a linear congruential generator (Numerical Recipes' constants). */
export type Draw = () => number;

export function generator(seed: number): Draw {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  for (let i = 0; i < 4; i++) next();
  return next;
}

/** An integer from low to high, both included. */
export function integer(draw: Draw, low: number, high: number): number {
  return low + Math.floor(draw() * (high - low + 1));
}

export function pick<T>(draw: Draw, items: readonly T[]): T {
  return items[integer(draw, 0, items.length - 1)];
}

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 5e-324, -1e-310, 1e-42, -2e-45, 3e38, -1.7e308];

function fill(draw: Draw, plane: Plane, dtype: DType, special: number): void {
  const real = realOf(dtype);
  for (let i = 0; i < plane.length; i++) {
    if (real === "bool") plane[i] = integer(draw, 0, 1);
    else if (real === "int32") plane[i] = integer(draw, -0x80000000, 0x7fffffff);
    else plane[i] = draw() < special ? pick(draw, SPECIAL) : draw() - 0.5;
  }
}

/** Values in [-0.5, 0.5), with a share `special` of NaN, infinities, zeros, subnormal and huge numbers. */
export function randomArray(draw: Draw, shape: Shape, dtype: DType, special = 0): ArrayValue {
  const array = allocate(dtype, shape);
  fill(draw, array.re, dtype, special);
  if (array.im) fill(draw, array.im, dtype, special);
  return array;
}

/** Sum of the products of all components. */
export function inner(a: ArrayValue, b: ArrayValue): number {
  let sum = 0;
  for (let i = 0; i < a.re.length; i++) sum += a.re[i] * b.re[i] + (a.im && b.im ? a.im[i] * b.im[i] : 0);
  return sum;
}

/** Random places to cut `units` at, for the harness. */
export function randomCut(draw: Draw): (units: number) => number[] {
  return (units) => {
    const edges = Array.from({ length: integer(draw, 0, 4) }, () => integer(draw, 0, units));
    return [0, ...edges.sort((a, b) => a - b), units];
  };
}
