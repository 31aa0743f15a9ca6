// A model for several seeds: it is made once, as all metamers of a run share it.

import { defaultGenerator, globalNumpy } from "@plenoptic-js/tensor";
import type { Model } from "plenoptic-js";
import type { ModelChoice } from "./modelChoice.ts";

/**
 * The choice, with a model that is made at the first call and given at all later ones, which must ask for the same size and precision.
 * One whose making drew random numbers, or seeded anew, is made at every call: each seed has another.
 */
export function madeOnce(choice: ModelChoice): ModelChoice {
  let made: Model | undefined;
  return {
    ...choice,
    create: async (size, dtype) => {
      if (made !== undefined) return made;
      const before = drawn();
      const model = await choice.create(size, dtype);
      if (drawn() === before) made = model;
      return model;
    },
  };
}

/** Where the random generators stand, as a text to be compared. */
const drawn = (): string => JSON.stringify([Array.from(defaultGenerator().getState()), globalNumpy().getState()]);
