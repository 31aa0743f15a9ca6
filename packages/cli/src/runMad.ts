// The synthesis behind `plenoptic mad`: one image of a competition of two metrics, or all four.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import {
  MADCompetition,
  type MADVerdict,
  type MinMax,
  type SynthesisSummary,
  type SynthesizeOptions,
} from "plenoptic-js";
import { driftWords, keepRecipe, type Recipe, significant } from "plenoptic-js/engine";
import { beginRun, type RunSettings } from "./beginRun.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { commandRecipe } from "./commandRecipe.ts";
import { type ExportedImage, exportImage } from "./imageFiles.ts";
import type { Limits } from "./limitFlags.ts";
import type { Work } from "./longWork.ts";
import { measuresOf } from "./measures.ts";
import type { MetricChoice } from "./metricRegistry.ts";
import { explainNonFinite } from "./nonFinite.ts";
import { tellModelSize } from "./storedModel.ts";
import type { Target } from "./target.ts";
import { inFlags } from "./wording.ts";

/** The two metrics: the one that is optimized, or is first, and the other. */
export type Metrics = readonly [MetricChoice, MetricChoice];

/** The image that makes one of the metrics small or large. */
export interface MadImage {
  /** Which of the metrics is optimized. */
  readonly optimized: 0 | 1;
  readonly minmax: MinMax;
  /** What its files are called: `min-ssim`. */
  readonly stem: string;
}

export interface MadSettings extends RunSettings {
  /** null for all four images. */
  readonly direction: MinMax | null;
  /** null for the constrained mode. */
  readonly weight: number | null;
  /** Of the constrained mode. */
  readonly allowedRange: readonly [number, number] | null;
  readonly noise: number;
  readonly penaltyLambda: number;
  /** Of the verdict: those that were given. */
  readonly limits: Limits;
  /** When it ends. */
  readonly stop: Pick<SynthesizeOptions, "maxIter" | "stopCriterion" | "stopRtol" | "stopItersToCheck" | "maxSeconds">;
}

/** One finished image. */
export interface MadeImage extends MadImage {
  readonly mad: MADCompetition;
  readonly summary: SynthesisSummary;
  /** Why it ended, with the names of the metrics. */
  readonly ended: string;
  /** With a weight: how far the metric that was to stay went. */
  readonly drift: string | null;
  /** Whether it worked, in words of the command. */
  readonly verdict: MADVerdict;
  /** Both metrics between the reference image and this one, in the order of the metrics. */
  readonly values: readonly [number, number];
  readonly exported: ExportedImage;
  readonly recipe: Recipe;
}

export interface MadeMad {
  readonly metrics: Metrics;
  readonly target: Target;
  readonly settings: MadSettings;
  readonly image: Tensor<FloatDType>;
  readonly initialImage: Tensor<FloatDType>;
  /** Both metrics between the reference image and the initial one. */
  readonly initial: readonly [number, number];
  readonly images: readonly MadeImage[];
  /** Of one image or of all four, in words of the command; the first line is the verdict. */
  readonly verdict: { readonly verdict: MADVerdict["verdict"]; readonly text: string };
}

/** The images that are asked for, in the order in which they are made. */
export function imagesOf(metrics: Metrics, direction: MinMax | null): MadImage[] {
  const image = (optimized: 0 | 1, minmax: MinMax): MadImage => {
    return { optimized, minmax, stem: `${minmax}-${metrics[optimized].name}` };
  };
  if (direction !== null) return [image(0, direction)];
  return [image(0, "min"), image(0, "max"), image(1, "min"), image(1, "max")];
}

/** Makes what is to be run, and sets it up. */
export async function beginMad(
  target: Target,
  metrics: Metrics,
  settings: Omit<MadSettings, "limits" | "stop" | "stimuli" | "tellsModel">,
) {
  const { dtype, direction, weight, allowedRange, noise, penaltyLambda } = settings;
  const { size, image } = beginRun(target, settings);
  const functions = [await metrics[0].create(size, dtype), await metrics[1].create(size, dtype)] as const;
  const about = weight === null ? { allowedRange } : { penaltyLambda };
  // All four are made even for one image, so that it begins with the noise, and becomes the image, that it is among the four.
  const given = { ...about, initialNoise: noise, metricTradeoffLambda: weight };
  const four = await MADCompetition.all(image, ...functions, given);
  const { minA, maxA, minB, maxB } = four;
  return { image, four, mads: direction === null ? [minA, maxA, minB, maxB] : [direction === "min" ? minA : maxA] };
}

/**
 * Makes the images. Rejects with the signal's reason when it aborts.
 *
 * @param command gives the command that makes the same again, from the most iterations that an image took
 * @param checkpoints keep what was done, each image in a file of its own
 * @throws UserError, or an error of the packages that refuses the target, the metrics or the settings
 */
