// The synthesis behind `plenoptic eigendistortion`: the changes of an image that a model sees most and least.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import {
  Eigendistortion,
  type EigendistortionMethod,
  type EigendistortionProgress,
  type EigendistortionSummary,
  type EigendistortionVerdict,
  type Model,
  NonFiniteError,
} from "plenoptic-js";
import { keepRecipe, type Recipe, Rests, residualLimit, significant } from "plenoptic-js/engine";
import { smallerAlpha } from "./alpha.ts";
import { beginRun, type RunSettings } from "./beginRun.ts";
import { commandRecipe } from "./commandRecipe.ts";
import { UserError } from "./failure.ts";
import { type ExportedImage, exportImage, type StimulusChoice } from "./imageFiles.ts";
import type { Work } from "./longWork.ts";
import { measuresOf } from "./measures.ts";
import type { ModelChoice } from "./modelRegistry.ts";
import { tellModelSize } from "./storedModel.ts";
import type { Target } from "./target.ts";
import { inFlags } from "./wording.ts";

export interface EigenSettings extends RunSettings {
  /** What the distortions are multiplied by before they are added to the image. */
  readonly alpha: number;
  /** Options of synthesize(), those of the method only. */
  readonly search: {
    readonly method: EigendistortionMethod;
    readonly k: number;
    readonly maxIter?: number;
    readonly stopCriterion?: number;
    readonly p?: number;
    readonly q?: number;
  };
}

/** One eigendistortion that was found. */
export interface FoundDistortion {
  /** Its place among all of the image: 0 for the most noticeable. */
  readonly index: number;
  readonly eigenvalue: number;
  readonly residual: number;
  readonly verdict: EigendistortionSummary["verdicts"][number];
  /** The number of its group, from 0 on: those of a group cannot be told apart. */
  readonly group: number;
  /** [1, 1, height, width], of norm 1. */
  readonly distortion: Tensor<FloatDType>;
  /** The image with it. */
  readonly exported: ExportedImage;
}

export interface MadeEigendistortions {
  readonly target: Target;
  readonly choice: ModelChoice;
  readonly model: Model;
  readonly settings: EigenSettings;
  readonly eig: Eigendistortion;
  /** [count, 1, height, width] */
  readonly eigendistortions: Tensor<FloatDType>;
  readonly summary: EigendistortionSummary;
  /** Whether it worked, in words of the command. */
  readonly verdict: EigendistortionVerdict;
  readonly found: readonly FoundDistortion[];
  /** A smaller alpha, with which few values leave [0, 1]; null where few do. */
  readonly fittingAlpha: number | null;
  readonly recipe: Recipe;
}

/** The places of the eigendistortions that a search finds, of those of an image with n pixels. */
export function indicesOf({ k, method }: EigenSettings["search"], n: number): number[] {
  const bottom = method === "randomized_svd" ? 0 : Math.min(k, n - k);
  return [...Array.from({ length: k }, (_, i) => i), ...Array.from({ length: bottom }, (_, i) => n - bottom + i)];
}

/** Vectors that Lanczos keeps beside those that are wanted, at most; and copies of those that are: start, found, and as images. */
const BASIS = 96;
const COPIES = 5;
const GIBIBYTE = 1_073_741_824;

/** What a search takes of memory, about, in words, where that is much; null where it is not. */
export function memoryWords(search: EigenSettings["search"], n: number, available: number): string | null {
  const { k, method } = search;
  const count = indicesOf(search, n).length;
  const basis = method === "exact" ? 0 : method === "krylov" ? 2 * Math.min(BASIS, Math.max(32, n)) : 2 * k;
  const bytes = 8 * n * (COPIES * count + basis);
  const gibibytes = bytes / GIBIBYTE;
  if (gibibytes < 1) return null;
  const rest =
    bytes < available ? "" : `, and this machine has ${(available / GIBIBYTE).toFixed(1)} GiB; choose a smaller --k`;
  return `${count} eigendistortions of ${n} pixels take about ${gibibytes.toFixed(1)} GiB of memory${rest}`;
}

/** What the measures of an image with a distortion are called. */
export const MEASURE_NAMES = { response: "change of the response" } as const;

/** What the files of the image with an eigendistortion are called. */
export const stemOf = (index: number): string => `distorted-${index}`;

/**
 * Finds eigendistortions. Rejects with the signal's reason when it aborts.
 *
 * @throws UserError, or an error of the packages that refuses the target or the settings
 */
