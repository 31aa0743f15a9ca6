// The kernels of ops that have an algorithm of their own. An op without one does not compile.

import { definitions, type KernelName } from "../graph/definitions.ts";
import type { Node, OpDefinition } from "../ops/definition.ts";
import { lowerConv2d, lowerCorrelate1d, matrixOperands } from "../wasm/kernels/convolve/convolve.ts";
import { lowerConv2dWeight } from "../wasm/kernels/convolve/weight.ts";
import { lowerConcat } from "../wasm/kernels/gather/concat.ts";
import { lowerGatherSum } from "../wasm/kernels/gather/gather.ts";
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

/** How an op with an algorithm of its own becomes WebAssembly. */
export interface KernelMaker {
  readonly lower: (node: Node, around: Surroundings) => Lowered;
  /** What it can do with instead of its inputs. */
  readonly operands?: (node: Node) => readonly Node[];
}

/** Those of Fourier transforms come with fourierKernels.ts: a page that transforms nothing does not load them. */
const kernels: Readonly<Record<KernelName, KernelMaker>> = {
  gatherSum: { lower: lowerGatherSum },
  concat: { lower: lowerConcat },
  correlate1d: { lower: lowerCorrelate1d },
  conv2d: { lower: lowerConv2d, operands: matrixOperands },
  conv2dWeight: { lower: lowerConv2dWeight },
  // Of a matrix whose rows are several of an array, that array.
  matmul: { lower: lowerMatmul, operands: piecedOperands },
};

const byDefinition = new Map<OpDefinition, KernelMaker>(
  Object.entries(kernels).map(([name, maker]) => [definitions[name as KernelName], maker]),
);

/** Makes kernels known, before a node that needs one is compiled. */
export function addKernels(makers: Iterable<readonly [op: OpDefinition, maker: KernelMaker]>): void {
  for (const [op, maker] of makers) byDefinition.set(op, maker);
}

/** What a kernel reads: its node's inputs, or what it can do with instead. */
export function operandsOf(node: Node): readonly Node[] {
  return byDefinition.get(node.op)?.operands?.(node) ?? node.inputs;
}

/** What a node becomes in WebAssembly. */
export function lowerKernel(node: Node, around: Partial<Surroundings> = {}): Lowered {
  const maker = byDefinition.get(node.op);
  if (maker === undefined) throw new Error(`${node.op.name} is not one of the ops with a kernel`);
  return maker.lower(node, { operands: node.inputs, rowsRead: Number.POSITIVE_INFINITY, ...around });
}
