// MADCompetition: an image on which two metrics disagree as much as can be.
// Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition: a methodology for comparing computational models
// of perceptual quantities", Journal of Vision 8(12), 2008.

import { type DType, type FloatDType, optim, randn, Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, describe, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { judged } from "../../judged.ts";
import { significant } from "../../significant.ts";
import { ValidationError } from "../../validate/error.ts";
import { checkInput } from "../../validate/input.ts";
import { distanceOf, drawMetricImages, type MetricFunction, validateMetric } from "../../validate/metric.ts";
import { UserWarning, warn } from "../../warnings.ts";
import type { Objective, Terms } from "../frame/descent.ts";
import type { Drive } from "../frame/drive.ts";
import type { Histories } from "../frame/histories.ts";
import type { SynthesisSummary } from "../frame/iterations.ts";
import type { GetProgressOptions, Present } from "../frame/progress.ts";
import type { SynthesizeOptions } from "../frame/synthesizeOptions.ts";
import { IterativeSynthesis } from "../iterativeSynthesis.ts";
import * as drives from "../optimizerDrive.ts";
import { type Beginning, nameOf, type OptimizerOptions, type Own as OwnImage } from "../runningSynthesis.ts";
import { stateOf } from "../saving/dictionary/fields.ts";
import { MAD_COMPETITION, METRIC_INPUTS, type Values } from "../saving/dictionary/layouts.ts";
import { type OwnMetadata, readMetadata } from "../saving/dictionary/metadata.ts";
import { savedName } from "../saving/dictionary/names.ts";
import type { Loaded } from "../saving/loaded.ts";
import { type CallableCheck, checkCallables } from "../saving/loading/callables.ts";
import { type LoadChecks, LoadError } from "../saving/loading/checks.ts";
import type { Migrated } from "../saving/old/migrate.ts";
import type { SavedStates } from "../saving/resume.ts";
import type { Described } from "../saving/runLog.ts";
import { saveDrive } from "../saving/saveDrive.ts";
import { noState, saveOptimizer } from "../saving/torch/optimizers.ts";
import { refuseSurplus } from "../surplus.ts";
import type { ConstrainedProblem, ConstrainedSnapshot } from "./constrained.ts";
import { ConstrainedDrive, castConstrained } from "./constrainedDrive.ts";
import { readConstrained, writeConstrained } from "./constrainedState.ts";
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
import { whyTogether } from "./together.ts";
import { guessWeight, tradeoffWeight } from "./tradeoff.ts";

/** A whole competition: each metric made small and large while the other is held. */
export type MADFour = Readonly<Record<MADName, MADCompetition>>;

/** SHA-256 of the graphs of what a MAD competition was made with. */
export interface MADFingerprints {
  readonly optimizedMetric: string;
  readonly referenceMetric: string;
  readonly penaltyFunction: string;
}

interface Own extends OwnImage {
  readonly minmax: MinMax;
  /** null in the constrained mode. */
  readonly weight: number | null;
  /** Of a loaded synthesis in the constrained mode: what it remembered. */
  readonly going: ConstrainedSnapshot | null;
  /** null before setup(). */
  readonly initialImage: Tensor<FloatDType> | null;
  /** What the reference metric is to stay at; null before setup(). */
  readonly referenceTarget: number | null;
}

/** Our names of the two series. */
const SERIES = ["optimizedMetricLoss", "referenceMetricLoss"] as const;

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
export class MADCompetition extends IterativeSynthesis<typeof MAD_COMPETITION, Own, Drive | ConstrainedDrive> {
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
    const own = (checked: Tensor<FloatDType>): Own => {
      const { shape, dtype } = checked;
      const about = { imageShape: shape, imageDtype: dtype };
      const printOf = (metric: MetricFunction): string => {
        const known = MADCompetition.#checked?.get(metric);
        if (known === undefined) {
          const { fingerprint } = validateMetric(metric, about);
          MADCompetition.#checked?.set(metric, fingerprint);
          return fingerprint;
        }
        drawMetricImages(shape, dtype);
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
    super("MADCompetition", MAD_COMPETITION, image, options, own, SERIES);
    this.optimizedMetric = optimizedMetric;
    this.referenceMetric = referenceMetric;
    this.allowedRange = range;
    this.fingerprints = Object.freeze({ ...prints, penaltyFunction: this.penaltyFingerprint });
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
    const target = judged(checkInput("MADCompetition.all: the image", image).detach());
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
    this.begin(options, ["initialNoise", "initialImage"], () => this.#begin(options));
  }

  /** Sets up at the image that another has begun with: it was checked there, and may be noise of our own making. */
  #setupAs({ initialImage }: MADCompetition): void {
    if (initialImage === null) throw new Error("MADCompetition: the first of the four is not set up");
    this.begin({}, [], () => ({ ...this.#beginAt(initialImage), arrays: { initialImage } }));
  }

  #begin({ initialNoise = null, initialImage = null }: MADSetupOptions): Beginning<Own> {
    const { image } = this;
    let start: Tensor<FloatDType>;
    if (initialImage !== null) {
      if (initialNoise !== null) throw new RangeError("MADCompetition: give initialNoise or initialImage, not both");
      start = this.checkStart(initialImage).detach();
      if (start.shape.join() !== image.shape.join()) {
        throw new RangeError(
          `MADCompetition: the initial image is ${shapeText(start.shape)}; it must be ${shapeText(image.shape)}, as the image`,
        );
      }
    } else {
      const noise = initialNoise ?? 0.1;
      this.#checkNoise(noise);
      const drawn = randn(image.shape, { dtype: image.dtype });
      start = image.add(drawn.mul(noise)).detach() as Tensor<FloatDType>;
    }
    if (this.constrained && this.allowedRange !== null) {
      this.#warnOfMove(initialImage === null ? image : start, initialImage === null ? "image" : "initial image");
      start = start.clip(...this.allowedRange).detach();
    }
    const begun = this.#beginAt(start);
    this.#judge(start);
    // Noise that is one number can be drawn again; other starts are told by their hash.
    if (initialImage !== null || initialNoise instanceof Tensor) return { ...begun, arrays: { initialImage: start } };
    return { ...begun, options: { initialNoise: initialNoise ?? 0.1 }, arrays: { initialImage: null } };
  }

  /** Noise alone leaves the range a little, and is clipped as promised. An image that leaves it is not what was meant. */
  #warnOfMove(from: Tensor<FloatDType>, name: string): void {
    const [low, high] = this.allowedRange ?? [-Infinity, Infinity];
    const values = from.dataSync();
    let moved = 0;
    for (const value of values) if (value < low || value > high) moved++;
    if (moved === 0) return;
    const words =
      `MADCompetition: ${moved} of ${values.length} values of the ${name} lie outside of [${low}, ${high}], and the start was ` +
      `moved into it; give allowedRange the range of your images, such as [0, 255], or scale them to [${low}, ${high}]`;
    warn(new UserWarning("start-clipped", words));
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

  #beginAt(start: Tensor<FloatDType>): Pick<Beginning<Own>, "start" | "own"> {
    const { image } = this;
    start.dataSync();
    const referenceTarget = this.#finite("reference", distanceOf(this.referenceMetric, image, start).itemSync());
    this.#finite("optimized", distanceOf(this.optimizedMetric, image, start).itemSync());
    if (referenceTarget === 0 && !this.constrained) {
      throw new RangeError(
        "MADCompetition: the reference metric is 0 for the initial image, so there is nothing to hold it at; start farther from the " +
          "image (initialNoise)",
      );
    }
    return { start, own: { ...this.own, initialImage: start, referenceTarget } };
  }

  /** The metric of the initial image, which must be a number. */
  #finite(which: string, value: number): number {
    if (Number.isFinite(value)) return value;
    throw new RangeError(
      `MADCompetition: the ${which} metric is ${value} for the initial image; it must be a finite number there. Start from another ` +
        "image, or look for a division by 0, a logarithm or root of 0, or an overflow in the metric",
    );
  }

  /** Before anything is drawn. */
  #checkNoise(noise: number | Tensor): void {
    const { shape, dtype } = this.image;
    if (noise instanceof Tensor) {
      const ahead = shape.slice(shape.length - noise.ndim);
      const fits = noise.ndim <= shape.length && noise.shape.every((n, i) => n === 1 || n === ahead[i]);
      if (fits && noise.dtype === dtype) return;
      throw new RangeError(
        `MADCompetition: initialNoise is ${describe(noise)}; it must be ${dtype} and broadcast to ` +
          `the image's ${shapeText(shape)}`,
      );
    }
    if (!(typeof noise === "number" && noise > 0 && noise < Infinity)) {
      throw new RangeError(
        `MADCompetition: initialNoise is ${shown(noise)}; it must be a finite number above 0, or a tensor`,
      );
    }
  }

  /**
   * Runs iterations of the optimizer. May be called again to go on: two calls of 5 iterations give the bits of one call
   * of 10. Pauses often enough for a page to stay smooth. Rejects as `Metamer.synthesize` does.
   */
  async synthesize(options: SynthesizeOptions = {}): Promise<SynthesisSummary> {
    // The constrained mode knows its end by the gradient. What is no object of options goes on to be refused.
    const isPlain = Object.prototype.toString.call(options) === "[object Object]";
    return this.run(this.constrained && isPlain ? { stopCriterion: null, ...options } : options);
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

  #terms({ image, minmax, weight, referenceTarget }: Own, x: Tensor): Terms {
    const optimized = this.optimizedMetric(image, x).reshape([]);
    const reference = this.referenceMetric(image, x).reshape([]);
    const recorded = { optimizedMetricLoss: optimized, referenceMetricLoss: reference };
    const signed = minmax === "min" ? optimized : optimized.neg();
    if (weight === null) return { loss: signed, penalty: this.penaltyOf(x), recorded };
    const gap = reference.neg().add(referenceTarget ?? 0);
    return { ...this.withPenalty(signed.add(gap.square().mul(weight)), x), recorded };
  }

  #problem({ image, minmax }: Own): ConstrainedProblem {
    return {
      optimized: (x) => this.optimizedMetric(image, x).reshape([]),
      reference: (x) => this.referenceMetric(image, x).reshape([]),
      penalty: (x) => this.penaltyOf(x),
      minmax,
      allowedRange: this.allowedRange,
    };
  }

  protected newDrive(
    own: Own,
    start: Tensor<FloatDType>,
    optimizer: optim.Optimizer,
    scheduler: optim.Scheduler | null,
  ): Drive | ConstrainedDrive {
    if (!this.constrained) return drives.startedDrive(this.objective(own), start, optimizer, scheduler);
    return new ConstrainedDrive(start, this.#problem(own), null);
  }

  protected resumedDrive(own: Own, loaded: Loaded, given: Required<OptimizerOptions>): Drive | ConstrainedDrive {
    if (!this.constrained) return drives.resumedDrive(this.objective(own), loaded, given);
    return new ConstrainedDrive(loaded.image, this.#problem(own), own.going);
  }

  protected castDrive(own: Own, drive: Drive | ConstrainedDrive, start: Tensor<FloatDType>): Drive | ConstrainedDrive {
    if (!(drive instanceof ConstrainedDrive)) return drives.castDrive(this.objective(own), drive, start);
    return new ConstrainedDrive(start, this.#problem(own), castConstrained(drive.snapshot(), start.dtype));
  }

  protected savedDrive(drive: Drive | ConstrainedDrive): SavedStates {
    if (!(drive instanceof ConstrainedDrive)) return saveDrive(drive);
    // Python goes on from it in the weighted mode, with its default optimizer.
    const optimizer = optim.Adam({ lr: 0.01, amsgrad: true });
    const snapshot = { kind: "formula", steps: 0, arrays: {} } as const;
    const saved = saveOptimizer(
      { optimizer, snapshot },
      { lr: optimizer.lr, momentum: undefined, notes: [] },
      drive.image,
    );
    return { optimizer: stateOf(saved), scheduler: stateOf(noState()) };
  }

  protected override ownMetadata(): Pick<OwnMetadata, "run" | "arrays"> {
    if (!this.constrained) return {};
    const snapshot = this.drive instanceof ConstrainedDrive ? this.drive.snapshot() : this.own.going;
    return writeConstrained({ allowedRange: this.allowedRange, snapshot });
  }

  protected override get descended(): string {
    return "the metric that is optimized or the one that is held";
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

  protected objective(own: Own): Objective {
    return { stages: 1, terms: (x) => this.#terms(own, x) };
  }

  protected cast(own: Own, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): Own {
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

  protected describe({ minmax, weight }: Own): Pick<Described, "model" | "options"> {
    const { optimizedMetric, referenceMetric, penaltyFunction } = this.fingerprints;
    return {
      model: null,
      options: {
        optimizedMetric: { fingerprint: optimizedMetric },
        referenceMetric: { fingerprint: referenceMetric },
        minmax,
        ...(weight === null
          ? { constrained: true, allowedRange: this.allowedRange }
          : { metricTradeoffLambda: weight }),
        penaltyFunction: { fingerprint: penaltyFunction },
        penaltyLambda: this.penaltyLambda,
      },
    };
  }

  protected async savedValues(own: Own, present: Present | null, histories: Histories): Promise<object> {
    const { image, initialImage, referenceTarget, minmax, weight } = own;
    // Python's series begin with the value of the initial image twice, and lack that of the final one.
    const series = (name: (typeof SERIES)[number]): Float64Array => {
      const values = histories.of(name).toArray();
      const first = values.length > 0 ? values[0] : present?.terms.recorded[name];
      return Float64Array.from(first === undefined ? [] : [first, ...values]);
    };
    const other = present?.image ?? image;
    const callable = (metric: MetricFunction) => ({
      name: savedName(metric),
      inputs: METRIC_INPUTS,
      output: distanceOf(metric, image, other),
    });
    return {
      optimizedMetricLoss: series("optimizedMetricLoss"),
      referenceMetricLoss: series("referenceMetricLoss"),
      initialImage,
      referenceMetricTarget: referenceTarget,
      metricTradeoffLambda: weight ?? this.#weightForPython(own),
      minmax,
      optimizedMetric: callable(this.optimizedMetric),
      referenceMetric: callable(this.referenceMetric),
    };
  }

  /** Python needs a weight. It is what Python would have guessed, from the initial image instead of a drawn one. */
  #weightForPython({ image, initialImage }: Own): number {
    if (initialImage === null) return 1;
    const [optimized, reference] = [this.optimizedMetric, this.referenceMetric].map((metric) =>
      distanceOf(metric, image, initialImage).itemSync(),
    );
    return tradeoffWeight(optimized, reference, image.dtype) ?? 1;
  }

  protected async loadedValues(values: Values<typeof MAD_COMPETITION>, migrated: Migrated, checks: LoadChecks) {
    const mode = readConstrained(readMetadata(values.metadata), values.image.size, checks.file);
    if (this.constrained && mode === null) {
      throw new LoadError(
        `load: ${checks.file}: it was made in the weighted mode, and this object is constrained; make one with ` +
          `metricTradeoffLambda: ${values.metricTradeoffLambda}`,
      );
    }
    if (!this.constrained && mode !== null) {
      checks.fail(
        "it was made in the constrained mode, and this object is weighted: it would go on with another objective. Make one with " +
          "constrained: true",
        "that of this object",
      );
    }
    await checks.same("image", values.image, this.image, "that of the file");
    if (this.own.weight === null) {
      const words = (range: Range): string => JSON.stringify(range);
      checks.sameText(
        "allowedRange",
        words(mode?.allowedRange ?? null),
        words(this.allowedRange),
        "that of this object",
      );
    } else {
      const what = "weight of the reference metric (metricTradeoffLambda)";
      checks.sameNumber(what, values.metricTradeoffLambda, this.own.weight);
    }
    checks.sameNumber("penalty weight (penaltyLambda)", values.penaltyLambda, this.penaltyLambda);
    checks.sameText("minmax", values.minmax, this.own.minmax);
    const { image, synthesized, losses } = values;
    const metricCheck = (what: string, own: MetricFunction, saved: CallableCheck["saved"]): CallableCheck => ({
      what,
      saved: synthesized === null ? null : saved,
      own,
      inputs: METRIC_INPUTS,
      output: () => own(image, synthesized as Tensor),
    });
    await checkCallables(
      [
        metricCheck("optimized metric", this.optimizedMetric, values.optimizedMetric),
        metricCheck("reference metric", this.referenceMetric, values.referenceMetric),
        this.penaltyCheck(values, migrated),
      ],
      checks,
    );
    // Item i from after step i, or (later releases) from before it, with the first one twice.
    const from = migrated.recordsAfterSteps ? 0 : 1;
    const series = (saved: Float64Array): Float64Array =>
      Float64Array.from(losses, (_, i) => saved[i + from] ?? Number.NaN);
    const own: Own = {
      image,
      minmax: values.minmax,
      weight: this.constrained ? null : values.metricTradeoffLambda,
      going: this.constrained ? (mode?.snapshot ?? null) : null,
      initialImage: values.initialImage,
      referenceTarget: values.referenceMetricTarget,
    };
    const recorded = {
      optimizedMetricLoss: series(values.optimizedMetricLoss),
      referenceMetricLoss: series(values.referenceMetricLoss),
    };
    return { own, recorded };
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
      `${significant(values[0], 4)} at first, ${significant(values[numIter], 4)} after ${numIter} ${numIter === 1 ? "iteration" : "iterations"}`;
    const target = this.referenceMetricTarget ?? referenceMetricLoss[0];
    const drift = Math.abs(referenceMetricLoss[numIter] / target - 1);
    return {
      optimizedMetricLoss: course(optimizedMetricLoss),
      referenceMetricLoss: `${course(referenceMetricLoss)}: off by ${significant(100 * drift)} %`,
    };
  }
}
