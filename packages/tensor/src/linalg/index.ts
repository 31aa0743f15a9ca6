// Dense linear algebra; the namespace `linalg`. Functions whose names end in Of take and give plain matrices.

export { type EighOf, eighOf, eighSteps } from "./eigh.ts";
export type { Matrix } from "./matrix.ts";
export { type QrOf, qrOf } from "./qr.ts";
export { fixSign } from "./vectors.ts";
