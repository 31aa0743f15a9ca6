// Metamer: another image with the same representation under a model.
// J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of complex wavelet
// coefficients", 2000; J. Freeman and E. P. Simoncelli, "Metamers of the ventral stream", 2011.

import type { JsonObject, Source } from "@plenoptic-js/formats";
import { type DType, type FloatDType, gradient, type optim, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, settled, shapeText } from "@plenoptic-js/tensor/engine";
import { descentPlan, refuseTooLargeImage } from "../fitting.ts";
import { mseLossCard } from "../loss/cards.ts";
import type { LossFunction } from "../loss/lossFunction.ts";
import { type ModelFunction, type ModelLike, modelFunction } from "../models/model.ts";
import type { RecipeMethod } from "../recipe.ts";
import type { KeptCall, KeptFunctions } from "../stored/write.ts";
import { traceUser } from "../validate/error.ts";
import { validateModel } from "../validate/model.ts";
import { validateLoss } from "../validate/scalar.ts";
import type { ScaledModel } from "../validate/scales.ts";
import { UserWarning, warn } from "../warnings.ts";
import type { Objective } from "./frame/descent.ts";
import type { Drive } from "./frame/drive.ts";
import type { SynthesisSummary } from "./frame/iterations.ts";
import { nonFiniteWords } from "./frame/nonFinite.ts";
import type { GetProgressOptions, Moment } from "./frame/progress.ts";
import type { SynthesizeOptions } from "./frame/synthesizeOptions.ts";
import { type ImageTypes, IterativeSynthesis } from "./iterativeSynthesis.ts";
import * as drives from "./optimizerDrive.ts";
import { type Beginning, nameOf, type OptimizerOptions, type Own, type PenaltyOptions } from "./runningSynthesis.ts";
import type { Label } from "./saving/dictionary/label.ts";
import { IMAGE_INPUT, type Layout, LOSS_INPUTS, METAMER, type Values } from "./saving/dictionary/layouts.ts";
import type { OwnMetadata } from "./saving/dictionary/metadata.ts";
import { publicName, savedName } from "./saving/dictionary/names.ts";
import type { Loaded } from "./saving/loaded.ts";
import { type CallableCheck, checkCallables } from "./saving/loading/callables.ts";
import type { LoadChecks } from "./saving/loading/checks.ts";
import { loadWithModel } from "./saving/loading/loadWithModel.ts";
import type { LoadOptions } from "./saving/loading/options.ts";
import type { Migrated } from "./saving/old/migrate.ts";
import type { SavedStates } from "./saving/resume.ts";
import type { Described } from "./saving/runLog.ts";
import { saveDrive } from "./saving/saveDrive.ts";
import { keptFunction, keptModel } from "./saving/storedFor.ts";
import { refuseSurplus } from "./surplus.ts";
import { uniformStart } from "./uniformStart.ts";
import { type GroupValues, groupValues, WHOLE } from "./verdict/groups.ts";
import { imageGapOf } from "./verdict/imageGap.ts";
import {
  type Apart,
  apartIn,
  checkSummaryOptions,
  type MetamerVerdict,
  nearnessOf,
  type SummaryOptions,
  tellsNoneApart,
  told,
} from "./verdict/metamerVerdict.ts";
import { type NullDistances, nullDistances } from "./verdict/nullDistances.ts";
import { ownPhotographs, shippedPhotographs } from "./verdict/photographs.ts";
import { roundingPart } from "./verdict/rounding.ts";
import { absoluteRuleOf, negligibleChange, settlingOf, WINDOW } from "./verdict/settling.ts";
import { stoppingOf } from "./verdict/stopping.ts";

export interface MetamerOptions extends PenaltyOptions {
  /** Distance of a representation (first argument) from the target's (second). Default `loss.mse`. */
  readonly lossFunction?: LossFunction;
}

export interface MetamerSetupOptions extends OptimizerOptions {
  /** The image to start from. Default: uniform noise, drawn from the global generator and stretched to [0, 1]. */
  readonly initialImage?: Tensor | null;
}

/** What is known of one moment of a synthesis. */
export interface MetamerProgress extends Omit<Moment, "recorded"> {
  /** The stored image chosen for this iteration; only when images are stored. */
  readonly savedMetamer?: Tensor<FloatDType>;
  /** The iteration at which that image was stored. */
  readonly storeProgressIteration?: number;
}

/** SHA-256 of the graphs of what a metamer was made with: equal ones compute the same. */
export interface MetamerFingerprints {
  readonly model: string;
  readonly lossFunction: string;
  readonly penaltyFunction: string;
}

