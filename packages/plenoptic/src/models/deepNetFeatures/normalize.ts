// Images as networks expect them: without a mean, and divided by a spread, for each channel.

import { type FloatDType, ShapeError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkArray, checkFinite, checkOptions, checkTensor, shapeText } from "@plenoptic-js/tensor/engine";
import type { ModelFunction } from "../model.ts";

export interface NormalizeOptions {
  /** A number for each channel. */
  readonly mean: readonly number[];
  /** A number above 0 for each channel. */
  readonly std: readonly number[];
}

/** What the transforms that are made here are, for recipes. */
const described = new WeakMap<ModelFunction, Readonly<Record<string, unknown>>>();

/** `(image - mean) / std` for every channel, as torchvision's Normalize; the precision is the image's. */
export function normalize(options: NormalizeOptions): ModelFunction {
  checkOptions("normalize()", options, ["mean", "std"]);
  const { mean, std } = options;
  for (const [name, numbers] of Object.entries({ mean, std })) {
    checkArray("normalize", name, numbers, "numbers, one for each channel");
    for (const n of numbers) checkFinite("normalize", name, n);
  }
  if (mean.length !== std.length || mean.length === 0 || std.some((n) => n <= 0)) {
    throw new RangeError(
      `normalize: mean is [${mean.join(", ")}] and std [${std.join(", ")}]; they must be as many, and std above 0`,
    );
  }
  const made = new Map<string, readonly [Tensor, Tensor]>();
  const ofDtype = (dtype: FloatDType): readonly [Tensor, Tensor] => {
    const vector = (numbers: readonly number[]): Tensor => tensor([...numbers], { dtype }).reshape([-1, 1, 1]);
    const known = made.get(dtype) ?? [vector(mean), vector(std)];
    made.set(dtype, known);
    return known;
  };
  const transform = (image: Tensor): Tensor => {
    checkTensor("normalize", "the image", image);
    if (image.ndim !== 4 || image.shape[1] !== mean.length) {
      throw new ShapeError(
        `normalize: the image is ${shapeText(image.shape)}; it must be [batch, ${mean.length}, height, width]`,
      );
    }
    const [shift, scale] = ofDtype(image.dtype as FloatDType);
    return image.sub(shift).div(scale);
  };
  described.set(transform, { name: "normalize", mean: [...mean], std: [...std] });
  return transform;
}

/** What a recipe says of a transform: null for none, and no more than that there is one where it is the user's own. */
export function describeTransform(transform: ModelFunction | null): Readonly<Record<string, unknown>> | string | null {
  return transform === null ? null : (described.get(transform) ?? "a function");
}
