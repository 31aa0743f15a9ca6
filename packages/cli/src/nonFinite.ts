// Numbers that became infinite or NaN, in words for the person at the keyboard.

import { gradient, type Tensor } from "@plenoptic-js/tensor";
import { NonFiniteError, validate } from "plenoptic-js";
import { UserError } from "./failure.ts";

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