/** What a metamer knows besides what it was made with. */
export interface MetamerOwn extends Own {
  /** The representation to be matched. */
  readonly target: Tensor;
}

/** How far apart photographs are, for a target's representation. */
interface Known {
  readonly target: Tensor;
  /** As they were given, one by one: a list may be changed between two calls. */
  readonly photographs: readonly unknown[];
  readonly distances: NullDistances;
}

const areSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** What metamers of both kinds have in common: a representation to be matched. */
export abstract class MetamerBase<L extends Layout, O extends MetamerOwn> extends IterativeSynthesis<L, O, Drive> {
  readonly model: ModelLike;
  readonly lossFunction: LossFunction;
  readonly #prints: () => Omit<MetamerFingerprints, "penaltyFunction">;
  /** What the model gives for the image it was made with. */
  readonly #response: Tensor;
  /** What was found last about photographs, and for what: it is looked for once. */
  #known: Known | null = null;
  protected readonly forward: ModelFunction;

  protected constructor(
    method: RecipeMethod,
    layout: L,
    image: Tensor,
    model: ModelLike,
    options: MetamerOptions,
    own: (matched: MetamerOwn) => O,
    recorded?: readonly string[],
  ) {
    const { lossFunction = mseLossCard.compute } = options;
    const forward = modelFunction(model);
    let prints = () => ({ model: "", lossFunction: "" });
    const check = (target: Tensor<FloatDType>): O => {
      const { shape, dtype } = target;
      const traced = validateModel(model, { imageShape: shape, imageDtype: dtype });
      const loss = validateLoss(lossFunction, traced.output, traced.output, dtype);
      prints = () => ({ model: traced.fingerprint, lossFunction: loss.fingerprint });
      return own({ image: target, target: forward(target) });
    };
    const fits = (given: Tensor<FloatDType>): void =>
      refuseTooLargeImage(given, (like) => {
        const { output } = traceUser("the model", forward, [like]);
        return descentPlan(like, output, (x, target) => lossFunction(forward(x), target));
      });
    super(method, layout, image, options, check, recorded ?? [], fits);
    this.model = model;
    this.lossFunction = lossFunction;
    this.forward = forward;
    this.#prints = prints;
    this.#response = this.own.target;
  }

  get fingerprints(): MetamerFingerprints {
    return Object.freeze({ ...this.#prints(), penaltyFunction: this.penaltyFingerprint });
  }

  /** The representation to be matched: model(image). */
  get targetRepresentation(): Tensor {
    return this.own.target;
  }

  /**
   * Chooses the starting image and the optimizer. Called once at most, before synthesize(), which otherwise does it with
   * defaults. Draws the starting image, if it is to be drawn, before it returns.
   *
   * After load() the image is there, and optimizer and scheduler go on as they were saved: what is given here must be of
   * their kinds, and its options give way to the saved ones.
   */
  async setup(options: MetamerSetupOptions = {}): Promise<void> {
    this.begin(options, ["initialImage"], (): Beginning<O> => {
      const { initialImage = null } = options;
      const start = initialImage === null ? uniformStart(this.image) : this.#checkShape(this.checkStart(initialImage));
      return { start, own: this.own, arrays: { initialImage: initialImage === null ? null : start } };
    });
  }

  #checkShape(start: Tensor<FloatDType>): Tensor<FloatDType> {
    const { shape } = this.image;
    if (start.shape.join() !== shape.join()) {
      this.#checkFits(start);
      warn(
        new UserWarning(
          "initial-image-shape",
          `setup: the initial image is ${shapeText(start.shape)} and the image ${shapeText(shape)}; the metamer keeps the ` +
            "shape of the initial image",
        ),
      );
    }
    return start;
  }

  /** Refuses a start whose representation cannot be compared with that of the image. */
  #checkFits(start: Tensor<FloatDType>): void {
    try {
      this.termsOf(this.own, start);
    } catch (cause) {
      const { message } = cause as Error;
      throw new ShapeError(
        `${this.methodName}: the initial image is ${shapeText(start.shape)} and the image ${shapeText(this.image.shape)}; the model ` +
          `or the loss cannot match one with the other (${message}). Give initialImage the shape of the image`,
        { cause },
      );
    }
  }

