// The synthesis behind `plenoptic metamer`: from a target and a model to a metamer and its recipe.

import type { FloatDType, optim, Tensor } from "@plenoptic-js/tensor";
import { settled } from "@plenoptic-js/tensor/engine";
import {
  type CheckpointOptions,
  Metamer,
  MetamerCTF,
  type MetamerVerdict,
  type Model,
  type Progress,
  type SynthesisSummary,
  type SynthesizeOptions,
} from "plenoptic-js";
import { type Gap, gapOf, keepRecipe, modelFunction, mseLossCard, type Recipe } from "plenoptic-js/engine";
import { beginRun, type RunSettings } from "./beginRun.ts";
import { type CoarseToFineSettings, scaledModel } from "./coarseToFineFlags.ts";
import { commandRecipe } from "./commandRecipe.ts";
import { type ExportedImage, exportImage } from "./imageFiles.ts";
import type { Limits } from "./limitFlags.ts";
import type { Work } from "./longWork.ts";
import { measuresOf } from "./measures.ts";
import { type DrawnRows, drawRows, type Pair } from "./metamerRows.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { explainNonFinite } from "./nonFinite.ts";
import type { NullPhotographs } from "./nullPhotographs.ts";
import { lossesOf, lossIn } from "./objective.ts";
import { cliPresets } from "./presets.ts";
import { tellModelSize } from "./storedModel.ts";
import type { Target } from "./target.ts";
import { inFlags } from "./wording.ts";

export interface Settings extends RunSettings {
  readonly preset: string | null;
  readonly optimizer: optim.Optimizer;
  readonly scheduler: optim.Scheduler | null;
  readonly penaltyLambda: number;
  readonly coarseToFine: CoarseToFineSettings | null;
  /** Photographs to compare with; null: those that ship. */
  readonly photographs: NullPhotographs | null;
  /** Of the verdict: those that were given. */
  readonly limits: Limits;
  /** When it ends. */
  readonly stop: Pick<SynthesizeOptions, "maxIter" | "stopCriterion" | "stopRtol" | "stopItersToCheck" | "maxSeconds">;
}

/** What is settled before the first step. */
export type MetamerBeginning = Omit<Settings, "photographs" | "limits" | "stop" | "stimuli" | "tellsModel">;

export interface MadeMetamer {
  readonly synthesis: Metamer | MetamerCTF;
  readonly choice: ModelChoice;
  readonly model: Model;
  /** [1, 1, height, width] each. */
  readonly images: Pair;
  readonly representations: Pair;
  readonly drawn: DrawnRows;
  /** How far the metamer is from the target. */
  readonly gaps: { readonly image: Gap; readonly representation: Gap };
  readonly exported: ExportedImage;
  readonly summary: SynthesisSummary;
  /** Whether it worked, in words of the command. */
  readonly verdict: MetamerVerdict;
  /** What the photographs are called: files, or pictures that ship. */
  readonly photographs: readonly string[];
  readonly recipe: Recipe;
}

/**
 * Makes a metamer. Rejects with the signal's reason when it aborts.
 *
 * @param command gives the command that makes the same again, from the number of iterations
 * @param checkpoint where what was done is kept
 * @throws UserError, or an error of the packages that refuses the target or the settings
 */
