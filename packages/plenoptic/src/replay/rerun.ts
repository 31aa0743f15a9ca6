// Running a recipe: the only place that does. What is made is a synthesis object like any other.

import { FileError, type Global, type JsonObject, type Source } from "@plenoptic-js/formats";
import { type FloatDType, NUMERICS_VERSION, type Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { counted } from "../counted.ts";
import type { Photograph } from "../data/photographs.ts";
import * as photographs from "../data/photographs.ts";
import { judged } from "../judged.ts";
import type { OwnRecipe, RecipeCall } from "../recipe.ts";
import { callText, differentPart } from "../recipeDifference.ts";
import { MetamerCTF } from "../synthesis/coarseToFine/metamerCtf.ts";
import { Eigendistortion } from "../synthesis/eigendistortion/eigendistortion.ts";
import type { CheckpointOptions } from "../synthesis/frame/checkpointOptions.ts";
import { NonFiniteError } from "../synthesis/frame/nonFinite.ts";
import type { Progress, SynthesizeOptions } from "../synthesis/frame/synthesizeOptions.ts";
import { MADCompetition } from "../synthesis/mad/madCompetition.ts";
import type { MinMax, Range } from "../synthesis/mad/madOptions.ts";
import { Metamer } from "../synthesis/metamer.ts";
import type { ScaledModel } from "../validate/scales.ts";
import { VERSION } from "../version.ts";
import { CannotReplay } from "./cannotReplay.ts";
import { Generators } from "./generators.ts";
import { type ReadResult, readFor } from "./readResult.ts";
import {
  type ReplayGiven,
  type ReplaySources,
  remadeLoss,
  remadeMetric,
  remadeModel,
  remadeOptimizer,
  remadePenalty,
  remadeScheduler,
  sameArray,
} from "./remake.ts";
import { type SaidStart, startOf } from "./startOf.ts";

type Iterative = Metamer | MetamerCTF | MADCompetition;
export type Synthesis = Iterative | Eigendistortion;

/** One step was made again. */
export interface ReplayStep {
  /** Steps made so far, over all calls. */
  readonly step: number;
  /** Numbers of the step; null where the method tells shares of its work only. */
  readonly numbers: Progress | null;
  /** Of a method that tells shares: how much of the present stage is done, from 0 to 1. */
  readonly share: number;
}

/** The names of what is common to running and verifying. */
export const RERUN_OPTIONS = [
  "image",
  "initialImage",
  "model",
  "network",
  "lossFunction",
  "penaltyFunction",
  "optimizedMetric",
  "referenceMetric",
  "from",
  "signal",
  "onWork",
] as const;

export interface RerunOptions extends ReplayGiven {
  /** A saved synthesis of the same recipe at an earlier step: what came before is taken from it. */
  readonly from?: Source | null;
  readonly signal?: Global<"AbortSignal"> | undefined;
  /** Told what is to be done, before it begins. */
  readonly onWork?: ((work: ReplayWork) => unknown) | undefined;
}

/** What there is to do. */
export interface ReplayWork {
  /** In a sentence. */
  readonly text: string;
  /** Steps to make; null for methods that search until they have found. */
  readonly steps: number | null;
  /** Steps that are taken from a checkpoint. */
  readonly taken: number;
}

/** What was made. */
export interface Rerun {
  readonly synthesis: Synthesis;
  /** What has another graph here than in the recipe; its name was the same. */
  readonly others: readonly string[];
}

/** Steps that a recipe makes, over all calls; null for methods that search until they have found. */
export function stepsOf({ method, calls }: OwnRecipe): number | null {
  if (method === "Eigendistortion") return null;
  return calls.reduce((sum, { call, options }) => sum + (call === "synthesize" ? Number(options.maxIter ?? 0) : 0), 0);
}

/**
 * Runs a recipe from its beginning, or from a checkpoint.
 *
 * @param stepped is awaited after every step; what it throws ends the run
 * @param keptIn where the run is kept on its way
 * @throws CannotReplay where that is not possible here
 */
export async function rerun(
  result: ReadResult,
  options: RerunOptions,
  stepped: (made: ReplayStep, synthesis: Synthesis) => unknown,
  keptIn: CheckpointOptions | null = null,
): Promise<Rerun> {
  const { recipe, file } = result;
  refuseOtherNumerics(recipe);
  const image = await imageFor(result, options);
  const generators = new Generators(recipe, file);
  // Some models draw when they are made; the object's own draws come later.
  const { make, others } = new Generators(recipe, file).lend(() =>
    maker(recipe, { ...options, kept: result.functions }, image),
  );
  const steps = stepsOf(recipe);
  const checkpoint =
    options.from === null || options.from === undefined ? null : await checkpointOf(options.from, recipe);
  const taken = checkpoint?.steps ?? 0;
  await options.onWork?.({ text: workText(recipe, taken), steps: steps === null ? null : steps - taken, taken });
  options.signal?.throwIfAborted();
  const synthesis = refusing(recipe, () => generators.lend(make));
  if (checkpoint !== null && !(synthesis instanceof Eigendistortion)) {
    // It holds what came of a change of precision.
    for (const { call, options: said } of recipe.calls.slice(0, checkpoint.calls)) {
      if (call === "to") synthesis.to(said.dtype as FloatDType);
    }
    await synthesis.load(checkpoint.source);
    await synthesis.setup();
  }
  let made = taken;
  let ahead = taken;
  let number = 0;
  for (const [i, call] of recipe.calls.entries()) {
    const isTaken = checkpoint !== null && i < checkpoint.calls;
    const count = call.call === "synthesize" && steps !== null ? Number(call.options.maxIter ?? 0) : 0;
    const before = Math.min(ahead, count);
    ahead -= before;
    if (isTaken && before === count) continue;
    if (isTaken && call.call !== "synthesize") continue;
    if (call.options.random !== undefined) generators.jump(call.options.random as { readonly torch: string }, file);
    if (call.call === "to") synthesis.to(call.options.dtype as FloatDType);
    else if (synthesis instanceof Eigendistortion) {
      const { random: _, k, ...search } = call.options;
      const onProgress = ({ share }: { readonly share: number }): unknown =>
        stepped({ step: made, numbers: null, share }, synthesis);
      const given = { ...search, ...(k !== null && { k }), signal: options.signal, onProgress };
      await generators.lend(() => synthesis.synthesize(given as Parameters<Eigendistortion["synthesize"]>[0]));
    } else if (call.call === "setup") {
      const start = await startOf(
        result,
        (call.options.initialImage ?? null) as unknown as SaidStart | null,
        image,
        options,
        generators,
      );
      await generators.lend(() => synthesis.setup(setupOptions(call, start)));
    } else {
      const base = made;
      number++;
      const around = {
        ...(options.signal !== undefined && { signal: options.signal }),
        ...(keptIn !== null && { checkpoint: { ...keptIn, path: numbered(keptIn.path, number) } }),
        onProgress: async (progress: Progress) => {
          made = base + progress.iteration;
          await stepped({ step: made, numbers: progress, share: 0 }, synthesis);
        },
      };
      await synthesizeAgain(synthesis, call.options, count - before, around);
      made = synthesis.numIter;
    }
  }
  return { synthesis, others };
}

function refuseOtherNumerics({ numerics, calls, versions }: OwnRecipe): void {
  const all = new Set([numerics, ...calls.flatMap((call) => call.numerics ?? [])]);
  if (all.size === 1 && all.has(NUMERICS_VERSION)) return;
  const version = versions?.["plenoptic-js"];
  const known = typeof version === "string" && /^\d+\.\d+\.\d+[\w.+-]*$/.test(version) ? version : null;
  const way =
    all.size > 1
      ? `it was begun under one and gone on with under another (${[...all].join(", ")}), so no version makes it again in one go`
      : numerics === 0
        ? "that was before the bits were frozen, and no release has it"
        : known === VERSION
          ? `it says that plenoptic-js ${VERSION} made it, which is this version and has ${NUMERICS_VERSION}: one of the two was changed in it`
          : `plenoptic-js ${known ?? "of that time"} can: npx @plenoptic-js/cli@${known ?? "VERSION"} verify`;
  throw new CannotReplay(
    "numerics",
    `it was made under numeric contract ${numerics}, and this version has ${NUMERICS_VERSION}; ${way}`,
  );
}

/** The target: given, from the file, or a picture that ships; whichever, by its hash. */
async function imageFor(
  { recipe, image }: ReadResult,
  { image: given = null }: ReplayGiven,
): Promise<Tensor<FloatDType>> {
  const { image: wanted } = recipe;
  if (given !== null) return floatImage(await sameArray("image", given, wanted, "the image that was given"));
  if (image !== null) return floatImage(await sameArray("image", image, wanted, "the image in the file"));
  const { name = "" } = wanted;
  const photograph = new Map<string, Photograph>(Object.entries(photographs)).get(name);
  if (photograph !== undefined) {
    const shipped = await photograph({ dtype: wanted.dtype as FloatDType });
    return floatImage(await sameArray("image", shipped, wanted, `the picture "${name}" that ships here`));
  }
  const called = name === "" ? "" : ` "${name}"`;
  const how = wanted.conversion === undefined ? "" : `, ${wanted.conversion}`;
  throw new CannotReplay(
    "image",
    `the image${called} is needed (${wanted.dtype} ${shapeText(wanted.shape)}${how}; SHA-256 ${wanted.sha256}), and must be given`,
  );
}

const floatImage = (image: Tensor): Tensor<FloatDType> => judged(image.detach()) as Tensor<FloatDType>;

/** What makes the object of a recipe. All that it names is looked up first. */
function maker(
  recipe: OwnRecipe,
  given: ReplaySources,
  image: Tensor<FloatDType>,
): { readonly make: () => Synthesis; readonly others: readonly string[] } {
  const others: string[] = [];
  const noted = <T>(what: string, { thing, isSame }: { readonly thing: T; readonly isSame: boolean }): T => {
    if (!isSame) others.push(what);
    return thing;
  };
  const { method, options } = recipe;
  if (method === "Eigendistortion") {
    const model = noted("model", remadeModel(recipe, given));
    return { make: () => new Eigendistortion(image, model), others };
  }
  refuseIncomplete(recipe);
  const penaltyFunction = noted("penalty", remadePenalty(recipe, given));
  const penaltyLambda = options.penaltyLambda as number;
  if (method === "MADCompetition") {
    const optimized = noted("optimized metric", remadeMetric(recipe, given, "optimizedMetric"));
    const reference = noted("reference metric", remadeMetric(recipe, given, "referenceMetric"));
    const guessed = recipe.random.guessedWeight === true;
    const mode =
      options.constrained === true
        ? { constrained: true, allowedRange: options.allowedRange as Range }
        : { metricTradeoffLambda: guessed ? null : (options.metricTradeoffLambda as number), penaltyLambda };
    const made = { ...mode, penaltyFunction };
    return {
      make: () => new MADCompetition(image, optimized, reference, options.minmax as MinMax, made),
      others,
    };
  }
  const model = noted("model", remadeModel(recipe, given));
  const lossFunction = noted("loss", remadeLoss(recipe, given, model, image));
  const all = { lossFunction, penaltyFunction, penaltyLambda };
  if (method === "Metamer") return { make: () => new Metamer(image, model, all), others };
  const { coarseToFine } = options as unknown as { readonly coarseToFine: "together" | "separate" };
  return { make: () => new MetamerCTF(image, model as ScaledModel, { ...all, coarseToFine }), others };
}

/** What the options of a method must have: the schema knows what each is, and not which method has it. */
function refuseIncomplete({ method, options }: OwnRecipe): void {
  const needed =
    method === "MADCompetition"
      ? ["optimizedMetric", "referenceMetric", "minmax", "penaltyFunction", "penaltyLambda"]
      : ["lossFunction", "penaltyFunction", "penaltyLambda", ...(method === "MetamerCTF" ? ["coarseToFine"] : [])];
  const lacking = needed.find((name) => options[name] === undefined);
  if (lacking === undefined) return;
  throw new CannotReplay("unknown name", `its recipe lacks options.${lacking}, without which there is no ${method}`);
}

/** What an object of a recipe refuses: the recipe makes no sense, or asks for what this machine has not. */
function refusing<T>({ method }: OwnRecipe, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CannotReplay("unknown name", `no ${method} can be made of its recipe here: ${why}`, { cause });
  }
}

