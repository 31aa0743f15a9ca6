// Numbers that are no longer finite end a synthesis.

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
