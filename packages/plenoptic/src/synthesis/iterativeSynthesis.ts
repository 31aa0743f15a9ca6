// What is kept of all iterative methods: saving, loading, recipes. How they run is in runningSynthesis.ts. A method adds its attributes
// in a file.

import {
  clearUnfinished,
  concatBytes,
  FileError,
  type JsonObject,
  type Source,
  writeFileAtomic,
  writePtParts,
} from "@plenoptic-js/formats";
import type { FloatDType, Tensor, TensorSpec } from "@plenoptic-js/tensor";
import { checkPath, checkSource } from "../io/places.ts";
import type { OwnRecipe, RecipeMethod } from "../recipe.ts";
import type { StoredModelSize } from "../stored/form.ts";
import type { KeptFunction, KeptFunctions, StoredFunctions } from "../stored/write.ts";
import { UserWarning, warn } from "../warnings.ts";
import { arraysOf, FileKeeper } from "./checkpoint/keeper.ts";
import { beyondText, checkPlace, standingAt } from "./checkpoint/place.ts";
import type { Terms } from "./frame/descent.ts";
import type { Driven } from "./frame/drive.ts";
import { type Histories, historiesOf } from "./frame/histories.ts";
import type { Present } from "./frame/progress.ts";
import type { CheckedOptions } from "./frame/synthesizeOptions.ts";
import { type Keeper, type Own, type PenaltyOptions, RunningSynthesis } from "./runningSynthesis.ts";
import { stateOf } from "./saving/dictionary/fields.ts";
import {
  IMAGE_INPUT,
  type IterativeValues,
  type Layout,
  type SavedClass,
  type Values,
  writeValues,
} from "./saving/dictionary/layouts.ts";
import { readMetadata, type WrittenMetadata, writeMetadata } from "./saving/dictionary/metadata.ts";
import { savedName } from "./saving/dictionary/names.ts";
import { recipeToSave } from "./saving/knownRecipe.ts";
import { loadedRun } from "./saving/loaded.ts";
import { type CallableCheck, penaltyCheck } from "./saving/loading/callables.ts";
import type { LoadChecks } from "./saving/loading/checks.ts";
import { type Opened, openSaved, readSavedFile, type SavedFile } from "./saving/loading/openSaved.ts";
import { checkLoadOptions, type LoadOptions } from "./saving/loading/options.ts";
import type { Migrated } from "./saving/old/migrate.ts";
import { checkSaveOptions, type SaveOptions } from "./saving/options.ts";
import type { SavedStates } from "./saving/resume.ts";
import type { Described } from "./saving/runLog.ts";
import { keptFunction, storedFor } from "./saving/storedFor.ts";
import { noState } from "./saving/torch/optimizers.ts";

/** The types of the images of a synthesis: that it was made with, and that it makes. */
export interface ImageTypes {
  readonly image: TensorSpec;
  readonly made: TensorSpec;
}

/** @typeParam L the attributes of the method in a file */
export abstract class IterativeSynthesis<L extends Layout, O extends Own, D extends Driven> extends RunningSynthesis<
  O,
  D
