// Numbers that became infinite or NaN: what the library says of them, with the options of the command.

import { NonFiniteError, validate } from "plenoptic-js";
import { UserError } from "./failure.ts";
import { inFlags } from "./wording.ts";

const KEPT = /The (?:starting image is|image and all histories up to then are) kept\./;

const ANEW = /, in a new \w+: setup\([^)]*\) goes on from this image/;

/**
 * Runs a synthesis; where its numbers are no longer finite, throws what the person can put right. Before the first step it is a
 * function of theirs, perhaps in a file, that gives no number: a ValidationError. Later it may be the settings: a UserError.
 *
 * @param setting the option of the command that makes steps smaller
 */
export async function explainNonFinite<T>(
  synthesis: { readonly numIter: number },
  synthesize: () => Promise<T>,
  setting: "--learning-rate" | "--weight",
): Promise<T> {
  try {
    return await synthesize();
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    // The library keeps the image and the histories, from which a program can go on; this command keeps nothing.
    const words = inFlags(error.message)
      .replace(KEPT, "Nothing was written.")
      .replace(ANEW, "")
      .replaceAll("smaller --learning-rate", `smaller ${setting}`);
    const options = { cause: error };
    throw synthesis.numIter === 0 ? new validate.ValidationError(words, options) : new UserError(words, options);
  }
}
