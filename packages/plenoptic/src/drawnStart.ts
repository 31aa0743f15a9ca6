// Starting images that the library drew itself: how, so that a recipe can say it, and the image need not be kept.

import { defaultGenerator, globalNumpy, type Tensor } from "@plenoptic-js/tensor";
import { type RecipeStart, randomStates } from "./recipe.ts";

/** The state of torch's generator, in base64. */
export const torchState = (): string => randomStates(defaultGenerator(), globalNumpy()).torch;

const drawn = new WeakMap<Tensor, () => RecipeStart | null>();

/** Marks a starting image; `how` is asked when it has been drawn. */
export function drawnAs<T extends Tensor>(image: T, how: () => RecipeStart | null): T {
  drawn.set(image, how);
  return image;
}

/** null for images that were not drawn here. */
export const howDrawn = (image: Tensor): RecipeStart | null => drawn.get(image)?.() ?? null;
