// A loss that became infinite or NaN, in words for the person at the keyboard.

import { NonFiniteError } from "../synthesis/index.ts";
import { UserError } from "./failure.ts";

/** Runs a synthesis; where its numbers are no longer finite, throws UserError with advice. */
export async function explainNonFinite<T>(
  synthesis: { readonly numIter: number },
  synthesize: () => Promise<T>,
): Promise<T> {
  try {
    return await synthesize();
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    throw new UserError(
      `the loss or its gradient became infinite or NaN in iteration ${synthesis.numIter}; ` +
        "a smaller --learning-rate often helps",
      { cause: error },
    );
  }
}
