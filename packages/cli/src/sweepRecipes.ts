// From what a plan says of a stimulus to its recipe: by the very objects that the command of the method makes, which are set up and not run.
// What they have in common but for image and seed is made once for all of a kind.

import { basename } from "node:path";
import type { JsonObject } from "@plenoptic-js/formats";
import {
  type Cell,
  type Described,
  hashOf,
  type JobRecipe,
  type Plan,
  settledHash,
  type Word,
} from "@plenoptic-js/runs";
import { defaultGenerator, globalNumpy, hashTensor, setSeed, TorchGenerator } from "@plenoptic-js/tensor";
import { CommanderError } from "commander";
import { Eigendistortion, MetamerCTF } from "plenoptic-js";
import { randomStates } from "plenoptic-js/engine";
import { asImage, beginRun } from "./beginRun.ts";
import type { Channels } from "./colour.ts";
import { fitToModel } from "./crop.ts";
import { type EigendistortionFlags, eigendistortionCommandText, refuseTooMany, searchOf } from "./eigendistortion.ts";
import { UserError } from "./failure.ts";
import { checkMadSize, type MadFlags, madChoices, madCommandText } from "./mad.ts";
import { madeOnce } from "./madeOnce.ts";
import { type MetamerFlags, metamerChoices, metamerCommandText, refusePresetModel } from "./metamer.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { chosenModel, type ModelFlags } from "./modelFlags.ts";
import type { Resize } from "./resize.ts";
import type { WorkFlags } from "./runFlags.ts";
import { beginMad, imagesOf } from "./runMad.ts";
import { beginMetamer } from "./runMetamer.ts";
import { stimulusChoice } from "./stimulusFlags.ts";
import { type MethodName, methodCommand, OF_FILES } from "./sweepVocabulary.ts";
import { imageWords, readTarget, type Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";

/** An image as a job has it: all but its values. */
interface Seen {
  readonly target: Omit<Target, "values">;
  readonly image: JobRecipe["image"];
}

/** What a recipe has before it is run, but for the seed. */
type Begun = Omit<JobRecipe, "random">;

/** What jobs of a kind have in common. */
interface Template {
  readonly begun: Begun;
  /** Whether the model draws random numbers while it is made: the states of the generators come after that. */
  readonly draws: boolean;
}

/** Of objects that are set up, and whose seed matters only for what is drawn later. */
const ANY_SEED = 0;

export class SweepRecipes {
  readonly #terminal: Terminal;
  /** By words: what the command makes of them. */
  readonly #choices = new Map<string, Promise<unknown>>();
  /** By source and words about sizes. */
  readonly #seen = new Map<string, Seen>();
  /** By words, size and precision. */
  readonly #templates = new Map<string, Template>();
  /** The image that was read last: cells of one image follow each other. */
  #last: { readonly key: string; readonly target: Target } | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The stimuli of a cell. Throws a PlanError that names the place in the plan. */
  readonly describe = async (cell: Cell, plan: Plan): Promise<readonly Described[]> => {
    const method = plan.method.name as MethodName;
    try {
      if (method === "metamer") return [await this.#metamer(cell)];
      if (method === "mad") return await this.#mad(cell);
      return [await this.#eigendistortion(cell)];
    } catch (error) {
      if (!(error instanceof UserError || error instanceof CommanderError)) throw error;
      throw planRefusal(error, plan, cell);
    }
  };

  /** The options of a command, as it would have them. */
  async #flags<T>(method: MethodName, words: readonly Word[]): Promise<T> {
    const key = JSON.stringify(["flags", method, words]);
    const known = this.#choices.get(key);
    if (known !== undefined) return known as Promise<T>;
    const parsing = (async () => {
      const command = methodCommand(method, this.#terminal);
      command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
      let found: unknown;
      command.action((_: string, options: unknown) => {
        found = options;
      });
      const args = words.flatMap(([name, value]) => {
        if (value === null) return [`--${name}`];
        // Several layers of one model are a text with commas.
        return (name === "layer" ? value.split(",") : [value]).map((one) => `--${name}=${one}`);
      });
      await command.parseAsync(["image", ...args], { from: "user" });
      return found;
    })();
    this.#choices.set(key, parsing);
    return parsing as Promise<T>;
  }

  /** What is made of words once for all jobs. */
  async #once<T>(what: string, words: readonly Word[], make: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([what, words]);
    const known = this.#choices.get(key) ?? make();
    this.#choices.set(key, known);
    return known as Promise<T>;
  }

  /** @param channels that a network takes; gray where it is left out */
  async #target(
    source: string,
    resize: Resize | undefined,
    dtype: "float32" | "float64",
    channels?: Channels,
  ): Promise<Target> {
    const key = JSON.stringify([source, resize?.text, dtype, channels ?? 1]);
    if (this.#last?.key !== key) this.#last = { key, target: await readTarget(source, resize, dtype, channels) };
    return this.#last.target;
  }

  /** An image as a job has it. `cropped` crops it, or refuses it. */
  async #image(
    { image }: Cell,
    { resize, dtype }: { readonly resize?: Resize | undefined; readonly dtype: "float32" | "float64" },
    fitting: JsonObject,
    cropped: (target: Target) => Target,
    channels?: Channels,
  ): Promise<Seen> {
    const key = JSON.stringify([image.source, resize?.text, dtype, fitting, channels ?? 1]);
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    const target = cropped(await this.#target(image.source, resize, dtype, channels));
    const { name, conversion } = target;
    const tensor = asImage(target, dtype);
    const sha256 = await hashTensor(tensor);
    const { values: _, ...rest } = target;
    const seen = { target: rest, image: { dtype, shape: tensor.shape, sha256, name, conversion } };
    this.#seen.set(key, seen);
    return seen;
  }

  async #metamer(cell: Cell): Promise<Described> {
    const options = await this.#flags<MetamerFlags>("metamer", cell.words);
    const isNamed = cell.words.some(([name]) => name === "model");
    refusePresetModel(options, isNamed);
    const { choice, optimizerFlags, told } = await this.#once("metamer", cell.words, () => metamerChoices(options));
    const { cropped, fitting } = fittingTo(choice, options);
    const seen = await this.#image(cell, options, fitting, cropped, choice.network?.channels);
    const { dtype, stop, coarseToFine } = told;
    const template = await this.#template("metamer", cell.words, seen, choice, async (seed) => {
      const target = cropped(await this.#target(cell.image.source, options.resize, dtype, choice.network?.channels));
      const { synthesis, loss, start } = await beginMetamer(target, choice, { ...told, seed, threads: 1 });
      refuseToHold(options, synthesis);
      const own = await ownRecipe(synthesis, choice.file);
      const { maxIter, stopCriterion, stopRtol, stopItersToCheck } = stop;
      const { coarseToFine: _, ...rules } = coarseToFine ?? {};
      const ofImage = choice.loss !== undefined && !(synthesis instanceof MetamerCTF);
      const said = own.options.lossFunction as JsonObject;
      return {
        ...own,
        // The graph of a loss that is made for an image is another for every image.
        options: { ...own.options, lossFunction: ofImage ? { name: loss.name } : { ...said, name: loss.name } },
        calls: [
          ...own.calls.map((call) =>
            start === null ? call : { ...call, options: { ...call.options, initialImage: toDraw } },
          ),
          {
            call: "synthesize" as const,
            options: {
              maxIter,
              storeProgress: 0,
              stopCriterion,
              ...(stopRtol !== null && { stopRtol }),
              stopItersToCheck,
              ...rules,
            },
          },
        ],
      };
    });
    const flags = [...choice.flags, ...(options.crop === true ? ["--crop"] : []), ...optimizerFlags];
    return this.#described(cell, seen, template, choice, options, (seed) =>
      metamerCommandText(
        imageWords(seen.target as Target),
        flags,
        { ...told, photographs: null, seed },
        options,
        told.stop.maxIter,
      ),
    );
  }

  async #mad(cell: Cell): Promise<readonly Described[]> {
    const options = await this.#flags<MadFlags>("mad", cell.words);
    const { metrics, told } = await this.#once("mad", cell.words, () => madChoices(options));
    const seen = await this.#image(cell, options, {}, (target) => target);
    checkMadSize(seen.target as Target, metrics);
    const { dtype, stop, direction } = told;
    const { maxIter, stopCriterion, stopRtol, stopItersToCheck } = stop;
    // All images of a competition begin as one, whichever of them a plan asks for.
    const names = ["direction", "optimized", "reference", ...OF_FILES];
    const settled = hashOf({
      image: seen.image.sha256,
      metrics: metrics.map(({ recipe: { file, ...named } }) => (file as JsonObject | undefined)?.sha256 ?? named),
      words: cell.words.filter(([name]) => !names.includes(name)).map((word) => [...word]),
    });
    // What each draws depends on what the others have drawn: all are made, for every seed.
    const all = new Map<number, Promise<readonly JobRecipe[]>>();
    const recipesFor = async (seed: number): Promise<readonly JobRecipe[]> => {
      const target = await this.#target(cell.image.source, options.resize, dtype);
      const { mads } = await beginMad(target, metrics, { ...told, seed, threads: 1 });
      refuseToHold(options, mads[0]);
      const wanted = imagesOf(metrics, direction);
      return Promise.all(
        mads.map(async (mad, i): Promise<JobRecipe> => {
          const {
            result: _,
            marks: __,
            ...own
          } = (await mad.recipe()) as unknown as JobRecipe & {
            readonly result: unknown;
            readonly marks?: unknown;
          };
          const { optimized } = wanted[i];
          const named = (which: "optimizedMetric" | "referenceMetric", metric: JsonObject): JsonObject => {
            return { ...metric, ...(own.options[which] as JsonObject) };
          };
          return {
            ...own,
            image: seen.image,
            options: {
              ...own.options,
              optimizedMetric: named("optimizedMetric", metrics[optimized].recipe),
              referenceMetric: named("referenceMetric", metrics[1 - optimized].recipe),
            },
            random: { ...own.random, seed },
            calls: [
              ...own.calls,
              {
                call: "synthesize",
                options: {
                  maxIter,
                  storeProgress: 0,
                  stopCriterion,
                  ...(stopRtol !== null && { stopRtol }),
                  stopItersToCheck,
                },
              },
            ],
            command: madCommandText(imageWords(seen.target as Target), metrics, { ...told, seed }, options, maxIter),
          };
        }),
      );
    };
    const ofSeed = (seed: number): Promise<readonly JobRecipe[]> => {
      const known = all.get(seed) ?? recipesFor(seed);
      all.set(seed, known);
      return known;
    };
    return imagesOf(metrics, direction).map(({ stem, optimized }, i): Described => {
      const files = { optimized: metrics[optimized].file?.path, reference: metrics[1 - optimized].file?.path };
      return {
        settled,
        start: seen.image.shape.join("x"),
        told: [["stimulus", stem]],
        given: { ...this.#given(cell, options), ...defined(files) },
        recipe: async (seed) => (await ofSeed(seed))[i],
      };
    });
  }

  async #eigendistortion(cell: Cell): Promise<Described> {
    const options = await this.#flags<EigendistortionFlags>("eigendistortion", cell.words);
    const { choice, search } = await this.#once("eigendistortion", cell.words, async () => ({
      search: searchOf(options),
      choice: madeOnce(await chosenModel(options)),
    }));
    const { cropped, fitting } = fittingTo(choice, options);
    const seen = await this.#image(cell, options, fitting, cropped, choice.network?.channels);
    refuseTooMany(
      search,
      seen.image.shape.reduce((all, side) => all * side),
      seen.target.name,
    );
    const { dtype, alpha } = options;
    const stimuli = stimulusChoice(options);
    const template = await this.#template("eigendistortion", cell.words, seen, choice, async (seed) => {
      const target = cropped(await this.#target(cell.image.source, options.resize, dtype, choice.network?.channels));
      const { size, image } = beginRun(target, { seed, threads: 1, dtype });
      const eig = new Eigendistortion(image, await choice.create(size, dtype));
      refuseToHold(options, eig);
      const own = await ownRecipe(eig, choice.file);
      return { ...own, calls: [{ call: "synthesize" as const, options: search }] };
    });
    const flags = [...choice.flags, ...(options.crop === true ? ["--crop"] : [])];
    const described = this.#described(cell, seen, template, choice, options, (seed) =>
      eigendistortionCommandText(imageWords(seen.target as Target), flags, { seed, dtype, alpha, search, stimuli }),
    );
    // What is found depends on the start only within the residuals.
    return { ...described, start: null, given: { ...described.given, alpha: String(alpha) } };
  }

  /**
   * A recipe of a kind: image and seed are of another.
   *
   * @param make sets up the object of a seed, and gives its recipe
   */
  async #template(
    method: MethodName,
    words: readonly Word[],
    { image }: Seen,
    { description }: ModelChoice,
    make: (seed: number) => Promise<JobRecipe>,
  ): Promise<Template> {
    const key = JSON.stringify([method, words, image.dtype, image.shape]);
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const { random, ...begun } = await make(ANY_SEED);
    const draws = random.torch !== seededState(ANY_SEED);
    if (draws && (await make(ANY_SEED + 1)).model?.fingerprint !== begun.model?.fingerprint) {
      throw new UserError(
        `every seed has another model, as ${description} draws random numbers while it is made; let its file make it the same every ` +
          "time: seed the generator there, or keep the weights in a file",
      );
    }
    const template = { begun, draws };
    this.#templates.set(key, template);
    return template;
  }

  #described(
    cell: Cell,
    seen: Seen,
    { begun, draws }: Template,
    choice: ModelChoice,
    options: WorkFlags & ModelFlags,
    command: (seed: number) => string,
  ): Described {
    const made = { ...begun, image: seen.image };
    const model = choice.network === undefined ? choice.userFile?.path : options.model;
    const { resize, height, width } = seen.target;
    const dtype = seen.image.dtype as "float64";
    const randomOf = async (seed: number): Promise<JobRecipe["random"]> => {
      if (!draws) return { seed };
      setSeed(seed);
      await choice.create([height, width], dtype);
      return { seed, ...randomStates(defaultGenerator(), globalNumpy()) };
    };
    return {
      settled: settledHash({ ...made, random: { seed: ANY_SEED } }),
      start: seen.image.shape.join("x"),
      told: [],
      given: { image: cell.image.source, ...defined({ resize, model }), ...filesGiven(options) },
      recipe: async (seed) => ({ ...made, random: await randomOf(seed), command: command(seed) }),
    };
  }

  #given({ image }: Cell, options: MadFlags): Readonly<Record<string, string>> {
    return { image: image.source, ...defined({ resize: options.resize?.text }), ...filesGiven(options) };
  }
}