> {
  readonly #layout: L;

  /** @param own @param recorded @param fits as in RunningSynthesis */
  protected constructor(
    method: RecipeMethod,
    layout: L,
    image: Tensor,
    options: PenaltyOptions,
    own: (image: Tensor<FloatDType>) => O,
    recorded: readonly string[],
    fits: (image: Tensor<FloatDType>) => void,
  ) {
    super(method, image, options, own, recorded, fits);
    this.#layout = layout;
  }

  /** Whether its terms have more than loss and penalty. */
  protected get recordsTerms(): boolean {
    return false;
  }

  /** What a recipe says of the method. */
  protected abstract describe(own: O): Pick<Described, "model" | "options">;

  /** The attributes of the method in a file; `present` is the synthesized image, null before setup(). */
  protected abstract savedValues(own: O, present: Present | null, histories: Histories): Promise<object>;

  /**
   * The method's state as a file has it, and the histories of its own. Makes all checks of the method's attributes and of its
   * functions; changes nothing.
   */
  protected abstract loadedValues(
    values: Values<L>,
    migrated: Migrated,
    checks: LoadChecks,
  ): Promise<{ readonly own: O; readonly recorded: Readonly<Record<string, Float64Array>> }>;

  /** Optimizer and scheduler as a file holds them. */
  protected abstract savedDrive(drive: D): SavedStates;

  /** What it is made with, for its file: all calls that it makes of each function, for images of these types. */
  protected abstract keptFunctions(types: readonly ImageTypes[]): KeptFunctions;

  /** That of the penalty. */
  protected keptPenalty(types: readonly ImageTypes[]): KeptFunction {
    const { penaltyFunction } = this;
    const calls = types.flatMap(({ image, made }) =>
      [image, made].map((one) => ({ call: penaltyFunction, inputs: [one] })),
    );
    return { ...keptFunction(penaltyFunction), calls };
  }

  /** What of the run stands in our part of the metadata. */
  protected ownMetadata(): Pick<WrittenMetadata, "run" | "arrays"> {
    return {};
  }

  /**
   * Writes all of it to a .pt file, from which it can go on to the same bits, here or in Python's plenoptic: `load` on an
   * object made with the same arguments. Nothing is there, or the whole file.
   *
   * With `withModel` the file also holds model, loss, penalty and metrics, as data: it can be loaded without them (the method `load` of the
   * class), gone on with and verified, for its shape and dtype. modelSize() says how large they are.
   *
   * @throws RangeError for functions that are more than a file may hold
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    checkPath(`${this.methodName}: save()`, path);
    await this.whileSaving(async () => writeFileAtomic(path, await this.#fileParts(options)));
  }

  /** The bytes of the file that save() writes. */
  async toBytes(options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.whileSaving(async () => concatBytes([...(await this.#fileParts(options))]));
  }

  /** How large the functions are that save() writes with `withModel`. Nothing is written. */
  modelSize(): StoredModelSize {
    return this.#stored().size;
  }

  #stored(): StoredFunctions {
    const { image, log } = this;
    const start = this.present?.image.shape ?? image.shape;
    return storedFor(image, log.firstImage, (specs) =>
      this.keptFunctions(
        specs.map(({ dtype }) => ({ image: { shape: image.shape, dtype }, made: { shape: start, dtype } })),
      ),
    );
  }

  /** @param run what a checkpoint knows besides */
  async #fileParts(options: SaveOptions, run: JsonObject | null = null): Promise<Iterable<Uint8Array>> {
    const { withModel } = checkSaveOptions(options);
    this.refuseWhileLoading("save()");
    const { drive, histories, loaded, present } = this;
    const saved: Omit<IterativeValues, "metadata"> = {
      loaded: loaded !== null,
      losses: histories.of("losses").toArray(),
      penalties: histories.of("penalties").toArray(),
      gradientNorm: histories.of("gradientNorm").toArray(),
      pixelChangeNorm: histories.of("pixelChangeNorm").toArray(),
      every: histories.every,
      currentLoss: present?.terms.loss ?? null,
      currentPenalty: present?.terms.penalty ?? null,
      penaltyLambda: this.penaltyLambda,
      image: this.image,
      imageShape: this.image.shape,
      stepTakesLoss: this.scheduler?.takesLoss === true || loaded?.stepTakesLoss === true,
      savedImages: histories.images.all(),
      synthesized: present?.image ?? null,
      penaltyFunction: {
        name: savedName(this.penaltyFunction),
        inputs: IMAGE_INPUT,
        output: this.penaltyFunction(this.image),
      },
      ...(drive === null
        ? {
            optimizer: loaded?.run.optimizer ?? stateOf(noState()),
            scheduler: loaded?.run.scheduler ?? stateOf(noState()),
          }
        : this.savedDrive(drive)),
    };
    const own = await this.savedValues(this.own, present, histories);
    const { arrays = {}, run: ownRun } = this.ownMetadata();
    const about = {
      recipe: recipeToSave(this, await this.recipe()),
      ...((ownRun !== undefined || run !== null) && { run: { ...ownRun, ...run } }),
      arrays: histories.length === 0 ? arrays : { ...arrays, learningRates: this.learningRates },
    };
    const metadata = writeMetadata(this.#className, about, withModel ? this.#stored().dict : null);
    const values = { ...saved, ...own, metadata } as unknown as Values<L>;
    return writePtParts(await writeValues(this.#layout, values));
  }

  get #className(): SavedClass {
    return `plenoptic.${this.methodName}`;
  }

  /**
   * Everything that decides the bits of the result: what it was made with, the random generators before the first draw, every
   * call. null for a synthesis that Python's plenoptic began.
   */
  async recipe(): Promise<JsonObject | null> {
    return this.log.recipe({
      method: this.methodName,
      image: this.image,
      ...this.describe(this.own),
      result: this.synthesized,
      about: { iterations: this.numIter },
    });
  }

  /**
   * Loads what save() wrote, here or in any release of Python's plenoptic, into this object, which must be made with the same
   * arguments and not be set up. Everything is checked first; where load() rejects, the object is as it was.
   *
   * The checks are Python's: the attributes are equal, and the functions give what they gave when the file was written.
   *
   * @throws LoadError for a file of something else, FileError for one that cannot be read
   */
  async load(source: Source, options: LoadOptions = {}): Promise<void> {
    await this.whileLoading(async () => {
      this.#refuseUnlessFresh();
      checkSource(`${this.methodName}: load()`, source);
      checkLoadOptions(options, this.image.dtype);
      await this.#load(await readSavedFile(source), options);
    });
  }

  /** The same of a file that was read. */
  protected async loadFile(file: SavedFile, options: LoadOptions): Promise<void> {
    await this.whileLoading(() => this.#load(file, options));
  }

  async #load(file: SavedFile, options: LoadOptions): Promise<void> {
    const opened = openSaved(file, options, this.image.dtype, this.#className, this.#layout);
    const { own, histories, loaded, common } = await this.#read(opened);
    for (const warning of opened.checks.warnings) warn(warning);
    this.restore(own, common.penaltyLambda, histories, loaded);
    this.log.load(common.metadata);
  }

  /** What a file says. Makes all checks, and changes nothing. */
  async #read({ values, migrated, checks }: Opened<L>) {
    const common = values as unknown as IterativeValues;
    const { own, recorded } = await this.loadedValues(values, migrated, checks);
    const image = common.synthesized;
    const { losses, penalties, gradientNorm, pixelChangeNorm, every } = common;
    const learningRates = learningRatesOf(common);
    const histories = historiesOf(
      { losses, penalties, gradientNorm, pixelChangeNorm, learningRates, ...recorded },
      every,
      common.savedImages,
    );
    const terms = (x: Tensor): Terms => this.termsOf(own, x);
    const loaded = image === null ? null : loadedRun(common, image, checks.file, terms, this.recordsTerms);
    return { own, histories, loaded, common };
  }

  protected override checkKept({ checkpoint }: CheckedOptions): void {
    if (checkpoint !== null) checkPlace(checkpoint);
  }

  protected override async keeperOf(options: CheckedOptions, said: JsonObject): Promise<Keeper | null> {
    const { checkpoint, maxIter, maxSeconds } = options;
    if (checkpoint === null) return null;
    const { path } = checkpoint;
    const write = (seconds: number): Promise<void> =>
      this.whileSaving(async () =>
        writeFileAtomic(path, await this.#fileParts({}, maxSeconds === null ? null : { seconds })),
      );
    const bytes = (): number => {
      const { size, dtype } = this.synthesized;
      const arrays = arraysOf(this.optimizer, this.numIter) + this.histories.images.length + 4;
      return arrays * size * (dtype === "float32" ? 4 : 8);
    };
    await clearUnfinished(path);
    const taken = { iterations: 0, seconds: 0 };
    const begun = performance.now();
    const opened = checkpoint.resume ? await this.#openIfThere(path) : null;
    if (opened !== null) {
      const kept = readMetadata((opened.values as unknown as IterativeValues).metadata);
      const call = { call: "synthesize", options: { maxIter: 0, ...said } } as const;
      const standing = standingAt(path, kept, await this.recipe(), call, maxIter);
      if (standing.at === "beyond") {
        warn(new UserWarning("checkpoint-beyond", beyondText(path)));
        return null;
      }
      if (standing.at === "here") {
        const { own, histories, loaded } = await this.#read(opened);
        if (loaded === null) throw new Error(`${path} has steps and no image`);
        this.takeUp(own, histories, loaded);
        const { marks = [] } = (kept?.recipe ?? {}) as unknown as OwnRecipe;
        this.log.takeUp(marks);
        Object.assign(taken, { iterations: standing.iterations, seconds: Number(kept?.run?.seconds ?? 0) });
      }
    }
    if (checkpoint.resume) {
      const kind = taken.iterations > 0 ? "resumed" : "nothing";
      checkpoint.tell({ kind, iteration: taken.iterations, seconds: (performance.now() - begun) / 1000 });
    }
    return new FileKeeper(checkpoint, taken, write, bytes);
  }

  async #openIfThere(path: string): Promise<Opened<L> | null> {
    try {
      return openSaved(await readSavedFile(path), {}, this.image.dtype, this.#className, this.#layout);
    } catch (error) {
      if (error instanceof FileError && error.code === "not-found") return null;
      throw error;
    }
  }

  /** Of the penalty in a file. */
  protected penaltyCheck({ penaltyFunction, image }: IterativeValues, { allowedRange }: Migrated): CallableCheck {
    return penaltyCheck(penaltyFunction, this.penaltyFunction, image, allowedRange);
  }

  /** Checks of the attributes that all methods have. */
  protected async checkCommon(values: IterativeValues, checks: LoadChecks): Promise<void> {
    await checks.same("image", values.image, this.image, "that of the file");
    checks.sameNumber("penalty weight (penaltyLambda)", values.penaltyLambda, this.penaltyLambda);
  }

  #refuseUnlessFresh(): void {
    if (this.isFresh) return;
    throw new RangeError(
      `${this.methodName}: load() is for a new object; make one with the same arguments and load into that`,
    );
  }
}

/** The learning rates that a file of ours holds beside Python's attributes; of other files none. */
function learningRatesOf({ metadata, losses }: IterativeValues): Float64Array {
  const kept = readMetadata(metadata)?.arrays?.learningRates;
  return kept instanceof Float64Array && kept.length <= losses.length ? kept : new Float64Array(0);
}
