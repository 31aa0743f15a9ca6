// Dense linear algebra; the namespace `linalg`. The functions whose names end in Of, and `eighSteps`, take and give plain
// matrices: for code that works on numbers anyway, which finds them in `engine.ts`.

export { eigh, qr, svd } from "./tensors.ts";