export async function runMad(
  target: Target,
  metrics: Metrics,
  settings: MadSettings,
  { signal, onStep, onReport, say }: Work,
  command: (iterations: number) => string,
  checkpoints: Checkpoints | null,
): Promise<MadeMad> {
  const { seed, threads, direction, weight, noise, limits, stop } = settings;
  const { image, four, mads } = await beginMad(target, metrics, settings);
  const { minA, maxA, minB, maxB } = four;
  const wanted = imagesOf(metrics, direction);
  if (settings.tellsModel) tellModelSize(say, mads[0]);

  const maxIter = stop.maxIter ?? 0;
  const runs: (readonly [MADCompetition, SynthesisSummary])[] = [];
  for (const [i, mad] of mads.entries()) {
    const synthesize = (): Promise<SynthesisSummary> =>
      mad.synthesize({
        ...stop,
        signal,
        checkpoint: checkpoints?.of(wanted[i].stem) ?? null,
        onProgress: ({ iteration, recorded }) => onStep(i * maxIter + iteration, recorded.optimizedMetricLoss),
      });
    const summary = await explainNonFinite(mad, synthesize, "--weight");
    runs.push([mad, summary]);
    const { optimizedMetricLoss: values } = mad;
    const { stem, optimized } = wanted[i];
    const { text } = metrics[optimized];
    const ended = endingWords(summary.stopText, metrics, optimized);
    say(`${stem}: ${text} ${significant(values[0])} -> ${significant(values[mad.numIter])}, ${ended}`);
  }

  await onReport();
  const asked = { names: [metrics[0].text, metrics[1].text] as const, ...limits };
  const whole =
    direction === null
      ? await MADCompetition.summaryOfAll({ minA, maxA, minB, maxB }, asked)
      : await mads[0].summary(asked);
  const verdicts =
    "images" in whole ? [whole.images.minA, whole.images.maxA, whole.images.minB, whole.images.maxB] : [whole];
  const most = runs.reduce((most, [, { numIter }]) => Math.max(most, numIter), 0);
  const images: MadeImage[] = [];
  for (const [i, [mad, summary]] of runs.entries()) {
    const { optimized, stem } = wanted[i];
    const exported = await exportImage(stem, mad.madImage, settings.stimuli, measuresOf(mad));
    const { optimizedMetricLoss, referenceMetricLoss, numIter } = mad;
    const pair = [optimizedMetricLoss[numIter], referenceMetricLoss[numIter]] as const;
    const recipe = commandRecipe(await mad.recipe(), {
      image: target,
      seed,
      options: {
        optimizedMetric: metrics[optimized].recipe,
        referenceMetric: metrics[1 - optimized].recipe,
        penaltyFunction: { name: "penalizeRange" },
      },
      setup: {
        initialImage: { made: `the image with normal noise of standard deviation ${noise}`, file: "initial.npy" },
      },
      result: {
        stopReason: summary.stopReason,
        firstObjective: mad.losses[0],
        finalObjective: summary.loss,
        optimizedMetric: pair[0],
        referenceMetric: pair[1],
        verdict: verdicts[i].verdict,
      },
      exports: exported.records,
      command: command(most),
      threads,
    });
    keepRecipe(mad, recipe);
    const values = optimized === 0 ? pair : ([pair[1], pair[0]] as const);
    const held = metrics[1 - optimized].text;
    const drift = weight === null ? null : `${held} ${driftWords(pair[1], referenceMetricLoss[0])}`;
    const ended = endingWords(summary.stopText, metrics, optimized);
    const verdict = { ...verdicts[i], text: endingWords(verdicts[i].text, metrics, optimized) };
    images.push({ ...wanted[i], mad, summary, ended, drift, verdict, values, exported, recipe });
  }
  const [{ mad: first }] = images;
  const { optimizedMetricLoss, referenceMetricLoss, initialImage } = first;
  return {
    metrics,
    target,
    settings,
    image,
    initialImage: initialImage!,
    initial: [optimizedMetricLoss[0], referenceMetricLoss[0]],
    images,
    verdict: { verdict: whole.verdict, text: inFlags(whole.text) },
  };
}

/** What the measures of an image are called in words. */
export function measureNames(metrics: Metrics, { optimized }: MadImage): Readonly<Record<string, string>> {
  return { optimizedMetric: metrics[optimized].text, referenceMetric: metrics[1 - optimized].text };
}

/** Why an image ended, in words of the command: each metric by its name, since either may be the one that is held. */
function endingWords(stopText: string, metrics: Metrics, optimized: 0 | 1): string {
  return inFlags(stopText)
    .replaceAll("the optimized metric", metrics[optimized].text)
    .replaceAll("the reference metric", metrics[1 - optimized].text);
}
