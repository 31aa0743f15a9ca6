// The kernels of ops that have an algorithm of their own. An op without one does not compile.

import { definitions, type KernelName } from "../graph/definitions.ts";
import type { Node, OpDefinition } from "../ops/definition.ts";
import { lowerConv2d, lowerCorrelate1d } from "../wasm/kernels/convolve/convolve.ts";
import { lowerConv2dWeight } from "../wasm/kernels/convolve/weight.ts";
import { knowsZeroRows, lowerFft, lowerFft2, lowerIrfft2h, lowerRfft2h } from "../wasm/kernels/fft/fft.ts";
import { lowerConcat } from "../wasm/kernels/gather/concat.ts";
import { addsZeroRows, lowerGatherSum } from "../wasm/kernels/gather/gather.ts";
import type { Lowered } from "../wasm/kernels/kernel.ts";
import { lowerMatmul } from "../wasm/kernels/matmul/matmul.ts";
import { piecedOperands } from "../wasm/kernels/matmul/pieces.ts";

/** What the compiler knows of a kernel's node. */
export interface Surroundings {
  /** What it reads: its inputs, or what `operandsOf` says. */
  readonly operands: readonly Node[];
  /** How many rows of the result are read, counted from the first. */
  readonly rowsRead: number;
}

type Lower = (node: Node, around: Surroundings) => Lowered;

const lowerings: Readonly<Record<KernelName, Lower>> = {
  gatherSum: lowerGatherSum,
  concat: lowerConcat,
  correlate1d: lowerCorrelate1d,
  conv2d: lowerConv2d,
  conv2dWeight: lowerConv2dWeight,
  matmul: lowerMatmul,
  fft: lowerFft,
  fft2: lowerFft2,
  rfft2h: lowerRfft2h,
  irfft2h: lowerIrfft2h,
};

const byDefinition = new Map<OpDefinition, Lower>(
  Object.entries(lowerings).map(([name, lower]) => [definitions[name as KernelName], lower]),
);

/**
 * What a kernel can do with instead of its inputs: of an input that ends with rows of zeros, the rows before these; of a matrix whose
 * rows are several of an array, that array.
 */
export function operandsOf(node: Node): readonly Node[] {
  if (node.op === definitions.matmul) return piecedOperands(node);
  if (node.op !== definitions.irfft2h || !knowsZeroRows(node)) return node.inputs;
  return node.inputs.map((x) => (x.op === definitions.gatherSum && addsZeroRows(x) ? x.inputs[0] : x));
}

/** What a node becomes in WebAssembly. */
export function lowerKernel(node: Node, around: Partial<Surroundings> = {}): Lowered {
  const lower = byDefinition.get(node.op);
  if (lower === undefined) throw new Error(`${node.op.name} is not one of the ops with a kernel`);
  return lower(node, { operands: node.inputs, rowsRead: Number.POSITIVE_INFINITY, ...around });
}