export async function runMetamer(
  target: Target,
  choice: ModelChoice,
  settings: Settings,
  { signal, onStep, onReport, say }: Work,
  command: (iterations: number) => string,
  checkpoint: CheckpointOptions | null,
): Promise<MadeMetamer> {
  const { seed, penaltyLambda, threads, coarseToFine } = settings;
  const { image, model, loss, start, synthesis } = await beginMetamer(target, choice, settings);
  if (settings.tellsModel) tellModelSize(say, synthesis);
  const running = {
    ...settings.stop,
    signal,
    checkpoint,
    onProgress: ({ iteration, loss, penalty }: Pick<Progress, "iteration" | "loss" | "penalty">) =>
      onStep(iteration, lossIn(loss, penalty, penaltyLambda)),
  };
  const synthesize = (): Promise<SynthesisSummary> => {
    if (!(synthesis instanceof MetamerCTF) || coarseToFine === null) return synthesis.synthesize(running);
    const { coarseToFine: _, ...rules } = coarseToFine;
    return synthesis.synthesize({ ...running, ...rules });
  };
  const run = async (): Promise<SynthesisSummary> => {
    const summary = await explainNonFinite(synthesis, synthesize, "--learning-rate");
    await onReport();
    return summary;
  };
  const { summary, drawn, representations } = await runAndDraw(synthesis, run);
  const losses = lossesOf(synthesis);
  const judged = await synthesis.summary({
    photographs: settings.photographs?.images ?? null,
    signal,
    ...settings.limits,
  });
  const verdict = { ...judged, text: inFlags(judged.text) };
  const own = settings.photographs?.names;
  // The library counts them.
  const photographs = own?.map((name, i) => `photograph ${i + 1} ${name}`) ?? judged.photographs.photographs;
  const { metamer } = synthesis;
  const images = { target: image, metamer };
  const exported = await exportImage("metamer", metamer, settings.stimuli, measuresOf(synthesis));
  const recipe = commandRecipe(await synthesis.recipe(), {
    image: target,
    seed,
    modelFile: choice.file,
    options: { lossFunction: { name: loss.name }, penaltyFunction: { name: "penalizeRange" } },
    setup: start === null ? {} : { initialImage: { made: start } },
    result: {
      stopReason: summary.stopReason,
      firstObjective: synthesis.losses[0],
      finalObjective: summary.loss,
      firstLoss: losses[0],
      finalLoss: losses[summary.numIter],
      ...(synthesis instanceof MetamerCTF && {
        scalesFinished: synthesis.scalesFinished,
        scalesLeft: synthesis.scales,
      }),
      verdict: verdict.verdict,
    },
    exports: exported.records,
    command: command(summary.numIter),
    threads,
  });
  keepRecipe(synthesis, recipe);
  const gaps = {
    image: verdict.imageGap ?? gapOf(metamer, image),
    representation: gapOf(representations.metamer, representations.target),
  };
  return {
    synthesis,
    choice,
    model,
    images,
    representations,
    drawn,
    gaps,
    exported,
    summary,
    verdict,
    photographs,
    recipe,
  };
}

/** What is set up, and was not run yet. */
export interface BegunMetamer {
  readonly image: Tensor<FloatDType>;
  readonly model: Model;
  readonly loss: { readonly name: string };
  /** How the preset made its start, in words; null where the library drew it. */
  readonly start: string | null;
  readonly synthesis: Metamer | MetamerCTF;
}

/** Makes what is to be run, and sets it up. */
export async function beginMetamer(
  target: Target,
  choice: ModelChoice,
  settings: MetamerBeginning,
): Promise<BegunMetamer> {
  const { dtype, penaltyLambda, optimizer, scheduler, coarseToFine } = settings;
  const { size, image } = beginRun(target, settings);
  const model = await choice.create(size, dtype);
  const loss = lossOf(choice, model, image, coarseToFine !== null);
  const options = { penaltyLambda, ...(loss.function && { lossFunction: loss.function }) };
  const preset = settings.preset === null ? undefined : cliPresets.get(settings.preset);
  const synthesis =
    coarseToFine === null
      ? new Metamer(image, model, options)
      : new MetamerCTF(image, scaledModel(model, choice), { ...options, coarseToFine: coarseToFine.coarseToFine });
  // Drawn after what the constructor draws, as the preset itself does.
  const initialImage = preset?.initialImage(image) ?? null;
  await synthesis.setup({ optimizer, scheduler, initialImage });
  return { image, model, loss, start: initialImage === null ? null : (preset?.start ?? null), synthesis };
}

/**
 * Runs it, and draws it with its start, which is let go then: of a large image, start and response would be in the way of the verdict.
 */
async function runAndDraw(
  synthesis: Metamer | MetamerCTF,
  run: () => Promise<SynthesisSummary>,
): Promise<Pick<MadeMetamer, "summary" | "drawn" | "representations">> {
  const start = synthesis.metamer;
  const summary = await run();
  const forward = modelFunction(synthesis.model);
  // What the report and the file say of them is made of their values. One after the other, by one and the same program.
  const [seen] = await settled([synthesis.targetRepresentation]);
  const [seenFirst] = await settled([forward(start)]);
  const { image, metamer } = synthesis;
  const [seenLast] = await settled([forward(metamer)]);
  const representations = { target: seen, metamer: seenLast };
  const drawn = await drawRows({ target: image, start, metamer }, { ...representations, start: seenFirst });
  return { summary, drawn, representations };
}

/** The loss of a model's metamers by its name, and the function where it is not the default. */
function lossOf({ loss }: ModelChoice, model: Model, image: Tensor, inParts: boolean) {
  if (loss === undefined) return { name: mseLossCard.name };
  return inParts
    ? { name: loss.ofParts.name, function: loss.ofParts.compute }
    : { name: loss.name, function: loss.create(model, image) };
}