function setupOptions({ options }: RecipeCall, start: Tensor | null): object {
  const optimizer = remadeOptimizer(options.optimizer);
  const scheduler = remadeScheduler(options.scheduler);
  return {
    ...(optimizer !== null && { optimizer }),
    ...(scheduler !== null && { scheduler }),
    ...(start !== null && { initialImage: start }),
    ...(start === null && options.initialNoise !== undefined && { initialNoise: options.initialNoise }),
  };
}

const number = (said: unknown): number | null => (said === null || said === undefined ? null : Number(said));

/** The file of a call of synthesize(), of which the first is 1. */
const numbered = (path: string, number: number): string =>
  number === 1 ? path : path.replace(/(\.[^./\\]*)?$/, `-${number}$1`);

/** A call of synthesize() as the recipe has it, but for no more than `steps` steps. */
async function synthesizeAgain(
  synthesis: Iterative,
  said: JsonObject,
  steps: number,
  around: Pick<SynthesizeOptions, "signal" | "checkpoint" | "onProgress">,
): Promise<void> {
  const failed = said.failed === "nonFinite";
  const own =
    synthesis instanceof MetamerCTF
      ? { changeScaleCriterion: number(said.changeScaleCriterion), ctfItersToCheck: Number(said.ctfItersToCheck) }
      : {};
  const run = synthesis.synthesize({
    maxIter: failed ? steps + 1 : steps,
    storeProgress: Number(said.storeProgress ?? 0),
    stopCriterion: number(said.stopCriterion),
    stopRtol: number(said.stopRtol),
    stopItersToCheck: Number(said.stopItersToCheck ?? 0),
    ...own,
    ...around,
  });
  if (!failed) {
    await run;
    return;
  }
  try {
    await run;
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
  }
}