  /**
   * The objective of an image, a tensor with one number: the very number that is recorded in `losses`. Before setup()
   * there is no image to default to, and the result is empty.
   */
  objectiveFunction(metamer: Tensor = this.metamer, targetRepresentation: Tensor = this.targetRepresentation): Tensor {
    checkTensor("objectiveFunction", "the image", metamer);
    checkTensor("objectiveFunction", "the target", targetRepresentation);
    if (metamer.size === 0) return metamer;
    return this.termsOf({ ...this.own, target: targetRepresentation }, metamer).loss;
  }

  /** The synthesized image as it is now; an empty tensor before setup(). */
  get metamer(): Tensor<FloatDType> {
    return this.synthesized;
  }

  /** The stored images, oldest first, and the current one: [stored + 1, ...metamer.shape]. Empty before setup(). */
  get savedMetamer(): Tensor<FloatDType> {
    return this.savedImages;
  }

  /**
   * What is known of one iteration: its entries of the histories, and the stored image nearest to it.
   *
   * @param iteration from 0 to numIter; negative ones count from the end; null and -1 mean the current image
   */
  getProgress(iteration: number | null, options: GetProgressOptions = {}): MetamerProgress {
    const { moment, stored } = this.momentAt(iteration, options);
    const { recorded: _, ...known } = moment;
    if (stored === null) return known;
    return { ...known, savedMetamer: stored.image, storeProgressIteration: stored.iteration };
  }

  /**
   * Whether it worked: why it stopped, whether the optimisation had settled, and how near the model's response came to that to the
   * target, by group, measured by how far apart the responses to different photographs are. `text` says it in plain words, and its
   * first line is the verdict. docs/metamers.md tells how to read it.
   *
   * The model is evaluated once for each photograph, at the first call; later calls know it. Nothing is drawn or changed.
   *
   * @throws RangeError before setup(), for limits that are no numbers, and for a start whose response has another shape; TypeError for
   *   what is no photograph
   */
  async summary(options: SummaryOptions = {}): Promise<MetamerVerdict> {
    const limits = checkSummaryOptions(options);
    const { photographs = null, signal } = options;
    const own = photographs === null ? null : ownPhotographs(photographs);
    const { present, image, lastRun, losses, gradientNorm, pixelChangeNorm, numIter, settlesFrom: from } = this;
    if (present === null) {
      throw new RangeError(
        `${this.methodName}: summary() has nothing to judge yet; call setup() or synthesize() first`,
      );
    }
    const { scalesLeft } = this;
    const { target } = this.own;
    const course = { losses, gradientNorm, pixelChangeNorm, from, negligible: negligibleChange(present.image) };
    const wanted = await groupValues(this.model, target);
    const apart = await this.#apart(present.image, target, wanted);
    const given: readonly unknown[] = Array.isArray(photographs) ? [...photographs] : [photographs];
    if (this.#known?.target !== target || !areSame(this.#known.photographs, given)) {
      const compared = own ?? (await shippedPhotographs(image.dtype));
      const distances = await nullDistances(this.model, image, wanted, compared, signal);
      this.#known = { target, photographs: given, distances };
    }
    const { groups: _, ...compared } = this.#known.distances;
    const groups = nearnessOf(apart, this.#known.distances, limits);
    const rules = lastRun?.rules ?? null;
    const loss = losses[losses.length - 1];
    const stopped = stoppingOf(lastRun, numIter);
    return told(
      {
        verdict: groups[0].nearness,
        stopped,
        settling: settlingOf(course, rules?.stopItersToCheck || WINDOW, limits),
        absoluteRule: rules === null ? null : absoluteRuleOf(rules, stopped, loss, limits.absoluteShare),
        // Where the image it came to is told from the target, the model is not blind, whatever it made of the first one.
        blind: tellsNoneApart(groups) && apart.every(({ isOne }) => isOne) && (await this.#beganAlike(target)),
        groups,
        imageGap: imageGapOf(present.image, image),
        photographs: compared,
        limits,
        scalesLeft,
      },
      course,
    );
  }

  /** Whether the loss of the first image is no more than rounding makes: that of a response which is the target's but for its last digits. */
  async #beganAlike(target: Tensor): Promise<boolean> {
    const { losses, penalties, penaltyLambda } = this;
    const off = roundingPart(target.dtype);
    const [[least], [most]] = await Promise.all(
      [target, target.mul(1 + off)].map((one) => this.lossFunction(one, target).data()),
    );
    return losses[0] - penaltyLambda * penalties[0] <= Math.max(least, most) + off * Math.abs(losses[0]);
  }

  /** What an image's representation is apart from the target. It is not kept: of large images it is large. */
  async #apart(image: Tensor, target: Tensor, wanted: GroupValues): Promise<readonly Apart[]> {
    const [response] = await settled([this.forward(image)]);
    const made = await groupValues(this.model, response);
    if (wanted.has(WHOLE)) return apartIn(wanted, made, null);
    const [slope] = await settled([gradient(this.lossFunction(response, target), response)]);
    return apartIn(wanted, made, await groupValues(this.model, slope));
  }

