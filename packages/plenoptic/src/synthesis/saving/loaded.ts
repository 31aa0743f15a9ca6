// A loaded synthesis before setup(): the image, and what the file says of how it goes on.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import type { TermNumbers, Terms } from "../frame/descent.ts";
import type { IterativeValues } from "./dictionary/layouts.ts";
import type { SavedRun } from "./resume.ts";

export interface Loaded {
  readonly image: Tensor<FloatDType>;
  readonly terms: TermNumbers;
  readonly stepTakesLoss: boolean;
  readonly run: SavedRun;
}

/** `terms` computes what the file does not know of its last image; `records` says that it holds no more than loss and penalty. */
export function loadedRun(
  saved: IterativeValues,
  image: Tensor<FloatDType>,
  file: string,
  terms: (image: Tensor) => Terms,
  records: boolean,
): Loaded {
  const { optimizer, scheduler, currentLoss: loss, currentPenalty: penalty } = saved;
  let known: TermNumbers | null = loss === null || penalty === null || records ? null : { loss, penalty, recorded: {} };
  return {
    image,
    get terms() {
      known ??= numbersOf(terms(image));
      return known;
    },
    stepTakesLoss: saved.stepTakesLoss,
    run: { file, optimizer, scheduler, layout: { dtype: image.dtype, shape: image.shape } },
  };
}

function numbersOf({ loss, penalty, recorded = {} }: Terms): TermNumbers {
  const entries = Object.entries(recorded).map(([name, term]) => [name, term.itemSync()]);
  return { loss: loss.itemSync(), penalty: penalty.itemSync(), recorded: Object.fromEntries(entries) };
}
