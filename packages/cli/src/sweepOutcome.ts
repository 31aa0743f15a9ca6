// What came of a job: its verdict, its losses, and what rounding to 8 bits did to them.

import { hostname } from "node:os";
import { roundAndClip } from "@plenoptic-js/formats";
import type { Outcome } from "@plenoptic-js/runs";
import { type FloatDType, hashTensor, type Tensor, tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { Eigendistortion, MADCompetition, type Metamer, type MetamerCTF, type replay } from "plenoptic-js";
import { modelFunction, type RecipeExport } from "plenoptic-js/engine";
import { oneLine } from "./failure.ts";
import { lossesOf } from "./objective.ts";
import { inFlags } from "./wording.ts";

/** Verdicts of stimuli that are what they were to be. */
const GOOD = ["matched", "apart", "converged"];

export interface MadeJob {
  readonly synthesis: replay.Synthesis;
  readonly result: Tensor<FloatDType>;
  readonly exports: readonly RecipeExport[];
  readonly picture: string | null;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** @param job the whole id */
export async function outcomeOf(job: string, made: MadeJob): Promise<Outcome> {
  const { synthesis, result, exports, picture, seconds, signal } = made;
  const judged = await (synthesis instanceof MADCompetition ? synthesis.summary() : synthesis.summary({ signal }));
  const { verdict, text } = judged;
  const eights = exports.filter(({ bits }) => bits === 8);
  const clipped = eights.reduce((sum, { clippedBelow, clippedAbove }) => sum + clippedBelow + clippedAbove, 0);
  return {
    job,
    verdict,
    words: oneLine(inFlags(text)),
    isGood: GOOD.includes(verdict),
    ...(await lossesIn(synthesis)),
    stopReason: "stopped" in judged ? judged.stopped.reason : null,
    iterations: synthesis instanceof Eigendistortion ? null : synthesis.numIter,
    clipped: eights.length === 0 ? null : clipped,
    sha256: await hashTensor(result),
    picture,
    seconds: Number(seconds.toFixed(3)),
    host: hostname(),
  };
}

type Losses = Pick<Outcome, "firstLoss" | "loss" | "quantisedLoss">;

async function lossesIn(synthesis: replay.Synthesis): Promise<Losses> {
  if (synthesis instanceof Eigendistortion) {
    return { firstLoss: null, loss: null, quantisedLoss: null };
  }
  const { numIter } = synthesis;
  if (synthesis instanceof MADCompetition) {
    const { optimizedMetricLoss: values, optimizedMetric, image, madImage } = synthesis;
    const quantised = await optimizedMetric(image, await inEightBits(madImage)).item();
    return { firstLoss: values[0], loss: values[numIter], quantisedLoss: Number(quantised) };
  }
  const losses = lossesOf(synthesis);
  const quantised = await lossAt(synthesis, await inEightBits(synthesis.metamer));
  return { firstLoss: losses[0], loss: losses[numIter], quantisedLoss: quantised };
}

async function lossAt(
  { model, lossFunction, targetRepresentation }: Metamer | MetamerCTF,
  image: Tensor,
): Promise<number> {
  return Number(await lossFunction(modelFunction(model)(image), targetRepresentation).item());
}

/** The image as an 8-bit file has it. */
async function inEightBits(image: Tensor<FloatDType>): Promise<Tensor<FloatDType>> {
  const { dtype, shape } = image;
  await image.data();
  const { data } = roundAndClip(heldValue(image).re as Float32Array | Float64Array, 255);
  return tensor(
    Float64Array.from(data, (level) => level / 255),
    { shape, dtype },
  );
}
