// Every op there is, by its name. Builders (build.ts) make nodes of these and no others, so that each op has a kernel
// (compile/kernels.ts) and can be read from a file (stored/). A new family of ops gets its line here.

import * as complex from "../ops/complex.ts";
import { concat } from "../ops/concat.ts";
import * as convolve from "../ops/convolve.ts";
import type { KernelDefinition, OpDefinition } from "../ops/definition.ts";
import * as elementwise from "../ops/elementwise.ts";
import * as fourier from "../ops/fourier.ts";
import * as functions from "../ops/functions.ts";
import * as gather from "../ops/gather.ts";
import { array, input, literal } from "../ops/leaf.ts";
import * as matmul from "../ops/matmul.ts";
import * as reduce from "../ops/reduce.ts";
import { stopGradient } from "../ops/stopGradient.ts";
import * as view from "../ops/view.ts";

export const definitions = {
  input,
  array,
  literal,
  ...elementwise,
  ...functions,
  ...complex,
  stopGradient,
  ...view,
  ...reduce,
  ...gather,
  concat,
  ...convolve,
  ...matmul,
  ...fourier,
} as const satisfies Readonly<Record<string, OpDefinition>>;

type Definitions = typeof definitions;

/** The names of ops with an algorithm of their own. */
export type KernelName = {
  [Name in keyof Definitions]: Definitions[Name] extends KernelDefinition ? Name : never;
}[keyof Definitions];
