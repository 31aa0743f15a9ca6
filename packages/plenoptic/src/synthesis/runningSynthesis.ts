// What all iterative methods share of a run: setting up, iterations, histories, another precision. What is kept of it in a file is
// in iterativeSynthesis.ts. A method adds its objective and its state.

import type { JsonObject } from "@plenoptic-js/formats";
import { type DType, DTypeError, type FloatDType, type optim, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, scheduled, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { torchState } from "../drawnStart.ts";
import type { RecipeMethod } from "../recipe.ts";
import { penalizeRange } from "../regularize/index.ts";
import { checkInput } from "../validate/input.ts";
import { type PenaltyFunction, validatePenalty } from "../validate/scalar.ts";
import { checkOptimizer, checkScheduler } from "./checkMade.ts";
import { defaultOptimizer } from "./defaultOptimizer.ts";
import type { Objective, Terms } from "./frame/descent.ts";
import type { Driven } from "./frame/drive.ts";
import { Histories } from "./frame/histories.ts";
import { type Course, type Keeping, ONE_STAGE, runIterations, type SynthesisSummary } from "./frame/iterations.ts";
import { adviceFor, NonFiniteError } from "./frame/nonFinite.ts";
import { type GetProgressOptions, type Moment, momentAt, type Present, type StoredMoment } from "./frame/progress.ts";
import type { StopRules } from "./frame/stopRules.ts";
import { type CheckedOptions, checkSynthesizeOptions, type SynthesizeOptions } from "./frame/synthesizeOptions.ts";
import type { Loaded } from "./saving/loaded.ts";
import { finiteOrText, RunLog } from "./saving/runLog.ts";
import { following } from "./toPrecision.ts";

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

/** How the last call of synthesize() went. */
export interface LastRun {
  /** null where it was ended from outside, by a signal or an error, or as its numbers were no longer finite. */
  readonly summary: SynthesisSummary | null;
  /** Whether its numbers were no longer finite. */
  readonly isNonFinite: boolean;
  readonly rules: StopRules;
}

/** What keeps a call of synthesize() in a file. */
export interface Keeper extends Keeping {
  /** The call is done. */
  finish(summary: SynthesisSummary): Promise<void>;
}

/** How a synthesis begins. */
export interface Beginning<O extends Own> {
  readonly start: Tensor<FloatDType>;
  readonly own: O;
  /** What the recipe says of it. */
  readonly options?: JsonObject;
  readonly arrays: Readonly<Record<string, Tensor | null>>;
}

/** @typeParam D what moves the image of the method */
export abstract class RunningSynthesis<O extends Own, D extends Driven> {
  readonly penaltyFunction: PenaltyFunction;
  /** SHA-256 of the graph of the penalty. */
  protected readonly penaltyFingerprint: string;
  /** The name of the method, which is that of its class. */
  protected readonly methodName: RecipeMethod;
  protected readonly log: RunLog;
  protected own: O;
  #penaltyLambda: number;
  #histories: Histories;
  #drive: D | null = null;
  /** What was loaded, until setup(). */
  #loaded: Loaded | null = null;
  #lastRun: LastRun | null = null;
  #busy = false;
  #loading = false;
  /** What is being saved: it is read on the way, so no step is made meanwhile. */
  readonly #saving = new Set<Promise<unknown>>();

  /**
   * @param own makes the method's state; it checks what the method is made with, and draws from the global generator
   * @param recorded names of the histories that the method has besides
   * @param fits refuses images that are too large, by their shape
   */
  protected constructor(
    method: RecipeMethod,
    image: Tensor,
    options: PenaltyOptions,
    own: (image: Tensor<FloatDType>) => O,
    recorded: readonly string[],
    fits: (image: Tensor<FloatDType>) => void,
  ) {
    const { penaltyFunction = penalizeRange, penaltyLambda = 0.1 } = options;
    if (!(typeof penaltyLambda === "number" && penaltyLambda >= 0 && penaltyLambda < Infinity)) {
      throw new RangeError(
        `${method}: penaltyLambda is ${shown(penaltyLambda)}; it must be a finite number, 0 or more`,
      );
    }
    this.methodName = method;
    this.log = new RunLog();
    const checked = checkInput(`${method}: the image`, image, { fits });
    this.own = own(checked.detach());
    const { shape, dtype } = checked;
    this.penaltyFingerprint = validatePenalty(penaltyFunction, { imageShape: shape, imageDtype: dtype }).fingerprint;
    this.penaltyFunction = penaltyFunction;
    this.#penaltyLambda = penaltyLambda;
    this.#histories = new Histories(recorded);
    this.log.made(this.own.image);
  }

  /** What is made small. */
  protected abstract objective(own: O): Objective;

  /** The state for the image in another precision. Throws where model or functions cannot follow. */
  protected abstract cast(own: O, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): O;

  /** Lines of the object's text: what it was made with. */
  protected abstract lines(): Readonly<Record<string, string>>;

  /** Further lines: what has come of it. */
  protected resultLines(): Readonly<Record<string, string>> {
    return {};
  }

  /** What moves the image, at the beginning. */
  protected abstract newDrive(
    own: O,
    start: Tensor<FloatDType>,
    optimizer: optim.Optimizer,
    scheduler: optim.Scheduler | null,
  ): D;

  /** What moves the image, of a loaded synthesis. */
  protected abstract resumedDrive(own: O, loaded: Loaded, given: Required<OptimizerOptions>): D;

  /** What moves the image, in another precision. */
  protected abstract castDrive(own: O, drive: D, start: Tensor<FloatDType>): D;

  /** Which number of the method is not finite at an image, in a sentence; null where none is. */
  protected abstract whyNotFinite(image: Tensor): string | null;

  /** The functions that it descends, in words. */
  protected get descended(): string {
    return "the model";
  }

  /** The synthesized image as a user writes it, such as `metamer.metamer`. */
  protected abstract get imageName(): string;

  /** The image it was made with: the target. */
  get image(): Tensor<FloatDType> {
    return this.own.image;
  }

  get penaltyLambda(): number {
    return this.#penaltyLambda;
  }

  /** Whether it has a starting image and is ready to run: after setup(), or synthesize(), which does it with defaults. */
  get isSetUp(): boolean {
    return this.#drive !== null;
  }

  protected get drive(): D | null {
    return this.#drive;
  }

  protected get histories(): Histories {
    return this.#histories;
  }

  /** What was loaded, until setup(). */
  protected get loaded(): Loaded | null {
    return this.#loaded;
  }

  /** How the last call of synthesize() went; null before, and after load(). It is no state: files do not have it. */
  protected get lastRun(): LastRun | null {
    return this.#lastRun;
  }

  /** Whether nothing was done to it yet. */
  protected get isFresh(): boolean {
    return this.present === null && !this.#busy;
  }

  /** Does the work of load(). Until it is done, nothing else may begin: it would be lost, or would make load() fail. */
  protected async whileLoading(work: () => Promise<void>): Promise<void> {
    this.refuseWhileLoading("load()");
    this.#loading = true;
    try {
      await work();
    } finally {
      this.#loading = false;
    }
  }

  protected refuseWhileLoading(what: string): void {
    if (!this.#loading) return;
    throw new RangeError(
      `${this.methodName}: ${what} was called while load() is at work; await load() first (did you forget \`await\`?)`,
    );
  }

  /** Saves it. Until that is done, no step is made. */
  protected whileSaving<T>(save: () => Promise<T>): Promise<T> {
    const saved = save();
    const done = saved.catch(() => {});
    this.#saving.add(done);
    void done.then(() => this.#saving.delete(done));
    return saved;
  }

  /** Goes on as a kept run, which this object would have come to: it is set up as that one was. */
  protected takeUp(own: O, histories: Histories, loaded: Loaded): void {
    const { optimizer, scheduler } = this;
    const drive = this.resumedDrive(own, loaded, { optimizer, scheduler });
    this.own = own;
    this.#histories = histories;
    this.#drive = drive;
  }

  /** What keeps a call that is about to begin in a file; null where nothing does. May take up what is kept there. */
  protected abstract keeperOf(options: CheckedOptions, own: JsonObject): Promise<Keeper | null>;

  /** Refuses, at once, a file that cannot be written or would be lost. */
  protected abstract checkKept(options: CheckedOptions): void;

  /** Takes all of a loaded synthesis. */
  protected restore(own: O, penaltyLambda: number, histories: Histories, loaded: Loaded | null): void {
    this.own = own;
    this.#penaltyLambda = penaltyLambda;
    this.#histories = histories;
    this.#loaded = loaded;
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
    const method = this.methodName;
    this.refuseWhileLoading("setup()");
    if (this.#drive !== null) {
      throw new RangeError(
        `${method}: setup() may be called once, before synthesize(); make a new ${method} to start anew`,
      );
    }
    checkOptions("setup()", options, [...begins, "optimizer", "scheduler"]);
    const { optimizer = null, scheduler = null } = options;
    checkOptimizer(method, optimizer);
    checkScheduler(method, scheduler);
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
    const chosen = scheduled(optimizer ?? defaultOptimizer(), scheduler);
    // A start may be drawn when its values are asked for.
    this.#drive = this.newDrive(own, start, chosen, scheduler);
    const after = torchState();
    this.own = own;
    const described = (x: { readonly name: string; readonly options: object }): JsonObject => ({
      name: x.name,
      ...(x.options as JsonObject),
    });
    const run =
      this.#drive.optimizer === null
        ? {}
        : { optimizer: described(chosen), scheduler: scheduler === null ? null : described(scheduler) };
    this.log.call("setup", { ...said, ...run }, arrays, before === after ? null : { before, after });
  }

  /** Checks a starting image, whose dtype must be that of the target. */
  protected checkStart(image: Tensor): Tensor<FloatDType> {
    const start = checkInput("setup: the initial image", image);
    const { dtype } = this.image;
    if (start.dtype !== dtype) {
      throw new DTypeError(
        `${this.methodName}: the initial image is ${start.dtype} and the image ${dtype}; use initialImage.cast("${dtype}")`,
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
    course: (drive: D) => Course = () => ONE_STAGE,
  ): Promise<SynthesisSummary> {
    this.refuseWhileLoading("synthesize()");
    if (this.#busy) {
      throw new RangeError(`${this.methodName}: synthesize() is running already; await it before calling it again`);
    }
    const checked = checkSynthesizeOptions(options, this.#histories, Object.keys(own));
    checked.signal?.throwIfAborted();
    this.checkKept(checked);
    this.#busy = true;
    this.#lastRun = { summary: null, isNonFinite: false, rules: checked };
    const before = this.#histories.length;
    // A step that fails leaves its trace too: L-BFGS forgets what it knew.
    const failed = (): boolean => this.#lastRun?.isNonFinite === true;
    const { every, stopCriterion, stopRtol, stopItersToCheck } = checked;
    const said = {
      storeProgress: every,
      stopCriterion: stopCriterion === null ? null : finiteOrText(stopCriterion),
      ...(stopRtol !== null && { stopRtol: finiteOrText(stopRtol) }),
      stopItersToCheck,
      ...own,
    };
    const note = this.log.runs(() => {
      const iterations = this.#histories.length - before;
      if (iterations === 0 && !failed()) return null;
      const options = { maxIter: iterations, ...(failed() && { failed: "nonFinite" }), ...said };
      return { call: "synthesize", options };
    });
    try {
      if (this.#drive === null) await this.#setUp();
      const keeping = await this.keeperOf(checked, said);
      const drive = this.#drive as unknown as D;
      const around = {
        free: () => (this.#saving.size === 0 ? undefined : Promise.all(this.#saving)),
        stepped: (step: number) => this.log.step(step, () => drive.descent.image),
        keeping,
      };
      const summary = await runIterations(drive, course(drive), this.#histories, checked, around);
      this.#lastRun = { summary, isNonFinite: false, rules: checked };
      await keeping?.finish(summary);
      return summary;
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      this.#lastRun = { summary: null, isNonFinite: true, rules: checked };
      throw this.#explained(error);
    } finally {
      this.#busy = false;
      note();
    }
  }

  async #setUp(): Promise<void> {
    await this.setup();
    if (this.#drive === null) throw new Error(`${this.methodName}: setup() has made nothing`);
  }

  /** With the number that is to blame. */
  #explained(error: NonFiniteError): NonFiniteError {
    const { present } = this;
    const why = present === null ? null : this.whyNotFinite(present.image);
    const anew = `in a new ${this.methodName}: setup({ initialImage: ${this.imageName}, optimizer }) goes on from this image`;
    const blamed = { functions: this.descended, hasLearningRate: this.optimizer !== null, anew };
    return new NonFiniteError(`${error.message} ${adviceFor(why, this.numIter, blamed)}`, { cause: error });
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
   * Converts everything to another precision, in place, and goes on from there: images, what depends on them, what the
   * optimizer remembers. Histories stay as they were recorded. If the model cannot follow, nothing is changed.
   */
  to(dtype: FloatDType): void {
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`${this.methodName}: to(${shown(dtype)}); it must be "float32" or "float64"`);
    }
    this.refuseWhileLoading("to()");
    if (this.#busy) throw new RangeError(`${this.methodName}: synthesize() is running; await it before to()`);
    const cast = <D extends DType>(x: Tensor<D>): Tensor<FloatDType> => x.cast(dtype).detach();
    const { own, drive } = following(this.methodName, dtype, () => {
      const own = this.cast(this.own, cast);
      const drive = this.#drive === null ? null : this.castDrive(own, this.#drive, cast(this.#drive.descent.image));
      return { own, drive };
    });
    const histories = this.#histories.with(cast);
    if (this.#loaded !== null) {
      const { image, terms, run, stepTakesLoss } = this.#loaded;
      const layout = { ...run.layout, dtype };
      this.#loaded = { image: cast(image), terms, stepTakesLoss, run: { ...run, layout } };
    }
    this.own = own;
    this.#histories = histories;
    this.#drive = drive;
    this.log.call("to", { dtype });
  }

  toString(): string {
    const lines = {
      image: `Tensor ${this.image.dtype} ${shapeText(this.image.shape)}`,
      ...this.lines(),
      penaltyFunction: nameOf(this.penaltyFunction),
      penaltyLambda: String(this.penaltyLambda),
      ...this.resultLines(),
    };
    return [this.methodName, ...Object.entries(lines).map(([name, text]) => `  ${name}: ${text}`)].join("\n");
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