interface Checkpoint {
  readonly source: Source;
  /** Steps that it has made. */
  readonly steps: number;
  /** Calls of the recipe that it has made, the last one perhaps not to its end. */
  readonly calls: number;
}

/** A saved synthesis that the recipe comes by. */
async function checkpointOf(source: Source, recipe: OwnRecipe): Promise<Checkpoint> {
  const { recipe: earlier, kind, file } = await readFor("verify: the checkpoint", source);
  const no = (why: string): CannotReplay =>
    new CannotReplay("checkpoint", `${file} is no checkpoint of this recipe: ${why}`);
  if (kind !== "pt") throw no("it is no .pt file");
  if (recipe.method === "Eigendistortion") throw no("a search for eigendistortions has none");
  const different = differentPart({ ...recipe, calls: [] }, { ...asJob(earlier, recipe), calls: [] });
  if (different !== null) throw no(`it has another ${different}`);
  const done = earlier.calls;
  if (done.length === 0 || done.length > recipe.calls.length) throw no("it has made other calls");
  const last = done.length - 1;
  for (const [i, call] of done.entries()) {
    const own = recipe.calls[i];
    if (i < last || call.call !== "synthesize") {
      if (callText(callAsIn(call, own)) !== callText(own)) throw no("it has made other calls");
      continue;
    }
    const [made, wanted] = [Number(call.options.maxIter), Number(own.options.maxIter)];
    const rest = (one: RecipeCall): string => callText({ ...one, options: { ...one.options, maxIter: 0 } });
    if (rest(call) !== rest(own) || made > wanted) throw no("it has made other calls, or more steps");
  }
  const steps = stepsOf(earlier) ?? 0;
  if (earlier.result?.iterations !== steps)
    throw new FileError("damaged", file, "its calls and its steps do not agree");
  return { source, steps, calls: done.length };
}