  /** The first iteration that tells whether it had settled. */
  protected get settlesFrom(): number {
    return 0;
  }

  /** Scales that are not matched yet, the present one first; none where all of them are matched together. */
  protected get scalesLeft(): readonly string[] {
    return [];
  }

  protected newDrive(
    own: O,
    start: Tensor<FloatDType>,
    optimizer: optim.Optimizer,
    scheduler: optim.Scheduler | null,
  ): Drive {
    return drives.startedDrive(this.objective(own), start, optimizer, scheduler);
  }

  protected resumedDrive(own: O, loaded: Loaded, given: Required<OptimizerOptions>): Drive {
    return drives.resumedDrive(this.objective(own), loaded, given);
  }

  protected castDrive(own: O, drive: Drive, start: Tensor<FloatDType>): Drive {
    return drives.castDrive(this.objective(own), drive, start);
  }

  protected savedDrive(drive: Drive): SavedStates {
    return saveDrive(drive);
  }

  protected get imageName(): string {
    return "metamer.metamer";
  }

  protected whyNotFinite(image: Tensor): string | null {
    const target = nonFiniteWords("the target's representation", this.own.target);
    if (target !== null) return `${target}: no image can match it.`;
    const present = nonFiniteWords("the present image's representation", this.forward(image));
    if (present !== null) return `${present}.`;
    const penalty = nonFiniteWords("the penalty of the present image", this.penaltyOf(image));
    if (penalty !== null) return `${penalty}.`;
    const { loss } = this.termsOf(this.own, image);
    return Number.isFinite(loss.itemSync()) ? null : "Both representations are finite, but not the loss of them.";
  }

  protected describe(_own: O): Pick<Described, "model" | "options"> {
    const { name = null, options = null } = this.model as { readonly name?: string; readonly options?: JsonObject };
    return {
      model: { name, options, fingerprint: this.fingerprints.model },
      options: {
        lossFunction: { ...publicName(this.lossFunction), fingerprint: this.fingerprints.lossFunction },
        penaltyFunction: { ...publicName(this.penaltyFunction), fingerprint: this.fingerprints.penaltyFunction },
        penaltyLambda: this.penaltyLambda,
      },
    };
  }

  /** The parts of the representation that it matches, by their scales; null: all of it. */
  protected get parts(): readonly (readonly Label[] | null)[] {
    return [null];
  }

  /** What the model gives for a part. */
  protected representPart(image: Tensor, scales: readonly Label[] | null): Tensor {
    return scales === null ? this.forward(image) : (this.model as ScaledModel).forward(image, { scales });
  }

  protected keptFunctions(types: readonly ImageTypes[]): KeptFunctions {
    const { model, lossFunction } = this;
    const ofModel: KeptCall[] = [];
    const ofLoss: KeptCall[] = [];
    for (const scales of this.parts) {
      const call = (image: Tensor): Tensor => this.representPart(image, scales);
      for (const { image, made } of types) {
        ofModel.push({ call, inputs: [image], scales }, { call, inputs: [made], scales });
        const [target, own] = [image, made].map((one) => traceUser("the model", call, [one]).output);
        ofLoss.push({ call: lossFunction, inputs: [target, target] }, { call: lossFunction, inputs: [own, target] });
      }
    }
    return {
      model: { ...keptModel(model), calls: ofModel },
      lossFunction: { ...keptFunction(lossFunction), calls: ofLoss },
      penaltyFunction: this.keptPenalty(types),
    };
  }

  /** A starting image that nobody can draw again: what the file needs to be verified from itself alone. */
  protected override ownMetadata(): Pick<OwnMetadata, "arrays"> {
    const start = this.log.givenStart;
    return start === null ? {} : { arrays: { initialImage: start } };
  }

  /** The attributes that metamers of both kinds have. */
  protected matchedValues({
    image,
    target,
  }: MetamerOwn): Pick<Values<typeof METAMER>, "target" | "lossFunction" | "model"> {
    const { lossFunction, model } = this;
    // Not computed again: of a large image that takes much memory.
    const output = target === this.#response ? target : this.forward(image);
    return {
      target,
      lossFunction: { name: savedName(lossFunction), inputs: LOSS_INPUTS, output: lossFunction(target, target.mul(2)) },
      model: { name: savedName(model), inputs: IMAGE_INPUT, output },
    };
  }