export async function runEigendistortion(
  target: Target,
  choice: ModelChoice,
  settings: EigenSettings,
  { signal, onBeginning, onStep, onReport, say }: Work,
  command: string,
): Promise<MadeEigendistortions> {
  const { seed, dtype, threads, alpha, search, stimuli } = settings;
  const { size, image } = beginRun(target, settings);
  const model = await choice.create(size, dtype);
  const eig = new Eigendistortion(image, model);
  if (settings.tellsModel) tellModelSize(say, eig);
  onBeginning("beginning");
  const found = await refusing(() =>
    eig.synthesize({
      ...search,
      signal,
      onProgress: (progress) => onStep(percentOf(progress, search.method), progress.residual, STAGES[progress.stage]),
    }),
  );
  await onReport();
  // Here the option has another name.
  const summary = { ...found, words: inFlags(found.words) };
  const eigendistortions = eig.eigendistortions!;
  const distortions = await foundDistortions(eig, summary, alpha, stimuli, signal);
  const judged = await eig.summary({ strength: alpha, signal });
  const verdict = { ...judged, text: inFlags(judged.text).replaceAll("strength", "alpha") };
  const changes = await Promise.all(distortions.map(({ distortion }) => distortion.data()));
  const fittingAlpha = smallerAlpha(target.values, changes, alpha);
  const recipe = commandRecipe(await eig.recipe(), {
    image: target,
    seed,
    modelFile: choice.file,
    result: {
      eigenindex: distortions.map(({ index }) => index),
      eigenvalues: Array.from(summary.eigenvalues),
      residuals: Array.from(summary.residuals),
      converged: summary.converged,
      products: summary.products,
      alpha,
    },
    exports: distortions.flatMap(({ exported }) => exported.records),
    command,
    threads,
  });
  keepRecipe(eig, recipe);
  return {
    target,
    choice,
    model,
    settings,
    eig,
    eigendistortions,
    summary,
    verdict,
    found: distortions,
    fittingAlpha,
    recipe,
  };
}

/** Those that were found, each with the image with it. */
export async function foundDistortions(
  eig: Eigendistortion,
  { eigenvalues, residuals, verdicts, groups }: EigendistortionSummary,
  alpha: number,
  stimuli: StimulusChoice,
  signal?: AbortSignal,
): Promise<FoundDistortion[]> {
  const { image } = eig;
  const found: FoundDistortion[] = [];
  // There may be hundreds of images.
  const rests = new Rests();
  const measures = measuresOf(eig);
  for (const [i, index] of Array.from(await eig.eigenindex!.data()).entries()) {
    await rests.rest();
    signal?.throwIfAborted();
    const distortion = eig.eigendistortions!.slice(0, i, i + 1).reshape(image.shape);
    found.push({
      index,
      eigenvalue: eigenvalues[i],
      residual: residuals[i],
      verdict: verdicts[i],
      group: groups.findIndex(({ last }) => i <= last),
      distortion,
      exported: await exportImage(stemOf(index), image.add(distortion.mul(alpha)), stimuli, measures),
    });
  }
  return found;
}

/** What the stages are called in the line of progress. */
const STAGES: Readonly<Record<EigendistortionProgress["stage"], string>> = {
  jacobian: "Jacobian",
  decomposition: "decomposition",
  top: "the most noticeable",
  bottom: "the least noticeable",
};

/** How far it is, in percent: two stages, which may each end early; of randomized_svd one. */
function percentOf({ stage, share }: EigendistortionProgress, method: EigendistortionMethod): number {
  const done = Math.min(share, 1);
  if (method === "randomized_svd") return Math.floor(100 * done);
  const isFirst = stage === "top" || stage === "jacobian";
  return Math.floor(50 * ((isFirst ? 0 : 1) + done));
}

/** What the residuals are, and what they were judged by. */
export function residualWords({ summary, settings, target }: MadeEigendistortions): string {
  const { search, dtype } = settings;
  const limit = residualLimit(summary, search.stopCriterion, target.height * target.width, dtype);
  return (
    `residual is ||F v - lambda v||, F = J^T J; "converged" is one of at most ${significant(limit)}, and of at most a tenth of its ` +
    "eigenvalue"
  );
}

/** What the method refuses for the sake of size or of its numbers is the person's to put right. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NonFiniteError || error instanceof RangeError) {
      throw new UserError(inFlags(error.message), { cause: error });
    }
    throw error;
  }
}