/** What a job knows by its name alone, the checkpoint of it knows by its graph too. */
function asJob(earlier: OwnRecipe, { options: { lossFunction } }: OwnRecipe): OwnRecipe {
  const said = lossFunction as { readonly fingerprint?: string } | undefined;
  if (said === undefined || said.fingerprint !== undefined) return earlier;
  return { ...earlier, options: { ...earlier.options, lossFunction } };
}

/** A start that a job lets the library draw is told by its hash in the checkpoint of it. */
function callAsIn(call: RecipeCall, { options: { initialImage: wanted } }: RecipeCall): RecipeCall {
  const toDraw = wanted as { readonly sha256?: string; readonly drawn?: { readonly kind: string } } | null | undefined;
  const made = call.options.initialImage as { readonly drawn?: { readonly kind: string } } | null | undefined;
  if (toDraw?.drawn === undefined || toDraw.sha256 !== undefined) return call;
  if (made?.drawn?.kind !== toDraw.drawn.kind) return call;
  return { ...call, options: { ...call.options, initialImage: wanted } };
}

/** What a recipe makes, in a sentence. */
function workText(recipe: OwnRecipe, taken: number): string {
  const { method, image, model, options, calls } = recipe;
  const name = (said: unknown): string => String((said as { readonly name?: string | null } | null)?.name ?? "");
  const of = `${image.name === undefined ? "" : `${image.name}, `}${image.dtype} ${shapeText(image.shape)}`;
  const under =
    model === null
      ? `, ${name(options.optimizedMetric) || "a metric"} against ${name(options.referenceMetric) || "a metric"}`
      : ` under ${model.name ?? "a model without a name"}`;
  const steps = stepsOf(recipe);
  const setup = calls.find(({ call }) => call === "setup");
  const by = name(setup?.options.optimizer);
  const work = steps === null ? "a search" : `${counted(steps, "step")}${by === "" ? "" : ` of ${by}`}`;
  const from = taken === 0 ? "" : `; the first ${taken} are taken from a checkpoint`;
  return `${method} of ${of}${under}: ${work}${from}`;
}
