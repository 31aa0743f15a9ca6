// What came of a job: its verdict, its losses, and what rounding to 8 bits did to them.

import { hostname } from "node:os";
import type { Outcome } from "@plenoptic-js/runs";
import { type FloatDType, hashTensor, type Tensor } from "@plenoptic-js/tensor";
import { Eigendistortion, MADCompetition, type replay } from "plenoptic-js";
import type { RecipeExport } from "plenoptic-js/engine";
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
    ...lossesIn(synthesis, eights[0]),
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

function lossesIn(synthesis: replay.Synthesis, eight: RecipeExport | undefined): Losses {
  if (synthesis instanceof Eigendistortion) return { firstLoss: null, loss: null, quantisedLoss: null };
  const { numIter } = synthesis;
  const isMad = synthesis instanceof MADCompetition;
  const losses = isMad ? synthesis.optimizedMetricLoss : lossesOf(synthesis);
  const written = eight?.measures?.[isMad ? "optimizedMetric" : "loss"]?.written ?? null;
  return { firstLoss: losses[0], loss: losses[numIter], quantisedLoss: written };
}