  /** Checks what the functions give, and gives the target of the file. */
  protected async checkMatched(
    values: Values<typeof METAMER>,
    migrated: Migrated,
    checks: LoadChecks,
  ): Promise<MetamerOwn> {
    const { image, lossFunction, model } = values;
    // Before 1.2 the model may have had other statistics.
    const saved = migrated.era === "before 1.2" ? null : values.target;
    const callables: CallableCheck[] = [
      {
        what: "loss function",
        saved: saved === null ? null : lossFunction,
        own: this.lossFunction,
        inputs: LOSS_INPUTS,
        output: () => this.lossFunction(values.target, values.target.mul(2)),
      },
      this.penaltyCheck(values, migrated),
      { what: "model", saved: model, own: this.model, inputs: IMAGE_INPUT, output: () => this.forward(image) },
    ];
    await checkCallables(callables, checks);
    return { image, target: saved ?? this.forward(image) };
  }

  protected castMatched(
    { image }: MetamerOwn,
    cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>,
  ): MetamerOwn {
    const converted = cast(image);
    const target = this.forward(converted);
    target.dataSync();
    return { image: converted, target };
  }

  protected override lines(): Readonly<Record<string, string>> {
    return { model: nameOf(this.model), lossFunction: nameOf(this.lossFunction) };
  }
}

/**
 * Synthesizes an image that a model cannot tell from a given one, by descending the objective
 * `lossFunction(model(metamer), model(image)) + penaltyLambda * penaltyFunction(metamer)`.
 *
 * The constructor checks everything and draws one image from the global generator, as Python does. Throws
 * RangeError, TypeError, DTypeError or ValidationError for what cannot be used.
 */
export class Metamer extends MetamerBase<typeof METAMER, MetamerOwn> {
  /**
   * @param image the target, usually [batch, channel, height, width] in [0, 1]; float64 gives the most precise results
   * @param model a function from an image to a representation, or an object with `forward`
   */
  constructor(image: Tensor, model: ModelLike, options: MetamerOptions = {}, ...surplus: readonly never[]) {
    refuseSurplus("Metamer()", surplus, "image, model and one object of options");
    checkOptions("Metamer()", options, ["lossFunction", "penaltyFunction", "penaltyLambda"]);
    super("Metamer", METAMER, image, model, options, (matched) => matched);
  }

  /**
   * What save() wrote with `withModel`, as an object like any other, to go on with: image, model, loss and penalty are in the file. They
   * are for its shape and dtype alone. The global generators are left as they were.
   *
   * @throws LoadError for a file of something else, or without its model; FileError for one that cannot be read
   */
  static async load(source: Source, options: LoadOptions = {}): Promise<Metamer> {
    return loadWithModel(
      "Metamer",
      METAMER,
      source,
      options,
      (values, given) => {
        const { image, penaltyLambda } = values;
        const [lossFunction, penaltyFunction] = [given("lossFunction"), given("penaltyFunction")];
        return new Metamer(image, given("model"), { lossFunction, penaltyFunction, penaltyLambda });
      },
      (made, file) => made.loadFile(file, options),
    );
  }

  /**
   * Runs iterations of the optimizer. May be called again to go on: two calls of 5 iterations give the bits of one call
   * of 10. Pauses often enough for a page to stay smooth.
   *
   * Rejects with the signal's reason when `signal` aborts, and with NonFiniteError when the loss or its gradient is
   * no longer finite; the metamer and its histories then are those of the last complete iteration.
   */
  async synthesize(options: SynthesizeOptions = {}): Promise<SynthesisSummary> {
    return this.run(options);
  }

  protected objective({ target }: MetamerOwn): Objective {
    const terms = (image: Tensor) => this.withPenalty(this.lossFunction(this.forward(image), target), image);
    return { stages: 1, terms };
  }

  protected cast(own: MetamerOwn, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): MetamerOwn {
    return this.castMatched(own, cast);
  }

  protected async savedValues(own: MetamerOwn): Promise<object> {
    return this.matchedValues(own);
  }

  protected async loadedValues(values: Values<typeof METAMER>, migrated: Migrated, checks: LoadChecks) {
    await this.checkCommon(values, checks);
    return { own: await this.checkMatched(values, migrated, checks), recorded: {} };
  }
}