/** A start that the library draws, when the object has drawn what it draws. */
const toDraw = { drawn: { kind: "texture" } } as const;

const defined = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** How the files of a result are made, as a job has it. */
function filesGiven(options: WorkFlags): Record<string, string> {
  const { encoding, colourChunk, pixelsPerDegree } = stimulusChoice(options);
  const said: Record<Exclude<(typeof OF_FILES)[number], "alpha">, string | undefined> = {
    encoding: encoding === "linear" ? undefined : encoding,
    "colour-chunk": colourChunk ? "true" : undefined,
    "pixels-per-degree": pixelsPerDegree === null ? undefined : String(pixelsPerDegree),
    "with-model": options.withModel === true ? "true" : undefined,
  };
  return defined(said);
}

/** Before anything is computed. Throws UserError for a model that no file may hold. */
function refuseToHold({ withModel }: WorkFlags, synthesis: { modelSize(): unknown }): void {
  if (withModel !== true) return;
  try {
    synthesis.modelSize();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`--with-model: ${error.message}`, { cause: error });
  }
}

/** How images are made to fit a model. */
function fittingTo(choice: ModelChoice, { crop }: Pick<ModelFlags, "crop">) {
  const { leastSide, sideStep } = choice;
  return {
    fitting: { leastSide, sideStep, crop: crop === true },
    cropped: (target: Target): Target => fitToModel(target, choice, crop === true),
  };
}

/** What an object that is set up says of itself. */
async function ownRecipe(
  synthesis: { recipe(): Promise<JsonObject | null> },
  file?: ModelChoice["file"],
): Promise<JobRecipe> {
  const own = (await synthesis.recipe()) as unknown as JobRecipe & {
    readonly result?: unknown;
    readonly marks?: unknown;
  };
  const { result: _, marks: __, model, ...rest } = own;
  return { ...rest, model: model === null || file === undefined ? model : { ...model, file } };
}

/** torch's generator as a seed leaves it, in the form of recipes. */
const seededState = (seed: number): string => Buffer.from(new TorchGenerator(seed).getState()).toString("base64");

/** A refusal of the command, with the names that options have in a plan, at the place of the first one that stands there. */
function planRefusal(error: Error, plan: Plan, { image }: Cell): Error {
  const names = [...error.message.matchAll(/--([a-z][\w-]*)/g)].map(([, name]) => name);
  const words = error.message.replace(/^error: /, "").replaceAll(/--([a-z])/g, "$1");
  const isOfImage = error.message.includes(basename(image.label));
  return plan.refusal(words, isOfImage ? ["images", "image"] : [...names, "model", "optimizer", "optimized"]);
}
