// The kernels of Fourier transforms, and the builders of their nodes, which make them known: a bundle without transforms is without
// all of them.

import { type FourierBuilders, ops } from "../graph/build.ts";
import { addFourier, fourierDefinitions } from "../graph/fourier.ts";
import { gatherSum } from "../ops/gather.ts";
import { knowsZeroRows, lowerFft, lowerFft2, lowerIrfft2h, lowerRfft2h } from "../wasm/kernels/fft/fft.ts";
import { addsZeroRows } from "../wasm/kernels/gather/gather.ts";
import { addKernels, type KernelMaker } from "./kernels.ts";

type FourierName = keyof typeof fourierDefinitions;

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
export function fourierOps(): FourierBuilders {
  if (!areKnown) {
    addFourier();
    addKernels(Object.entries(kernels).map(([name, maker]) => [fourierDefinitions[name as FourierName], maker]));
  }
  areKnown = true;
  return ops;
}
