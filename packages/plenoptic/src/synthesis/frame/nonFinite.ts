// Numbers that are no longer finite end a synthesis.

import type { Tensor } from "@plenoptic-js/tensor";

/** The loss or its gradient became NaN or infinite. The synthesis is as it was before that iteration. */
export class NonFiniteError extends Error {
  override readonly name = "NonFiniteError";
}

/** Throws if one of a step's numbers is not finite. */
export function checkFinite(numbers: {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly pixelChangeNorm: number;
}): void {
  const { loss, gradientNorm, pixelChangeNorm } = numbers;
  if (!Number.isFinite(loss)) throw new NonFiniteError(`the loss is ${loss}`);
  if (!Number.isFinite(gradientNorm)) throw new NonFiniteError(`the norm of the gradient is ${gradientNorm}`);
  if (!Number.isFinite(pixelChangeNorm)) throw new NonFiniteError(`the step would change pixels by ${pixelChangeNorm}`);
}

/** How many numbers of a tensor are not finite, and which the first one is; null where all are. */
function nonFiniteOf(values: Tensor): { readonly count: number; readonly first: number } | null {
  const parts = values.dtype.startsWith("complex") ? [values.real(), values.imag()] : [values];
  const planes = parts.map((part) => part.dataSync());
  let count = 0;
  let first = 0;
  for (let i = 0; i < values.size; i++) {
    const wrong = planes.find((plane) => !Number.isFinite(plane[i]));
    if (wrong === undefined) continue;
    if (count === 0) first = wrong[i];
    count++;
  }
  return count === 0 ? null : { count, first };
}

/** The same in words, such as `3 of 64 values of the representation are not finite (NaN)`; null where all are finite. */
export function nonFiniteWords(what: string, values: Tensor): string | null {
  const found = nonFiniteOf(values);
  if (found === null) return null;
  return `${found.count} of ${values.size} values of ${what} are not finite (${found.first})`;
}

/** Whose numbers they are, and how the image was moved. */
interface Blamed {
  /** In words: "the model". */
  readonly functions: string;
  readonly hasLearningRate: boolean;
  /** How to go on with another optimizer, after "A smaller learning rate often helps, ". */
  readonly anew: string;
}

/**
 * What is to be done about it.
 *
 * @param why which number is not finite at the present image
 * @param iterations how many have been done
 */
export function adviceFor(
  why: string | null,
  iterations: number,
  { functions, hasLearningRate, anew }: Blamed,
): string {
  const reason = why === null ? "" : `${why} `;
  if (iterations > 0) {
    const smaller = hasLearningRate ? `A smaller learning rate often helps, ${anew}; otherwise look` : "Look";
    return `${reason}${smaller} for a division by 0 or an overflow in ${functions}.`;
  }
  if (why !== null) {
    return `${reason}Look for a division by 0, a logarithm of 0 or an overflow in ${functions}; or start from another image.`;
  }
  return (
    `The loss of the starting image is finite. Where its derivative is not, look for a square root or a division of 0 in ${functions}` +
    (hasLearningRate ? `; where the step is too large, a smaller learning rate helps, ${anew}.` : ".")
  );
}
