// What all iterative methods share: setting up, running, histories, saving, loading, changing precision. A method adds its
// objective, its state and its attributes in a file.

import { type JsonObject, type Source, writeFileAtomic, writePt } from "@plenoptic-js/formats";
import { type DType, DTypeError, type FloatDType, optim, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, scheduled, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { penalizeRange } from "../regularize/index.ts";
import { validateInput } from "../validate/input.ts";
import { type PenaltyFunction, validatePenalty } from "../validate/scalar.ts";
import { warn } from "../warnings.ts";
import { castSnapshot } from "./frame/castSnapshot.ts";
import type { Objective, Terms } from "./frame/descent.ts";
import { Drive, type Driven } from "./frame/drive.ts";
import { Histories, historiesOf } from "./frame/histories.ts";
import { type Course, ONE_STAGE, runIterations, type SynthesisSummary } from "./frame/iterations.ts";
import { type GetProgressOptions, type Moment, momentAt, type Present, type StoredMoment } from "./frame/progress.ts";
import { startDescent } from "./frame/startDescent.ts";
import { checkSynthesizeOptions, type SynthesizeOptions } from "./frame/synthesizeOptions.ts";
import { stateOf } from "./saving/dictionary/fields.ts";
import {
  IMAGE_INPUT,
  type IterativeValues,
  type Layout,
  type SavedClass,
  type Values,
  writeValues,
} from "./saving/dictionary/layouts.ts";
import { type OwnMetadata, writeMetadata } from "./saving/dictionary/metadata.ts";
import { savedName } from "./saving/dictionary/names.ts";
import { type Loaded, loadedRun } from "./saving/loaded.ts";
import { type CallableCheck, penaltyCheck } from "./saving/loading/callables.ts";
import type { LoadChecks } from "./saving/loading/checks.ts";
import { openSaved } from "./saving/loading/openSaved.ts";
import type { LoadOptions } from "./saving/loading/options.ts";
import type { Migrated } from "./saving/old/migrate.ts";
import { resume, type SavedStates } from "./saving/resume.ts";
import { type Described, finiteOrText, RunLog, torchState } from "./saving/runLog.ts";
import { saveDrive } from "./saving/saveDrive.ts";
import { noState } from "./saving/torch/optimizers.ts";

export interface PenaltyOptions {
  /** Penalty on the image itself. Default `regularize.penalizeRange`: values outside [0, 1]. */
  readonly penaltyFunction?: PenaltyFunction;
  /** Weight of the penalty, 0 or more. Default 0.1. */
  readonly penaltyLambda?: number;
}

export interface OptimizerOptions {
  /** Default: Adam with lr 0.01 and amsgrad. */
  readonly optimizer?: optim.Optimizer | null;
  /** Changes the learning rate after every iteration. Default: none. */
  readonly scheduler?: optim.Scheduler | null;
}

/** What a method knows besides what it was made with. Replaced as a whole, never changed. */
export interface Own {
  /** The image it was made with. */
  readonly image: Tensor<FloatDType>;
}

/** How a synthesis begins. */
export interface Beginning<O extends Own> {
  readonly start: Tensor<FloatDType>;
  readonly own: O;
  /** What the recipe says of it. */
  readonly options?: JsonObject;
  readonly arrays: Readonly<Record<string, Tensor | null>>;
}

export abstract class IterativeSynthesis<L extends Layout, O extends Own> {
  readonly penaltyFunction: PenaltyFunction;
  /** SHA-256 of the graph of the penalty. */
  protected readonly penaltyFingerprint: string;
  protected own: O;
  readonly #log: RunLog;
  readonly #method: string;
  readonly #layout: L;
  #penaltyLambda: number;
  #histories: Histories;
  #drive: Driven | null = null;
  /** What was loaded, until setup(). */
  #loaded: Loaded | null = null;
  #busy = false;

  /**
   * @param own makes the method's state; it checks what the method is made with, and draws from the global generator
   * @param recorded names of the histories that the method has besides
   */
  protected constructor(
    method: string,
    layout: L,
    image: Tensor,
    options: PenaltyOptions,
    own: (image: Tensor<FloatDType>) => O,
    recorded: readonly string[] = [],
  ) {
    const { penaltyFunction = penalizeRange, penaltyLambda = 0.1 } = options;
    if (!(typeof penaltyLambda === "number" && penaltyLambda >= 0 && penaltyLambda < Infinity)) {
      throw new RangeError(
        `${method}: penaltyLambda is ${shown(penaltyLambda)}; it must be a finite number, 0 or more`,
      );
    }
    this.#method = method;
    this.#layout = layout;
    this.#log = new RunLog();
    const checked = validateInput(image);
    this.own = own(checked.detach());
    const { shape, dtype } = checked;
    this.penaltyFingerprint = validatePenalty(penaltyFunction, { imageShape: shape, imageDtype: dtype }).fingerprint;
    this.penaltyFunction = penaltyFunction;
    this.#penaltyLambda = penaltyLambda;
    this.#histories = new Histories(recorded);
    this.#log.made();
  }

  /** Whether its terms have more than loss and penalty. */
  protected get recordsTerms(): boolean {
    return false;
  }

  /** What is made small. */
  protected abstract objective(own: O): Objective;

  /** The state for the image in another precision. Throws where model or functions cannot follow. */
  protected abstract cast(own: O, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): O;

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

  /** Lines of the object's text. */
  protected abstract lines(): Readonly<Record<string, string>>;

  /** What of the run stands in our part of the metadata. */
  protected ownMetadata(): Pick<OwnMetadata, "run" | "arrays"> {
    return {};
  }

  /** What moves the image, at the beginning. */
  protected newDrive(
    own: O,
    start: Tensor<FloatDType>,
    optimizer: optim.Optimizer,
    scheduler: optim.Scheduler | null,
  ): Driven {
    return new Drive(startDescent(start, optimizer, this.objective(own)), scheduler);
  }

  /** What moves the image, of a loaded synthesis. */
  protected resumedDrive(
    own: O,
    loaded: Loaded,
    given: Required<OptimizerOptions>,
    initialLr: number | null = null,
  ): Driven {
    const { optimizer, snapshot, ...going } = resume(loaded.run, given);
    const descent = startDescent(loaded.image, optimizer, this.objective(own), snapshot);
    // Where the state is lost, the rate of the new optimizer is the first one.
    const first = snapshot === null ? null : initialLr;
    return new Drive(descent, going.scheduler, { ...going, initialLr: first ?? going.initialLr });
  }

  /** The learning rate the optimizer was made with; null before setup(). */
  protected get firstRate(): number | null {
    return this.#drive instanceof Drive ? this.#drive.initialLr : null;
  }

  /** What moves the image, in another precision. */
  protected castDrive(own: O, drive: Driven, start: Tensor<FloatDType>): Driven {
    const { descent, scheduler } = drive as Drive;
    const snapshot = castSnapshot(descent.snapshot(), start.dtype);
    return new Drive(startDescent(start, descent.optimizer, this.objective(own), snapshot), scheduler, drive as Drive);
  }

  /** Optimizer and scheduler as a file holds them. */
  protected savedDrive(drive: Driven): SavedStates {
    return saveDrive(drive as Drive);
  }

  /** The image it was made with: the target. */
  get image(): Tensor<FloatDType> {
    return this.own.image;
  }

  get penaltyLambda(): number {
    return this.#penaltyLambda;
  }

  protected get drive(): Driven | null {
    return this.#drive;
  }

  protected get histories(): Histories {
    return this.#histories;
  }

  /** The penalty of an image, without its weight, as a 0-d tensor. */
  protected penaltyOf(image: Tensor): Tensor {
    return this.penaltyFunction(image).reshape([]);
  }

  /** Loss and weighted penalty together. */
  protected withPenalty(loss: Tensor, image: Tensor): Pick<Terms, "loss" | "penalty"> {
    const penalty = this.penaltyOf(image);
    return { loss: loss.reshape([]).add(penalty.mul(this.#penaltyLambda)), penalty };
  }

  /** The terms of the whole objective. */
  protected termsOf(own: O, image: Tensor): Terms {
    const objective = this.objective(own);
    return objective.terms(image, objective.stages - 1);
  }

  /** Setup of all methods. `begin` draws what is to be drawn; it is not called for a loaded synthesis. */
  protected begin(options: OptimizerOptions, begins: readonly string[], begin: () => Beginning<O>): void {
    const method = this.#method;
    if (this.#drive !== null) {
      throw new RangeError(
        `${method}: setup() may be called once, before synthesize(); make a new ${method} to start anew`,
      );
    }
    checkOptions("setup()", options, [...begins, "optimizer", "scheduler"]);
    const { optimizer = null, scheduler = null } = options;
    if (optimizer !== null && optimizer.kind !== "formula" && optimizer.kind !== "lbfgs") {
      throw new TypeError(`${method}: the optimizer must be made by optim, for example optim.Adam({ lr: 0.01 })`);
    }
    if (scheduler !== null && typeof scheduler.next !== "function") {
      throw new TypeError(
        `${method}: the scheduler must be made by optim, for example optim.StepLR({ stepSize: 100 })`,
      );
    }
    if (this.#loaded !== null) {
      const given = begins.find((name) => ((options as Readonly<Record<string, unknown>>)[name] ?? null) !== null);
      if (given !== undefined) {
        throw new RangeError(
          `${method}: a loaded synthesis has its image; leave out ${given}, or make a new ${method}`,
        );
      }
      this.#drive = this.resumedDrive(this.own, this.#loaded, { optimizer, scheduler });
      this.#loaded = null;
      return;
    }
    const before = torchState();
    const { start, own, options: said = {}, arrays } = begin();
    const after = torchState();
    const chosen = scheduled(optimizer ?? optim.Adam({ lr: 0.01, amsgrad: true }), scheduler);
    this.#drive = this.newDrive(own, start, chosen, scheduler);
    this.own = own;
    const described = (x: { readonly name: string; readonly options: object }): JsonObject => ({
      name: x.name,
      ...(x.options as JsonObject),
    });
    const run =
      this.#drive.optimizer === null
        ? {}
        : { optimizer: described(chosen), scheduler: scheduler === null ? null : described(scheduler) };
    this.#log.call("setup", { ...said, ...run }, arrays, before === after ? null : { before, after });
  }

  /** Checks a starting image, whose dtype must be that of the target. */
  protected checkStart(image: Tensor): Tensor<FloatDType> {
    const start = validateInput(image);
    const { dtype } = this.image;
    if (start.dtype !== dtype) {
      throw new DTypeError(
        `${this.#method}: the initial image is ${start.dtype} and the image ${dtype}; use initialImage.cast("${dtype}")`,
      );
    }
    return start;
  }

  abstract setup(options?: OptimizerOptions): Promise<void>;

  /**
   * Runs iterations.
   *
   * @param own the names of the method's own options, and what the recipe says of them
   * @param course how the iterations are steered; called after setup
   */
  protected async run(
    options: SynthesizeOptions,
    own: Readonly<Record<string, JsonObject[string]>> = {},
    course: () => Course = () => ONE_STAGE,
  ): Promise<SynthesisSummary> {
    if (this.#busy) {
      throw new RangeError(`${this.#method}: synthesize() is running already; await it before calling it again`);
    }
    const checked = checkSynthesizeOptions(options, this.#histories, Object.keys(own));
    checked.signal?.throwIfAborted();
    this.#busy = true;
    const before = this.#histories.length;
    try {
      if (this.#drive === null) await this.setup();
      return await runIterations(this.#drive as unknown as Driven, course(), this.#histories, checked);
    } finally {
      this.#busy = false;
      const iterations = this.#histories.length - before;
      const { every, stopCriterion, stopRtol, stopItersToCheck } = checked;
      if (iterations > 0) {
        this.#log.call("synthesize", {
          maxIter: iterations,
          storeProgress: every,
          stopCriterion: stopCriterion === null ? null : finiteOrText(stopCriterion),
          ...(stopRtol !== null && { stopRtol: finiteOrText(stopRtol) }),
          stopItersToCheck,
          ...own,
        });
      }
    }
  }

  /** Image and terms as they are now; null before setup(). */
  protected get present(): Present | null {
    return this.#drive?.descent ?? this.#loaded;
  }

  /** The synthesized image as it is now; an empty tensor before setup(). */
  protected get synthesized(): Tensor<FloatDType> {
    return this.present?.image ?? tensor([], { dtype: this.image.dtype });
  }

  /** The stored images, oldest first, and the current one: [stored + 1, ...shape]. Empty before setup(). */
  protected get savedImages(): Tensor<FloatDType> {
    const { present } = this;
    return present === null ? this.synthesized : this.#histories.images.stacked(present.image);
  }

  /** A history whose last value is that of the current image. */
  protected history(name: string, current: (present: Present) => number): Float64Array {
    const { present } = this;
    return present === null ? new Float64Array(0) : this.#histories.of(name).toArray(current(present));
  }

  /** Objective at the start of each iteration, penalty included, and that of the current image last: numIter + 1 values. */
  get losses(): Float64Array {
    return this.history("losses", ({ terms }) => terms.loss);
  }

  /** Penalty, without its weight, of the same images as `losses`. */
  get penalties(): Float64Array {
    return this.history("penalties", ({ terms }) => terms.penalty);
  }

  /** Norm of the gradient of what is descended at the start of each iteration: numIter values. */
  get gradientNorm(): Float64Array {
    return this.#histories.of("gradientNorm").toArray();
  }

  /** Norm of the change that each iteration made to the image: numIter values. */
  get pixelChangeNorm(): Float64Array {
    return this.#histories.of("pixelChangeNorm").toArray();
  }

  /** Learning rate of each iteration, or where there is none the length of the step: numIter values. */
  get learningRates(): Float64Array {
    return this.#histories.of("learningRates").toArray();
  }

  /** Iterations done, over all calls of synthesize(). */
  get numIter(): number {
    return this.#histories.length;
  }

  /** Every how many iterations an image is stored; false: never; null: not decided yet. */
  get storeProgress(): number | false | null {
    return this.#histories.every === 0 ? false : this.#histories.every;
  }

  /** null before setup(). */
  get optimizer(): optim.Optimizer | null {
    return this.#drive?.optimizer ?? null;
  }

  /** null before setup(), and where there is none. */
  get scheduler(): optim.Scheduler | null {
    return this.#drive?.scheduler ?? null;
  }

  /** One moment, and the image stored nearest to it. */
  protected momentAt(
    iteration: number | null,
    options: GetProgressOptions,
  ): { readonly moment: Moment; readonly stored: StoredMoment | null } {
    return momentAt(this.present, this.#histories, iteration, options);
  }

  /**
   * Writes all of it to a .pt file, from which it can go on to the same bits, here or in Python's plenoptic: `load` on an
   * object made with the same arguments. Nothing is there, or the whole file.
   */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, await this.toBytes());
  }

  /** The bytes of the file that save() writes. */
  async toBytes(): Promise<Uint8Array<ArrayBuffer>> {
    const histories = this.#histories;
    const loaded = this.#loaded;
    const { present } = this;
    const saved: Omit<IterativeValues, "metadata"> = {
      loaded: loaded !== null,
      losses: histories.of("losses").toArray(),
      penalties: histories.of("penalties").toArray(),
      gradientNorm: histories.of("gradientNorm").toArray(),
      pixelChangeNorm: histories.of("pixelChangeNorm").toArray(),
      every: histories.every,
      currentLoss: present?.terms.loss ?? null,
      currentPenalty: present?.terms.penalty ?? null,
      penaltyLambda: this.#penaltyLambda,
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
      ...(this.#drive === null
        ? {
            optimizer: loaded?.run.optimizer ?? stateOf(noState()),
            scheduler: loaded?.run.scheduler ?? stateOf(noState()),
          }
        : this.savedDrive(this.#drive)),
    };
    const own = await this.savedValues(this.own, present, histories);
    const metadata = writeMetadata(this.#className, { recipe: await this.recipe(), ...this.ownMetadata() });
    const values = { ...saved, ...own, metadata } as unknown as Values<L>;
    return writePt(await writeValues(this.#layout, values));
  }

  get #className(): SavedClass {
    return `plenoptic.${this.#method}` as SavedClass;
  }

  /**
   * Everything that decides the bits of the result: what it was made with, the random generators before the first draw, every
   * call. null for a synthesis that Python's plenoptic began.
   */
  async recipe(): Promise<JsonObject | null> {
    return this.#log.recipe({
      method: this.#method,
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
    this.#refuseUnlessFresh();
    const opened = await openSaved(source, options, this.image.dtype, this.#className, this.#layout);
    const { values, migrated, checks } = opened;
    const common = values as unknown as IterativeValues;
    const { own, recorded } = await this.loadedValues(values, migrated, checks);
    const image = common.synthesized;
    const { losses, penalties, gradientNorm, pixelChangeNorm, every } = common;
    const histories = historiesOf(
      { losses, penalties, gradientNorm, pixelChangeNorm, ...recorded },
      every,
      common.savedImages,
    );
    const terms = (x: Tensor): Terms => this.termsOf(own, x);
    const loaded = image === null ? null : loadedRun(common, image, checks.file, terms, this.recordsTerms);
    this.#refuseUnlessFresh();
    for (const warning of checks.warnings) warn(warning);
    this.own = own;
    this.#penaltyLambda = common.penaltyLambda;
    this.#histories = histories;
    this.#loaded = loaded;
    this.#log.load(common.metadata);
  }

  /** Of the penalty in a file. */
  protected penaltyCheck({ penaltyFunction, image }: IterativeValues, { allowedRange }: Migrated): CallableCheck {
    return penaltyCheck(penaltyFunction, this.penaltyFunction, image, allowedRange);
  }

  /** Checks of the attributes that all methods have. */
  protected async checkCommon(values: IterativeValues, checks: LoadChecks): Promise<void> {
    await checks.same("image", values.image, this.image, "that of the file");
    checks.sameNumber("penalty weight (penaltyLambda)", values.penaltyLambda, this.#penaltyLambda);
  }

  #refuseUnlessFresh(): void {
    if (this.present === null && !this.#busy) return;
    throw new RangeError(
      `${this.#method}: load() is for a new object; make one with the same arguments and load into that`,
    );
  }

  /**
   * Converts everything to another precision, in place, and goes on from there: images, what depends on them, what the
   * optimizer remembers. Histories stay as they were recorded. If the model cannot follow, nothing is changed.
   */
  to(dtype: FloatDType): void {
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`${this.#method}: to(${shown(dtype)}); it must be "float32" or "float64"`);
    }
    if (this.#busy) throw new RangeError(`${this.#method}: synthesize() is running; await it before to()`);
    const cast = <D extends DType>(x: Tensor<D>): Tensor<FloatDType> => x.cast(dtype).detach();
    const own = this.cast(this.own, cast);
    const histories = this.#histories.with(cast);
    const drive = this.#drive === null ? null : this.castDrive(own, this.#drive, cast(this.#drive.descent.image));
    if (this.#loaded !== null) {
      const { image, terms, run, stepTakesLoss } = this.#loaded;
      const layout = { ...run.layout, dtype };
      this.#loaded = { image: cast(image), terms, stepTakesLoss, run: { ...run, layout } };
    }
    this.own = own;
    this.#histories = histories;
    this.#drive = drive;
    this.#log.call("to", { dtype });
  }

  toString(): string {
    const lines = {
      image: `Tensor ${this.image.dtype} ${shapeText(this.image.shape)}`,
      ...this.lines(),
      penaltyFunction: nameOf(this.penaltyFunction),
      penaltyLambda: String(this.penaltyLambda),
    };
    return [this.#method, ...Object.entries(lines).map(([name, text]) => `  ${name}: ${text}`)].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Functions by their name, other things by their own text, indented. */
export function nameOf(thing: object): string {
  if (typeof thing === "function") return thing.name === "" ? "(a function without a name)" : thing.name;
  const text = String(thing);
  const own = text === "[object Object]" ? ((thing as { name?: string }).name ?? "(a model without a name)") : text;
  return own.replaceAll("\n", "\n  ");
}
