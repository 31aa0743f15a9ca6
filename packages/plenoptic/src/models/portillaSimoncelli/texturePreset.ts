// The start and the optimizer that texture metamers are known to be found with: few evaluations a step, a start near the mean. Why
// these: docs/science/synthesis.md, "The texture preset".

import { type FloatDType, optim, randLike, type Tensor } from "@plenoptic-js/tensor";
import { checkTensor, deferred } from "@plenoptic-js/tensor/engine";
import { drawnAs, torchState } from "../../drawnStart.ts";
import { judged, vouched } from "../../judged.ts";

/** The mean of `image` with uniform noise of ±0.05, drawn from the global generator: [..., height, width] like it. */
export function textureStart(image: Tensor): Tensor {
  checkTensor("presets.textureStart", "the image", image);
  const torch = torchState();
  const noise = randLike(image as Tensor<"float64">).sub(0.5);
  const start = judged(noise.mul(0.1).add(image.mean()).detach());
  return drawnAs(start, () => ({ kind: "texture", random: { torch } }));
}

/** The same start of an image that was checked, drawn when its values are first asked for: by then memory for the synthesis is there. */
export function laterTextureStart(image: Tensor<FloatDType>): Tensor<FloatDType> {
  const { shape, dtype } = image;
  let torch: string | null = null;
  const draw = (): Float32Array | Float64Array => {
    torch = torchState();
    return textureStart(image).dataSync() as Float32Array | Float64Array;
  };
  const start = vouched(deferred(draw, { shape, dtype }));
  return drawnAs(start, () => (torch === null ? null : { kind: "texture", random: { torch } }));
}

/** L-BFGS as textures want it: lr 1, 10 iterations and 10 evaluations a step, history 100, strong Wolfe. */
export function textureOptimizer(): optim.Optimizer {
  return optim.LBFGS({ lr: 1, maxIter: 10, maxEval: 10, historySize: 100, lineSearchFn: "strong_wolfe" });
}
