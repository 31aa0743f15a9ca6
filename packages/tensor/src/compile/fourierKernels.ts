// The kernels of Fourier transforms, and the builders of their nodes, which make them known: a bundle without transforms is without
// these kernels.

import { type Ops, ops } from "../graph/build.ts";
import { gatherSum } from "../ops/gather.ts";
import { knowsZeroRows, lowerFft, lowerFft2, lowerIrfft2h, lowerRfft2h } from "../wasm/kernels/fft/fft.ts";
import { addsZeroRows } from "../wasm/kernels/gather/gather.ts";
import { addKernels, type FourierName, type KernelMaker } from "./kernels.ts";

const kernels: Readonly<Record<FourierName, KernelMaker>> = {
  fft: { lower: lowerFft },
  fft2: { lower: lowerFft2 },
  rfft2h: { lower: lowerRfft2h },
  irfft2h: {
    lower: lowerIrfft2h,
    // Of an input that ends with rows of zeros, the rows before these.
    operands: (node) =>
      knowsZeroRows(node)
        ? node.inputs.map((x) => (x.op === gatherSum && addsZeroRows(x) ? x.inputs[0] : x))
        : node.inputs,
  },
};

let areKnown = false;

/** The builders of Fourier nodes, whose kernels the compiler knows from now on. */
export function fourierOps(): Pick<Ops, FourierName> {
  if (!areKnown) addKernels(kernels);
  areKnown = true;
  return ops;
}
