// The kernels of ops that have an algorithm of their own. An op without one does not compile.

import { definitions, type KernelName } from "../graph/definitions.ts";
import type { Node, OpDefinition } from "../ops/definition.ts";
import { lowerConv2d, lowerCorrelate1d } from "../wasm/kernels/convolve/convolve.ts";
import { lowerFft, lowerFft2, lowerIrfft2h, lowerRfft2h } from "../wasm/kernels/fft/fft.ts";
import { lowerConcat } from "../wasm/kernels/gather/concat.ts";
import { lowerGatherSum } from "../wasm/kernels/gather/gather.ts";
import type { Lowered } from "../wasm/kernels/kernel.ts";
import { lowerMatmul } from "../wasm/kernels/matmul/matmul.ts";

type Lower = (node: Node, rowsRead: number) => Lowered;

const lowerings: Readonly<Record<KernelName, Lower>> = {
  gatherSum: lowerGatherSum,
  concat: lowerConcat,
  correlate1d: lowerCorrelate1d,
  conv2d: lowerConv2d,
  matmul: lowerMatmul,
  fft: lowerFft,
  fft2: lowerFft2,
  rfft2h: lowerRfft2h,
  irfft2h: lowerIrfft2h,
};

const byDefinition = new Map<OpDefinition, Lower>(
  Object.entries(lowerings).map(([name, lower]) => [definitions[name as KernelName], lower]),
);

/** What a node becomes in WebAssembly. Of its result no more than the first `rowsRead` rows need be there. */
export function lowerKernel(node: Node, rowsRead = Number.POSITIVE_INFINITY): Lowered {
  const lower = byDefinition.get(node.op);
  if (lower === undefined) throw new Error(`${node.op.name} is not one of the ops with a kernel`);
  return lower(node, rowsRead);
}
