// What is to be known of an image that is written, beside its pixels: what it does to the model or the metrics that it was made for.

import type { Tensor } from "@plenoptic-js/tensor";
import { settled } from "@plenoptic-js/tensor/engine";
import { Eigendistortion, MADCompetition, type replay } from "plenoptic-js";
import { gapOf, modelFunction, type StimulusMeasures } from "plenoptic-js/engine";

/**
 * Of a metamer its loss, without penalty; of an image of a competition both metrics; of an image with an eigendistortion the norm of the
 * change of the model's response.
 */
export function measuresOf(synthesis: replay.Synthesis): StimulusMeasures {
  const { image } = synthesis;
  if (synthesis instanceof MADCompetition) {
    const { optimizedMetric, referenceMetric } = synthesis;
    return { optimizedMetric: (x) => optimizedMetric(image, x), referenceMetric: (x) => referenceMetric(image, x) };
  }
  const forward = modelFunction(synthesis.model);
  // Computed by itself, it is computed by a program that is there already.
  const responseTo = async (x: Tensor): Promise<Tensor> => (await settled([forward(x)]))[0];
  if (synthesis instanceof Eigendistortion) {
    let known: Promise<Tensor> | undefined;
    return {
      response: async (x) => {
        known ??= responseTo(image);
        const seen = await known;
        return gapOf(await responseTo(x), seen).rms * Math.sqrt(seen.size);
      },
    };
  }
  const { lossFunction, targetRepresentation } = synthesis;
  return { loss: async (x) => lossFunction(await responseTo(x), targetRepresentation) };
}
