// The synthesis behind `plenoptic metamer`: from a target and a model to a metamer and its recipe.

import { arch, platform } from "node:os";
import {
  defaultGenerator,
  globalNumpy,
  hashTensor,
  type optim,
  setSeed,
  setThreads,
  type Tensor,
  tensor,
} from "@plenoptic-js/tensor";
import type { JsonValue } from "../files/canonicalJson.ts";
import { buildRecipe, type Recipe, type RecipeCall, randomStates } from "../files/recipe.ts";
import { type Model, modelFunction } from "../models/model.ts";
import { Metamer, NonFiniteError, type SynthesisSummary } from "../synthesis/index.ts";
import { convertForExport, type Exports, exportRecords } from "./exports.ts";
import { UserError } from "./failure.ts";
import type { ModelChoice } from "./modelRegistry.ts";
import { cliPresets, type PresetName } from "./presets.ts";
import type { Target } from "./target.ts";
import { packageVersions } from "./versions.ts";

export interface Settings {
  readonly seed: number;
  readonly preset: PresetName | null;
  readonly iterations: number;
  readonly stop: number;
  readonly optimizer: optim.Optimizer;
  readonly scheduler: optim.Scheduler | null;
  readonly penaltyLambda: number;
  readonly dtype: "float32" | "float64";
  readonly threads: number;
}

/** Three images, or the model's representations of them. */
export interface Triple {
  readonly target: Tensor;
  readonly start: Tensor;
  readonly metamer: Tensor;
}

/** How far the metamer is from the target. */
export interface Gap {
  /** The largest absolute difference. */
  readonly most: number;
  /** The root of the mean squared difference. */
  readonly rms: number;
}

export interface MadeMetamer {
  readonly synthesis: Metamer;
  readonly choice: ModelChoice;
  readonly model: Model;
  /** [1, 1, height, width] each. */
  readonly images: Triple;
  readonly representations: Triple;
  readonly gaps: { readonly image: Gap; readonly representation: Gap };
  /** The values of the metamer. */
  readonly values: Float32Array | Float64Array;
  readonly exports: Exports;
  readonly recipe: Recipe;
}

/** How many iterations the stop rule looks back. */
const STOP_WINDOW = 50;

/**
 * Makes a metamer. Rejects with the signal's reason when `signal` aborts.
 *
 * @throws UserError, or an error of the packages that refuses the target or the settings
 */
export async function runMetamer(
  target: Target,
  choice: ModelChoice,
  settings: Settings,
  signal: AbortSignal,
  onProgress: (iteration: number, loss: number) => void,
): Promise<MadeMetamer> {
  const { seed, dtype, penaltyLambda, threads, optimizer, scheduler } = settings;
  const image = tensor(target.values, { shape: [1, 1, target.height, target.width], dtype });
  setThreads(threads);
  setSeed(seed);
  const states = randomStates(defaultGenerator(), globalNumpy());
  const model = choice.create([target.height, target.width]);
  const lossFunction = choice.loss?.create(model, image);
  const synthesis = new Metamer(image, model, { penaltyLambda, ...(lossFunction && { lossFunction }) });
  const preset = settings.preset === null ? null : cliPresets[settings.preset];
  const initialImage = preset?.initialImage(image) ?? null;
  await synthesis.setup({ optimizer, scheduler, initialImage });
  const start = synthesis.metamer;
  const stopRule = { maxIter: settings.iterations, stopCriterion: settings.stop, stopItersToCheck: STOP_WINDOW };
  let summary: SynthesisSummary;
  try {
    summary = await synthesis.synthesize({
      ...stopRule,
      signal,
      onProgress: ({ iteration, loss }) => onProgress(iteration, loss),
    });
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    throw new UserError(
      `the loss or its gradient became infinite or NaN in iteration ${synthesis.numIter}; ` +
        "a smaller --learning-rate often helps",
      { cause: error },
    );
  }

  const forward = modelFunction(model);
  const { metamer } = synthesis;
  const images = { target: image, start, metamer };
  const representations = { target: forward(image), start: forward(start), metamer: forward(metamer) };
  const values = await metamer.data();
  const exports = convertForExport(values);
  const { losses } = synthesis;
  const calls: RecipeCall[] = [
    {
      call: "setup",
      options: {
        initialImage: initialImage === null ? null : { made: preset!.start, ...(await record(initialImage)) },
        optimizer: { name: optimizer.name, ...json(optimizer.options) },
        ...(scheduler !== null && { scheduler: { name: scheduler.name, ...json(scheduler.options) } }),
      },
    },
    { call: "synthesize", options: stopRule },
  ];
  const recipe = buildRecipe({
    method: "Metamer",
    image: { name: target.name, conversion: target.conversion, ...(await record(image)) },
    model: { name: model.name!, options: json(model.options!), fingerprint: synthesis.fingerprints.model },
    options: {
      lossFunction: { name: choice.loss?.name ?? "mse", fingerprint: synthesis.fingerprints.lossFunction },
      penaltyFunction: { name: "penalizeRange", fingerprint: synthesis.fingerprints.penaltyFunction },
      penaltyLambda,
    },
    random: { seed, ...states },
    calls,
    result: {
      ...(await record(metamer)),
      iterations: summary.numIter,
      stopReason: summary.stopReason,
      firstLoss: losses[0],
      finalLoss: summary.loss,
    },
    exports: exportRecords(exports),
    versions: packageVersions(),
    environment: { node: process.versions.node, platform: platform(), arch: arch(), threads },
  });
  const gaps = { image: await gap(images), representation: await gap(representations) };
  return { synthesis, choice, model, images, representations, gaps, values, exports, recipe };
}

async function record(array: Tensor): Promise<{ dtype: string; shape: readonly number[]; sha256: string }> {
  return { dtype: array.dtype, shape: array.shape, sha256: await hashTensor(array) };
}

async function gap({ target, metamer }: Triple): Promise<Gap> {
  const difference = metamer.sub(target);
  return { most: await difference.abs().max().item(), rms: await difference.square().mean().sqrt().item() };
}

/** Options as plain data. What JSON cannot hold is refused when the recipe is built. */
function json(options: Readonly<Record<string, unknown>>): { readonly [name: string]: JsonValue } {
  return options as { readonly [name: string]: JsonValue };
}
