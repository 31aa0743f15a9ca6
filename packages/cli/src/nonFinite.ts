// Numbers that became infinite or NaN, in words for the person at the keyboard.

import { gradient, type Tensor } from "@plenoptic-js/tensor";
import { NonFiniteError, validate } from "plenoptic-js";
import { UserError } from "./failure.ts";
import type { Target } from "./target.ts";

/**
 * Runs a synthesis; where its numbers are no longer finite, throws UserError or ValidationError with advice.
 *
 * @param what whose numbers they are: `the model`
 * @param start the image it begins with
 */
export async function explainNonFinite<T>(
  what: string,
  synthesis: { readonly numIter: number; objectiveFunction(image?: Tensor): Tensor },
  start: Tensor,
  synthesize: () => Promise<T>,
): Promise<T> {
  try {
    return await synthesize();
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    const { numIter } = synthesis;
    if (numIter === 0 && !(await isFiniteAt(start, (image) => synthesis.objectiveFunction(image)))) {
      throw new validate.ValidationError(
        `the loss or its gradient is infinite or NaN before the first step, so ${what} gives no number, or has no derivative, at the ` +
          "image or at the start; look there for a square root, a logarithm or a division of 0",
        { cause: error },
      );
    }
    throw new UserError(
      `the loss or its gradient became infinite or NaN in iteration ${numIter}; a smaller --learning-rate often helps`,
      { cause: error },
    );
  }
}

/** Whether a function of an image and its gradient are finite there. */
async function isFiniteAt(image: Tensor, f: (image: Tensor) => Tensor): Promise<boolean> {
  const loss = f(image);
  const slope = gradient(loss, image).square().sum();
  return Number.isFinite(await loss.item()) && Number.isFinite(await slope.item());
}

/** The side of the largest square of an image within which all pixels are the same. */
export function flatSide({ values, height, width }: Pick<Target, "values" | "height" | "width">): number {
  let above = new Uint32Array(width);
  let largest = 0;
  for (let row = 0; row < height; row++) {
    const sides = new Uint32Array(width);
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const value = values[at];
      const joins =
        row > 0 &&
        column > 0 &&
        values[at - 1] === value &&
        values[at - width] === value &&
        values[at - width - 1] === value;
      sides[column] = joins ? 1 + Math.min(above[column], above[column - 1], sides[column - 1]) : 1;
      largest = Math.max(largest, sides[column]);
    }
    above = sides;
  }
  return largest;
}

/** What makes a derivative infinite at an image with flat parts; undefined where the image has none to speak of. */
export function flatReason(target: Target, { description, byContrast }: FlatModel): string | undefined {
  const { name, height, width } = target;
  const side = flatSide(target);
  // Smaller ones are in every photograph.
  if (side < Math.min(16, height, width)) return undefined;
  const isAll = side === Math.min(height, width) && target.values.every((value) => value === target.values[0]);
  const flat = isAll
    ? `${name} is flat: all its pixels are ${Number(target.values[0].toPrecision(3))}`
    : `${name} has flat parts, such as ${side} x ${side} equal pixels`;
  const why = byContrast
    ? `${description} divides by local contrast, the square root of a local mean of squares, which is 0 there and has no derivative`
    : `${description} may divide by something that is 0 there, or take its square root, which has no derivative`;
  return `${flat}. ${why}; choose an image that varies everywhere, or a model that does not, such as --model gaussian`;
}

interface FlatModel {
  readonly description: string;
  /** Whether it divides by local contrast. */
  readonly byContrast?: boolean | undefined;
}
