// Losses: how far a representation is from its target; the namespace `po.loss` (docs/science/synthesis.md, "Losses").
// All of them reduce over every element, batch included. The first argument is the synthesized representation.

import { type DType, DTypeError, type RealOf, type Tensor } from "@plenoptic-js/tensor";
import { checkTensor } from "@plenoptic-js/tensor/engine";

export {
  groupwiseRelativeL2NormFactory,
  type LossFactoryOptions,
  portillaSimoncelliLossFactory,
} from "./factories.ts";

/** Mean squared difference of two real tensors. */
export function mse<D extends DType>(synthesized: Tensor<D>, target: Tensor<D>): Tensor<D> {
  checkTensor("mse", "synthesized", synthesized);
  checkTensor("mse", "target", target);
  if (synthesized.dtype !== "float32" && synthesized.dtype !== "float64") {
    throw new DTypeError(
      `mse: the representation is ${synthesized.dtype}; it must be float32 or float64. For complex representations ` +
        "use l2Norm, or split them into real and imaginary parts.",
    );
  }
  return synthesized.sub(target).square().mean();
}

/** Euclidean norm of the difference. Its gradient is 0 where the two are equal. */
export function l2Norm<D extends DType>(synthesized: Tensor<D>, target: Tensor<D>): Tensor<RealOf<D>> {
  checkTensor("l2Norm", "synthesized", synthesized);
  checkTensor("l2Norm", "target", target);
  return target.sub(synthesized).norm();
}

/** Sum of squared differences over the sum of squares of the target (the second argument). */
export function relativeSse<D extends DType>(synthesized: Tensor<D>, target: Tensor<D>): Tensor<RealOf<D>> {
  checkTensor("relativeSse", "synthesized", synthesized);
  checkTensor("relativeSse", "target", target);
  return sumOfSquares(target.sub(synthesized)).div(sumOfSquares(target));
}

/** Of moduli, for complex tensors. */
function sumOfSquares<D extends DType>(x: Tensor<D>): Tensor<RealOf<D>> {
  return x.abs().square().sum();
}
