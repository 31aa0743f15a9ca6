// Every op there is, by its name, but for Fourier transforms (fourier.ts), which a page that has none does not load. Builders (build.ts) make
// nodes of these and no others, so that each op has a kernel (compile/kernels.ts) and can be read from a file (stored/). A new op gets
// its line here.

import { complex, conj, imag, modulus, real } from "../ops/complex.ts";
import { concat } from "../ops/concat.ts";
import { conv2dWeight } from "../ops/convolve/weight.ts";
import { conv2d, correlate1d } from "../ops/convolve.ts";
import type { KernelDefinition, OpDefinition } from "../ops/definition.ts";
import {
  abs,
  add,
  and,
  cast,
  ceil,
  clip,
  div,
  eq,
  floor,
  le,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  normRoot,
  not,
  or,
  relu,
  rsqrt,
  sign,
  sqrt,
  square,
  sub,
  trunc,
  where,
} from "../ops/elementwise.ts";
import {
  atan,
  atan2,
  cos,
  erf,
  exp,
  expm1,
  log,
  log1p,
  pow,
  sigmoid,
  sin,
  softplus,
  tan,
  tanh,
} from "../ops/functions.ts";
import { gatherSum } from "../ops/gather.ts";
import { array, input, literal } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { max, min, sum } from "../ops/reduce.ts";
import { stopGradient } from "../ops/stopGradient.ts";
import { broadcastTo, permute, reshape, slice } from "../ops/view.ts";

export const definitions = {
  input,
  array,
  literal,
  add,
  sub,
  mul,
  div,
  neg,
  square,
  sqrt,
  rsqrt,
  normRoot,
  abs,
  sign,
  floor,
  ceil,
  trunc,
  relu,
  clip,
  minimum,
  maximum,
  eq,
  ne,
  lt,
  le,
  and,
  or,
  not,
  where,
  cast,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tan,
  atan,
  tanh,
  sigmoid,
  softplus,
  erf,
  atan2,
  pow,
  complex,
  real,
  imag,
  conj,
  modulus,
  stopGradient,
  reshape,
  broadcastTo,
  permute,
  slice,
  sum,
  min,
  max,
  gatherSum,
  concat,
  correlate1d,
  conv2d,
  conv2dWeight,
  matmul,
} as const satisfies Readonly<Record<string, OpDefinition>>;

type Definitions = typeof definitions;

/** The names of ops with an algorithm of their own. */
export type KernelName = {
  [Name in keyof Definitions]: Definitions[Name] extends KernelDefinition ? Name : never;
}[keyof Definitions];

const byName = new Map<string, OpDefinition>(Object.entries(definitions));

/** Makes ops known that are defined elsewhere. */
export function addDefinitions(more: Readonly<Record<string, OpDefinition>>): void {
  for (const [name, op] of Object.entries(more)) byName.set(name, op);
}

/** The op of a name that a file holds. */
export function definitionOf(name: string): OpDefinition | undefined {
  return byName.get(name);
}
