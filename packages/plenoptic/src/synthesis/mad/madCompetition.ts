// MADCompetition: an image on which two metrics disagree as much as can be.
// Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition: a methodology for comparing computational models
// of perceptual quantities", Journal of Vision 8(12), 2008.

import type { Source } from "@plenoptic-js/formats";
import { type DType, type FloatDType, type optim, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import { counted } from "../../counted.ts";
import { judged } from "../../judged.ts";
import { significant } from "../../significant.ts";
import type { KeptFunctions } from "../../stored/write.ts";
import { ValidationError } from "../../validate/error.ts";
import { checkInput } from "../../validate/input.ts";
import { type MetricFunction, skipMetricImages, validateMetric } from "../../validate/metric.ts";
import { UserWarning, warn } from "../../warnings.ts";
import { defaultOptimizer } from "../defaultOptimizer.ts";
import type { Objective, Terms } from "../frame/descent.ts";
import type { Drive } from "../frame/drive.ts";
import type { Histories } from "../frame/histories.ts";
import type { SynthesisSummary } from "../frame/iterations.ts";
import type { GetProgressOptions, Present } from "../frame/progress.ts";
import type { SynthesizeOptions } from "../frame/synthesizeOptions.ts";
import { type ImageTypes, IterativeSynthesis } from "../iterativeSynthesis.ts";
import * as drives from "../optimizerDrive.ts";
import { type Beginning, nameOf, type OptimizerOptions } from "../runningSynthesis.ts";
import { stateOf } from "../saving/dictionary/fields.ts";
import { MAD_COMPETITION } from "../saving/dictionary/layouts.ts";
import { readMetadata, type WrittenMetadata } from "../saving/dictionary/metadata.ts";
import { publicName } from "../saving/dictionary/names.ts";
import type { Loaded } from "../saving/loaded.ts";
import type { LoadChecks } from "../saving/loading/checks.ts";
import { loadWithModel } from "../saving/loading/loadWithModel.ts";
import type { LoadOptions } from "../saving/loading/options.ts";
import type { Migrated } from "../saving/old/migrate.ts";
import type { SavedStates } from "../saving/resume.ts";
import type { Described } from "../saving/runLog.ts";
import { saveDrive } from "../saving/saveDrive.ts";
import { keptFunction } from "../saving/storedFor.ts";
import { noState, saveOptimizer } from "../saving/torch/optimizers.ts";
import { refuseSurplus } from "../surplus.ts";
import { absoluteRuleOf, settlingOf, WINDOW } from "../verdict/settling.ts";
import { stoppingOf } from "../verdict/stopping.ts";
import { checkFour, checkTargets } from "./checkFour.ts";
import type { ConstrainedProblem } from "./constrained.ts";
import { ConstrainedDrive, castConstrained } from "./constrainedDrive.ts";
import { readConstrained, writeConstrained } from "./constrainedState.ts";
import { driftSentence, driftWords } from "./drift.ts";
import { fitsFor, refuseTooLargeDescent } from "./fits.ts";
import { loadedValues, type MADValues, savedValues } from "./madFile.ts";
import {
  checkMode,
  checkWeights,
  type MADAllOptions,
  type MADCompetitionOptions,
  type MADName,
  type MADProgress,
  type MADSetupOptions,
  type MinMax,
  type Range,
} from "./madOptions.ts";
import { chooseStart, targetAt } from "./madStart.ts";
import { type MADOwn, SERIES } from "./madState.ts";
import {
  atBoundsOf,
  checkMADSummary,
  driftOf,
  fourVerdict,
  type MADFourVerdict,
  type MADSummaryOptions,
  type MADVerdict,
  told,
  verdictOf,
} from "./madVerdict.ts";
import { whyTogether } from "./together.ts";
import { guessWeight } from "./tradeoff.ts";

/** A whole competition: each metric made small and large while the other is held. */
export type MADFour = Readonly<Record<MADName, MADCompetition>>;

/** SHA-256 of the graphs of what a MAD competition was made with. */
export interface MADFingerprints {
  readonly optimizedMetric: string;
  readonly referenceMetric: string;
  readonly penaltyFunction: string;
}

/**
 * Synthesizes an image that one metric calls as near to the given one as can be, or as far, while another metric calls it as
 * far as the noisy image it began with. It descends
 * `+-optimizedMetric(image, madImage) + metricTradeoffLambda * (reference0 - referenceMetric(image, madImage))^2 +
 * penaltyLambda * penaltyFunction(madImage)`, plus for "min" and minus for "max". In the constrained mode it makes the first term
 * small alone, along the surface on which the reference metric does not change; docs/mad.md says how.
 *
 * The constructor checks everything and draws 42 images from the global generator, and one more for a default weight, as
 * Python does. Throws RangeError, TypeError, DTypeError or ValidationError for what cannot be used.
 */
export class MADCompetition extends IterativeSynthesis<typeof MAD_COMPETITION, MADOwn, Drive | ConstrainedDrive> {
  /** While all() makes its four: the fingerprints of the metrics that are checked already. */
  static #checked: Map<MetricFunction, string> | null = null;
  /** While all() sets up: metrics that cannot disagree are refused with weights too. */
  static #strict = false;
  readonly optimizedMetric: MetricFunction;
  readonly referenceMetric: MetricFunction;
  readonly fingerprints: MADFingerprints;
  /** The bounds of the pixels in the constrained mode; null: none. */
  readonly allowedRange: Range;

  /**
   * @param image the reference image, usually [1, 1, height, width] in [0, 1]
   * @param optimizedMetric what is made small or large: a function of two images
   * @param referenceMetric what stays as it is
   * @param minmax whether the optimized metric is made small ("min") or large ("max")
   */
  constructor(
    image: Tensor,
    optimizedMetric: MetricFunction,
    referenceMetric: MetricFunction,
    minmax: MinMax,
    options: MADCompetitionOptions = {},
    ...surplus: readonly never[]
  ) {
    refuseSurplus(
      "MADCompetition()",
      surplus,
      "image, optimizedMetric, referenceMetric, minmax and one object of options; setup() takes the start and the optimizer",
    );
    checkOptions("MADCompetition()", options, [
      "metricTradeoffLambda",
      "constrained",
      "allowedRange",
      "penaltyFunction",
      "penaltyLambda",
    ]);
    const { metricTradeoffLambda = null, constrained = false } = options;
    const range = checkMode(options);
    let prints = { optimizedMetric: "", referenceMetric: "" };
    const own = (checked: Tensor<FloatDType>): MADOwn => {
      const { shape, dtype } = checked;
      const about = { imageShape: shape, imageDtype: dtype };
      const printOf = (metric: MetricFunction): string => {
        const known = MADCompetition.#checked?.get(metric);
        if (known === undefined) {
          const { fingerprint } = validateMetric(metric, about);
          MADCompetition.#checked?.set(metric, fingerprint);
          return fingerprint;
        }
        skipMetricImages(checked);
        return known;
      };
      prints = { optimizedMetric: printOf(optimizedMetric), referenceMetric: printOf(referenceMetric) };
      if (minmax !== "min" && minmax !== "max") {
        throw new RangeError(`MADCompetition: minmax is ${shown(minmax)}; it must be "min" or "max"`);
      }
      const fresh = { image: checked, minmax, going: null, initialImage: null, referenceTarget: null };
      if (constrained) return { ...fresh, weight: null };
      const weight = metricTradeoffLambda ?? guessWeight(optimizedMetric, referenceMetric, checked);
      if (!(typeof weight === "number" && weight >= 0 && weight < Infinity)) {
        throw new RangeError(
          `MADCompetition: metricTradeoffLambda is ${shown(weight)}; it must be a finite number, 0 or more, or null`,
        );
      }
      return { ...fresh, weight };
    };
    super(
      "MADCompetition",
      MAD_COMPETITION,
      image,
      options,
      own,
      SERIES,
      fitsFor(optimizedMetric, referenceMetric, constrained),
    );
    this.optimizedMetric = optimizedMetric;
    this.referenceMetric = referenceMetric;
    this.allowedRange = range;
    if (metricTradeoffLambda === null && !constrained) this.log.guessedWeight();
    this.fingerprints = Object.freeze({ ...prints, penaltyFunction: this.penaltyFingerprint });
  }

  /** As `Metamer.load`: both metrics and the penalty are in the file. */
  static async load(source: Source, options: LoadOptions = {}): Promise<MADCompetition> {
    return loadWithModel(
      "MADCompetition",
      MAD_COMPETITION,
      source,
      options,
      (values, given, name) => {
        const { image, minmax, penaltyLambda, metricTradeoffLambda, metadata } = values;
        const mode = readConstrained(readMetadata(metadata), image.size, name);
        const all = {
          penaltyFunction: given("penaltyFunction"),
          ...(mode === null
            ? { penaltyLambda, metricTradeoffLambda }
            : { constrained: true, allowedRange: mode.allowedRange }),
        };
        return new MADCompetition(image, given("optimizedMetric"), given("referenceMetric"), minmax, all);
      },
      (made, file) => made.loadFile(file, options),
    );
  }

  /** Whether the reference metric is held, and not weighed. */
  get constrained(): boolean {
    return this.own.weight === null;
  }

  get minmax(): MinMax {
    return this.own.minmax;
  }

  /** null in the constrained mode. */
  get metricTradeoffLambda(): number | null {
    return this.own.weight;
  }

  /**
   * All four images of a competition between two metrics, set up from one starting image: `minA`, `maxA` (b is held), `minB`,
   * `maxB` (a is held). Constrained, unless weights are given.
   *
   * ```ts
   * const four = await po.MADCompetition.all(image, po.metric.oneMinusSsim, po.metric.mse);
   * for (const mad of Object.values(four)) await mad.synthesize({ maxIter: 200 });
   * ```
   */
  static async all(image: Tensor, a: MetricFunction, b: MetricFunction, options: MADAllOptions = {}): Promise<MADFour> {
    checkOptions("MADCompetition.all()", options, [
      "metricTradeoffLambda",
      "initialNoise",
      "initialImage",
      "allowedRange",
      "penaltyFunction",
      "penaltyLambda",
    ]);
    const { metricTradeoffLambda: weights = null, initialNoise = null, initialImage = null, ...rest } = options;
    checkWeights(weights);
    const checkedOnce = <T>(work: () => T): T => {
      MADCompetition.#checked = new Map();
      try {
        return work();
      } finally {
        MADCompetition.#checked = null;
      }
    };
    const fits = (given: Tensor<FloatDType>): void => {
      fitsFor(a, b, weights === null)(given);
      if (weights !== null) refuseTooLargeDescent(given, [a, b], defaultOptimizer(), options);
    };
    const target = judged(checkInput("MADCompetition.all: the image", image, { fits }).detach());
    const make = (name: MADName, optimized: MetricFunction, reference: MetricFunction): MADCompetition => {
      const weight = weights === null || typeof weights === "number" ? weights : weights[name];
      const mode = weight === null ? { constrained: true } : { metricTradeoffLambda: weight };
      return new MADCompetition(target, optimized, reference, name.startsWith("min") ? "min" : "max", {
        ...rest,
        ...mode,
      });
    };
    const four = checkedOnce(() => ({
      minA: make("minA", a, b),
      maxA: make("maxA", a, b),
      minB: make("minB", b, a),
      maxB: make("maxB", b, a),
    }));
    MADCompetition.#strict = true;
    let begun: Promise<void>;
    try {
      // It checks, and draws, before it returns.
      begun = four.minA.setup({ initialNoise, initialImage });
    } finally {
      MADCompetition.#strict = false;
    }
    await begun;
    for (const other of [four.maxA, four.minB, four.maxB]) other.#setupAs(four.minA);
    return four;
  }

  /** The image it began with; null before setup(). */
  get initialImage(): Tensor<FloatDType> | null {
    return this.own.initialImage;
  }

  /** The value of the reference metric that is to be kept: that of the initial image; null before setup(). */
  get referenceMetricTarget(): number | null {
    return this.own.referenceTarget;
  }

  /**
   * Chooses the starting image and the optimizer. Called once at most, before synthesize(), which otherwise does it with
   * defaults. Draws the noise, if it is to be drawn, before it returns. The noisy image is not clipped to any range; in the
   * constrained mode it is moved into the allowed one.
   *
   * After load() the image is there, and optimizer and scheduler go on as they were saved.
   */
  async setup(options: MADSetupOptions = {}): Promise<void> {
    if (this.constrained && ((options.optimizer ?? null) !== null || (options.scheduler ?? null) !== null)) {
      throw new RangeError(
        "MADCompetition: the constrained mode has a method of its own; leave out optimizer and scheduler, or give " +
          "metricTradeoffLambda",
      );
    }
    this.begin(options, ["initialNoise", "initialImage"], () => {
      const { image, allowedRange, optimizedMetric, referenceMetric, constrained } = this;
      if (!constrained) {
        refuseTooLargeDescent(image, [optimizedMetric, referenceMetric], options.optimizer ?? defaultOptimizer(), this);
      }
      const { start, ...told } = chooseStart(options, image, allowedRange, (given) => this.checkStart(given));
      const begun = this.#beginAt(start);
      this.#judge(start);
      return { ...begun, ...told };
    });
  }

  /** Sets up at the image that another has begun with: it was checked there, and may be noise of our own making. */
  #setupAs({ initialImage }: MADCompetition): void {
    if (initialImage === null) throw new Error("MADCompetition: the first of the four is not set up");
    this.begin({}, [], () => ({ ...this.#beginAt(initialImage), arrays: { initialImage } }));
  }

  /** Refuses metrics that rise and fall together at the start; with a weight, as Python has it, it warns. */
  #judge(start: Tensor<FloatDType>): void {
    const { optimizedMetric: first, referenceMetric: second } = this;
    const why =
      this.fingerprints.optimizedMetric === this.fingerprints.referenceMetric
        ? "they are the same; choose another one"
        : whyTogether(this.image, start, first, second);
    if (why === null) return;
    const words = `MADCompetition: the two metrics cannot disagree: ${why}`;
    if (this.constrained || MADCompetition.#strict) throw new ValidationError(words);
    warn(new UserWarning("metrics-agree", words));
  }

  #beginAt(start: Tensor<FloatDType>): Pick<Beginning<MADOwn>, "start" | "own"> {
    return {
      start,
      own: { ...this.own, initialImage: start, referenceTarget: targetAt(start, this, this.constrained) },
    };
  }

  /**
   * Runs iterations of the optimizer. May be called again to go on: two calls of 5 iterations give the bits of one call
   * of 10. Pauses often enough for a page to stay smooth. Rejects as `Metamer.synthesize` does. With a weight, the text of the
   * summary also says how far the reference metric is from where it was to stay.
   */
  async synthesize(options: SynthesizeOptions = {}): Promise<SynthesisSummary> {
    // The constrained mode knows its end by the gradient. What is no object of options goes on to be refused.
    const isPlain = Object.prototype.toString.call(options) === "[object Object]";
    const summary = await this.run(this.constrained && isPlain ? { stopCriterion: null, ...options } : options);
    if (this.constrained || this.numIter === 0) return summary;
    return { ...summary, stopText: `${summary.stopText}; ${driftSentence(...this.#reference)}` };
  }

  /**
   * Whether it worked: whether the metrics came apart while the reference metric stayed, how many pixels lie at the bounds, whether the
   * optimisation had settled, and why it stopped. `text` says it in plain words, and its first line is the verdict.
   *
   * @throws RangeError before setup(), and for limits that are no numbers
   */
  async summary(options: MADSummaryOptions = {}): Promise<MADVerdict> {
    const limits = checkMADSummary(options);
    const names = options.names ?? (["the optimized metric", "the reference metric"] as const);
    const { present, initialImage, minmax, constrained, allowedRange, lastRun, numIter, optimizedMetricLoss } = this;
    if (present === null || initialImage === null) {
      throw new RangeError("MADCompetition: summary() has nothing to judge yet; call setup() or synthesize() first");
    }
    const { losses, gradientNorm, pixelChangeNorm } = this;
    const course = { losses, gradientNorm, pixelChangeNorm, from: 0 };
    const [last, first] = this.#reference;
    const reference = { first, last };
    const optimized = { first: optimizedMetricLoss[0], last: optimizedMetricLoss[numIter] };
    const drift = driftOf(reference);
    const rules = lastRun?.rules ?? null;
    const stopped = stoppingOf(lastRun, numIter);
    const untold = {
      verdict: verdictOf(minmax, optimized, drift, limits),
      minmax,
      optimized,
      reference,
      drift,
      atBounds: atBoundsOf(await initialImage.data(), await present.image.data(), allowedRange, constrained),
      stopped,
      settling: settlingOf(course, rules?.stopItersToCheck || WINDOW, limits),
      absoluteRule: rules === null ? null : absoluteRuleOf(rules, stopped, losses[numIter], limits.absoluteShare),
      limits,
    };
    return told(untold, course, names, constrained);
  }

  /**
   * The verdicts of all four images of a competition, and what the two gaps between them mean.
   *
   * @param four what `all()` gave, synthesized
   * @param options as for summary(); `names` are those of the first metric and the second
   * @throws RangeError for four that do not belong together
   */
  static async summaryOfAll(four: MADFour, options: MADSummaryOptions = {}): Promise<MADFourVerdict> {
    checkMADSummary(options);
    const wanted: readonly MADName[] = ["minA", "maxA", "minB", "maxB"];
    if (typeof four !== "object" || four === null || !wanted.every((name) => four[name] instanceof MADCompetition)) {
      throw new TypeError(
        `MADCompetition.summaryOfAll(): the competition is ${shown(four)}; it must be what MADCompetition.all() gave: minA, maxA, minB ` +
          "and maxB",
      );
    }
    const { minA, maxA, minB, maxB } = four;
    await checkFour(four);
    const { optimizedMetric: first, referenceMetric: second } = minA;
    const [a, b] = options.names ?? [first.name || "the first metric", second.name || "the second metric"];
    const names = { names: [a, b] as const };
    const swapped = { names: [b, a] as const };
    const images = {
      minA: await minA.summary({ ...options, ...names }),
      maxA: await maxA.summary({ ...options, ...names }),
      minB: await minB.summary({ ...options, ...swapped }),
      maxB: await maxB.summary({ ...options, ...swapped }),
    };
    const targets = {
      minA: images.minA.reference.first,
      maxA: images.maxA.reference.first,
      minB: images.minB.reference.first,
      maxB: images.maxB.reference.first,
    };
    checkTargets(targets, minA.image.dtype);
    return fourVerdict(images, [a, b]);
  }

  /** The reference metric as it is, and what it was to stay at. */
  get #reference(): [value: number, target: number] {
    const { referenceMetricLoss, referenceMetricTarget, numIter } = this;
    return [referenceMetricLoss[numIter], referenceMetricTarget ?? referenceMetricLoss[0]];
  }

  /**
   * The objective of an image, a tensor with one number: the very number that is recorded in `losses`. Before setup()
   * there is no image to default to, and the result is empty.
   */
  objectiveFunction(madImage: Tensor = this.madImage, image: Tensor<FloatDType> = this.image): Tensor {
    checkTensor("objectiveFunction", "the image", madImage);
    checkTensor("objectiveFunction", "the reference image", image);
    return this.own.referenceTarget === null
      ? tensor([], { dtype: this.image.dtype })
      : this.#terms({ ...this.own, image }, madImage).loss;
  }

  /** The synthesized image as it is now; an empty tensor before setup(). */
  get madImage(): Tensor<FloatDType> {
    return this.synthesized;
  }

  /** The stored images, oldest first, and the current one: [stored + 1, ...image.shape]. Empty before setup(). */
  get savedMadImage(): Tensor<FloatDType> {
    return this.savedImages;
  }

  /** The optimized metric of the same images as `losses`: numIter + 1 values. */
  get optimizedMetricLoss(): Float64Array {
    return this.history("optimizedMetricLoss", ({ terms }) => terms.recorded.optimizedMetricLoss);
  }

  /** The reference metric of the same images as `losses`: numIter + 1 values. */
  get referenceMetricLoss(): Float64Array {
    return this.history("referenceMetricLoss", ({ terms }) => terms.recorded.referenceMetricLoss);
  }

  /**
   * What is known of one iteration: its entries of the histories, and the stored image nearest to it.
   *
   * @param iteration from 0 to numIter; negative ones count from the end; null and -1 mean the current image
   */
  getProgress(iteration: number | null, options: GetProgressOptions = {}): MADProgress {
    const { moment, stored } = this.momentAt(iteration, options);
    const { recorded, ...known } = moment;
    const { optimizedMetricLoss, referenceMetricLoss } = recorded;
    const all = { ...known, optimizedMetricLoss, referenceMetricLoss };
    if (stored === null) return all;
    return { ...all, savedMadImage: stored.image, storeProgressIteration: stored.iteration };
  }

  protected override get recordsTerms(): boolean {
    return true;
  }

  #terms({ image, minmax, weight, referenceTarget }: MADOwn, x: Tensor): Terms {
    const optimized = this.optimizedMetric(image, x).reshape([]);
    const reference = this.referenceMetric(image, x).reshape([]);
    const recorded = { optimizedMetricLoss: optimized, referenceMetricLoss: reference };
    const signed = minmax === "min" ? optimized : optimized.neg();
    if (weight === null) return { loss: signed, penalty: this.penaltyOf(x), recorded };
    const gap = reference.neg().add(referenceTarget ?? 0);
    return { ...this.withPenalty(signed.add(gap.square().mul(weight)), x), recorded };
  }

  #problem({ image, minmax }: MADOwn): ConstrainedProblem {
    return {
      optimized: (x) => this.optimizedMetric(image, x).reshape([]),
      reference: (x) => this.referenceMetric(image, x).reshape([]),
      penalty: (x) => this.penaltyOf(x),
      minmax,
      allowedRange: this.allowedRange,
    };
  }

  protected newDrive(
    own: MADOwn,
    start: Tensor<FloatDType>,
    optimizer: optim.Optimizer,
    scheduler: optim.Scheduler | null,
  ): Drive | ConstrainedDrive {
    if (!this.constrained) return drives.startedDrive(this.objective(own), start, optimizer, scheduler);
    return new ConstrainedDrive(start, this.#problem(own), null);
  }

  protected resumedDrive(own: MADOwn, loaded: Loaded, given: Required<OptimizerOptions>): Drive | ConstrainedDrive {
    if (!this.constrained) return drives.resumedDrive(this.objective(own), loaded, given);
    return new ConstrainedDrive(loaded.image, this.#problem(own), own.going);
  }

  protected castDrive(
    own: MADOwn,
    drive: Drive | ConstrainedDrive,
    start: Tensor<FloatDType>,
  ): Drive | ConstrainedDrive {
    if (!(drive instanceof ConstrainedDrive)) return drives.castDrive(this.objective(own), drive, start);
    return new ConstrainedDrive(start, this.#problem(own), castConstrained(drive.snapshot(), start.dtype));
  }

  protected savedDrive(drive: Drive | ConstrainedDrive): SavedStates {
    if (!(drive instanceof ConstrainedDrive)) return saveDrive(drive);
    // Python goes on from it in the weighted mode, with its default optimizer.
    const optimizer = defaultOptimizer();
    const snapshot = { kind: "formula", steps: 0, arrays: {} } as const;
    const saved = saveOptimizer(
      { optimizer, snapshot },
      { lr: optimizer.lr, momentum: undefined, notes: [] },
      drive.image,
    );
    return { optimizer: stateOf(saved), scheduler: stateOf(noState()) };
  }

  protected override ownMetadata(): Pick<WrittenMetadata, "run" | "arrays"> {
    if (!this.constrained) return {};
    const snapshot = this.drive instanceof ConstrainedDrive ? this.drive.snapshot() : this.own.going;
    return writeConstrained({ allowedRange: this.allowedRange, snapshot }, this.image);
  }

  protected keptFunctions(types: readonly ImageTypes[]): KeptFunctions {
    const kept = (metric: MetricFunction) => {
      const calls = types.map(({ image, made }) => ({ call: metric, inputs: [image, made] }));
      return { ...keptFunction(metric), calls };
    };
    return {
      optimizedMetric: kept(this.optimizedMetric),
      referenceMetric: kept(this.referenceMetric),
      penaltyFunction: this.keptPenalty(types),
    };
  }

  protected override get descended(): string {
    return "the metric that is optimized or the one that is held";
  }

  protected get imageName(): string {
    return "mad.madImage";
  }

  protected whyNotFinite(image: Tensor): string | null {
    const words = [
      ["optimized metric", this.optimizedMetric(this.image, image)],
      ["reference metric", this.referenceMetric(this.image, image)],
      ["penalty", this.penaltyOf(image)],
    ] as const;
    for (const [what, value] of words) {
      const number = value.itemSync();
      if (!Number.isFinite(number)) return `The ${what} of the present image is ${number}.`;
    }
    return null;
  }

  protected objective(own: MADOwn): Objective {
    return { stages: 1, terms: (x) => this.#terms(own, x) };
  }

  protected cast(own: MADOwn, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): MADOwn {
    const image = cast(own.image);
    // Refused here where a metric cannot follow.
    for (const metric of [this.optimizedMetric, this.referenceMetric]) metric(image, image);
    const { initialImage, going } = own;
    return {
      ...own,
      image,
      initialImage: initialImage === null ? null : cast(initialImage),
      going: going === null ? null : castConstrained(going, image.dtype),
    };
  }

  protected describe({ minmax, weight }: MADOwn): Pick<Described, "model" | "options"> {
    const { optimizedMetric, referenceMetric, penaltyFunction } = this.fingerprints;
    return {
      model: null,
      options: {
        optimizedMetric: { ...publicName(this.optimizedMetric), fingerprint: optimizedMetric },
        referenceMetric: { ...publicName(this.referenceMetric), fingerprint: referenceMetric },
        minmax,
        ...(weight === null
          ? { constrained: true, allowedRange: this.allowedRange }
          : { metricTradeoffLambda: weight }),
        penaltyFunction: { ...publicName(this.penaltyFunction), fingerprint: penaltyFunction },
        penaltyLambda: this.penaltyLambda,
      },
    };
  }

  protected async savedValues(own: MADOwn, present: Present | null, histories: Histories): Promise<object> {
    return savedValues(own, this, present, histories);
  }

  protected async loadedValues(values: MADValues, migrated: Migrated, checks: LoadChecks) {
    return loadedValues(values, this, this.own, this.penaltyCheck(values, migrated), migrated, checks);
  }

  protected lines(): Readonly<Record<string, string>> {
    return {
      optimizedMetric: nameOf(this.optimizedMetric),
      referenceMetric: nameOf(this.referenceMetric),
      minmax: this.minmax,
      ...(this.constrained
        ? { constrained: "true", allowedRange: JSON.stringify(this.allowedRange) }
        : { metricTradeoffLambda: String(this.metricTradeoffLambda) }),
    };
  }

  /** Both metrics at the start and now. */
  protected override resultLines(): Readonly<Record<string, string>> {
    const { optimizedMetricLoss, referenceMetricLoss, numIter } = this;
    if (numIter === 0) return {};
    const course = (values: Float64Array): string =>
      `${significant(values[0], 4)} at first, ${significant(values[numIter], 4)} after ${counted(numIter, "iteration")}`;
    return {
      optimizedMetricLoss: course(optimizedMetricLoss),
      referenceMetricLoss: `${course(referenceMetricLoss)}: ${driftWords(...this.#reference)}`,
    };
  }
}
