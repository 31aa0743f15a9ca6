// Dense linear algebra; the namespace `linalg`. `qr`, `eigh` and `svd` are for tensors. Functions whose names end in Of, and
// `eighSteps`, take and give plain matrices: for code that works on numbers anyway.

export { type EighOf, eighOf, eighSteps } from "./eigh.ts";
export type { Matrix } from "./matrix.ts";
export { type QrOf, qrOf } from "./qr.ts";
export { type SvdOf, svdOf } from "./svd.ts";
export { eigh, matrixOf, qr, svd, tensorOf } from "./tensors.ts";
export { addScaled, dot, fixSign } from "./vectors.ts";
