// The Fourier transforms of the op set: their definitions and builders, apart from the others, so that a bundle without transforms is without
// them. compile/fourierKernels.ts makes them known, together with their kernels.

import type { Node } from "../ops/definition.ts";
import { fft, fft2, irfft2h, rfft2h } from "../ops/fourier.ts";
import { normalizeAxis } from "../ops/rules.ts";
import { type FourierBuilders, ops } from "./build.ts";
import { addDefinitions } from "./definitions.ts";
import { makeNode } from "./node.ts";

export const fourierDefinitions = { fft, fft2, rfft2h, irfft2h } as const;

const builders: FourierBuilders = {
  // Along any axis: the last two as they are, others are moved to the end and back.
  fft(x, axis, inverse) {
    const rank = x.shape.length;
    const at = normalizeAxis("fft", axis, rank);
    if (at >= rank - 2) return makeNode(fft, [x], { axis: at - rank, inverse });
    // Exchanging two axes twice restores them.
    const exchanged = x.shape.map((_, i) => (i === at ? rank - 2 : i === rank - 2 ? at : i));
    return ops.permute(makeNode(fft, [ops.permute(x, exchanged)], { axis: -2, inverse }), exchanged);
  },
  fft2: (x: Node, inverse: boolean): Node => makeNode(fft2, [x], { inverse }),
  rfft2h: (x: Node): Node => makeNode(rfft2h, [x]),
  irfft2h: (x: Node, rows: number): Node => makeNode(irfft2h, [x], { rows }),
};

/** Makes builders and definitions known. */
export function addFourier(): void {
  Object.assign(ops, builders);
  addDefinitions(fourierDefinitions);
}
