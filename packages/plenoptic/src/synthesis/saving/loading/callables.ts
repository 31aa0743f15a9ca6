// Whether functions and models of the object that loads are those of the file: they give the same, and have the same names.

import type { Tensor } from "@plenoptic-js/tensor";
import { penalizeRange } from "../../../regularize/index.ts";
import type { PenaltyFunction } from "../../../validate/scalar.ts";
import type { SavedCallable } from "../dictionary/fields.ts";
import { IMAGE_INPUT } from "../dictionary/layouts.ts";
import { lastPart, savedName } from "../dictionary/names.ts";
import type { LoadChecks } from "./checks.ts";

/** A function or model of the object that loads, and what the file says of its own. */
export interface CallableCheck {
  readonly what: string;
  readonly saved: SavedCallable | null;
  readonly own: object;
  /** The names of the inputs that files of 2.x are written with. */
  readonly inputs: readonly string[];
  /** What the own one gives for the inputs of the file. */
  output(): Tensor;
}

/** Compares what the functions and models give, and then their names. */
export async function checkCallables(callables: readonly CallableCheck[], checks: LoadChecks): Promise<void> {
  for (const { what, saved, inputs, output } of callables) {
    if (saved === null) continue;
    if (saved.inputs.join() === "_image,_metamer") {
      checks.note(`it was saved by plenoptic 1.3.1 or earlier, so the ${what} could not be compared`);
      continue;
    }
    if (saved.inputs.join() !== inputs.join()) {
      checks.fail(
        `the ${what} was saved with the inputs ${saved.inputs.join(", ")}; expected are ${inputs.join(", ")}`,
        null,
      );
    }
    await checks.same(`output of the ${what}`, saved.output, output(), "that of this object");
  }
  for (const { what, saved, own } of callables) {
    const name = lastPart(savedName(own));
    if (saved === null || name === null || name === lastPart(saved.name)) continue;
    checks.fail(`the saved ${what} is ${saved.name}, that of this object ${savedName(own)}`, "that of this object");
  }
}

/** Of the penalty. Before 1.4 it was always that of a range, and its output was not kept: `allowedRange` is then that range. */
export function penaltyCheck(
  saved: SavedCallable | null,
  own: PenaltyFunction,
  image: Tensor,
  allowedRange: readonly [number, number] | null,
): CallableCheck {
  const check = { what: "penalty function", own, inputs: IMAGE_INPUT };
  if (saved !== null || allowedRange === null) return { ...check, saved, output: () => own(image) };
  // Values on both sides of any range, which the image itself seldom has.
  const probe = image.mul(5).sub(2);
  const output = penalizeRange(probe, { allowedRange });
  return { ...check, saved: { name: savedName(own), inputs: IMAGE_INPUT, output }, output: () => own(probe) };
}
