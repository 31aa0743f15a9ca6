// What a loss is.

import type { Tensor } from "@plenoptic-js/tensor";

/** How far a synthesized representation is from the target's: one real number. */
export type LossFunction = (synthesized: Tensor, target: Tensor) => Tensor;
