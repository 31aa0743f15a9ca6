// What a synthesis has made: the array that its recipe has the hash of.

import { type FloatDType, type Tensor, tensor } from "@plenoptic-js/tensor";
import { Eigendistortion } from "../synthesis/eigendistortion/eigendistortion.ts";
import { MADCompetition } from "../synthesis/mad/madCompetition.ts";
import type { Synthesis } from "./rerun.ts";

export function resultOf(synthesis: Synthesis): Tensor<FloatDType> {
  if (synthesis instanceof Eigendistortion) {
    return synthesis.eigendistortions ?? tensor([], { dtype: synthesis.image.dtype });
  }
  return synthesis instanceof MADCompetition ? synthesis.madImage : synthesis.metamer;
}
