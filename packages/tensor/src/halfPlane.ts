// The Fourier transform of real images as a half plane: rows 0 ... H / 2 of the full transform, and all columns. The
// other rows are the mirrored conjugates of these. This is the form in which the engine transforms real images; rfft2 and
// irfft2 (half of the columns, as in NumPy) are for users.

import { fourierOps } from "./compile/fourierKernels.ts";
import type { DType } from "./ops/definition.ts";
import { type RealOf, Tensor } from "./tensor.ts";

/** The complex dtype of the same precision. */
type ComplexOf<D extends DType> = D extends "float32" ? "complex64" : D extends "float64" ? "complex128" : DType;

/** Real [..., H, W] to complex [..., floor(H / 2) + 1, W]. Not normalised. */
export function rfft2h<D extends DType>(x: Tensor<D>): Tensor<ComplexOf<D>> {
  return new Tensor<ComplexOf<D>>(fourierOps().rfft2h(x.node));
}

/**
 * Half plane [..., floor(H / 2) + 1, W] to real [..., H, W], for H = `rows`. Not normalised: irfft2h(rfft2h(x), H) is
 * H W x. What no real image has in its half plane, such as an imaginary part at frequency 0, is ignored.
 */
export function irfft2h<D extends DType>(x: Tensor<D>, rows: number): Tensor<RealOf<D>> {
  return new Tensor<RealOf<D>>(fourierOps().irfft2h(x.node, rows));
}
