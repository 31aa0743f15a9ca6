// MADCompetition: an image on which two metrics disagree as much as can be.
// Z. Wang and E. P. Simoncelli, "Maximum differentiation (MAD) competition: a methodology for comparing computational models
// of perceptual quantities", Journal of Vision 8(12), 2008.

import { checkOptions, type DType, rand, randn, Tensor, tensor } from "@plenoptic-js/tensor";
import type { FloatDType } from "../../validate/error.ts";
import { type MetricFunction, validateMetric } from "../../validate/metric.ts";
import type { Objective, Terms } from "../frame/descent.ts";
import type { Histories } from "../frame/histories.ts";
import type { SynthesisSummary } from "../frame/iterations.ts";
import type { GetProgressOptions, Moment, Present } from "../frame/progress.ts";
import type { SynthesizeOptions } from "../frame/synthesizeOptions.ts";
import {
  type Beginning,
  IterativeSynthesis,
  nameOf,
  type OptimizerOptions,
  type Own as OwnImage,
  type PenaltyOptions,
} from "../iterativeSynthesis.ts";
import { MAD_COMPETITION, METRIC_INPUTS, type Values } from "../saving/dictionary/layouts.ts";
import { savedName } from "../saving/dictionary/names.ts";
import type { LoadChecks } from "../saving/loading/checks.ts";
import { type CallableCheck, checkCallables } from "../saving/loading/openSaved.ts";
import type { Migrated } from "../saving/old/migrate.ts";
import type { Described } from "../saving/runLog.ts";
import { tradeoffWeight } from "./tradeoff.ts";

export type MinMax = "min" | "max";

export interface MADCompetitionOptions extends PenaltyOptions {
  /**
   * Weight of the squared change of the reference metric. Default: a power of ten near the ratio of the two metrics, for the
   * image and one of noise that is drawn from the global generator.
   */
  readonly metricTradeoffLambda?: number | null;
}

export interface MADSetupOptions extends OptimizerOptions {
  /** Standard deviation of the normal noise added to the image to start from; a tensor multiplies it pixel by pixel. Default 0.1. */
  readonly initialNoise?: number | Tensor | null;
  /** The image to start from, instead of the noisy one. */
  readonly initialImage?: Tensor | null;
}

/** What is known of one moment of a MAD competition. */
export interface MADProgress extends Omit<Moment, "recorded"> {
  readonly optimizedMetricLoss: number;
  readonly referenceMetricLoss: number;
  /** The stored image chosen for this iteration; only when images are stored. */
  readonly savedMadImage?: Tensor<FloatDType>;
  /** The iteration at which that image was stored. */
  readonly storeProgressIteration?: number;
}

/** SHA-256 of the graphs of what a MAD competition was made with. */
export interface MADFingerprints {
  readonly optimizedMetric: string;
  readonly referenceMetric: string;
  readonly penaltyFunction: string;
}

interface Own extends OwnImage {
  readonly minmax: MinMax;
  readonly weight: number;
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
 * penaltyLambda * penaltyFunction(madImage)`, plus for "min" and minus for "max".
 *
 * The constructor checks everything and draws 42 images from the global generator, and one more for a default weight, as
 * Python does. Throws RangeError, TypeError, DTypeError or ValidationError for what cannot be used.
 */
export class MADCompetition extends IterativeSynthesis<typeof MAD_COMPETITION, Own> {
  readonly optimizedMetric: MetricFunction;
  readonly referenceMetric: MetricFunction;
  readonly fingerprints: MADFingerprints;

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
  ) {
    checkOptions("MADCompetition()", options, ["metricTradeoffLambda", "penaltyFunction", "penaltyLambda"]);
    const { metricTradeoffLambda = null } = options;
    let prints = { optimizedMetric: "", referenceMetric: "" };
    const own = (checked: Tensor<FloatDType>): Own => {
      const { shape, dtype } = checked;
      const about = { imageShape: shape, imageDtype: dtype };
      prints = {
        optimizedMetric: validateMetric(optimizedMetric, about).fingerprint,
        referenceMetric: validateMetric(referenceMetric, about).fingerprint,
      };
      if (minmax !== "min" && minmax !== "max") {
        throw new RangeError(`MADCompetition: minmax is ${JSON.stringify(minmax)}; it must be "min" or "max"`);
      }
      const weight =
        metricTradeoffLambda ?? tradeoffWeight(optimizedMetric, referenceMetric, checked, rand(shape, { dtype }));
      if (!(typeof weight === "number" && weight >= 0 && weight < Infinity)) {
        throw new RangeError(
          `MADCompetition: metricTradeoffLambda is ${String(weight)}; it must be a finite number, 0 or more, or null`,
        );
      }
      return { image: checked, minmax, weight, initialImage: null, referenceTarget: null };
    };
    super("MADCompetition", MAD_COMPETITION, image, options, own, SERIES);
    this.optimizedMetric = optimizedMetric;
    this.referenceMetric = referenceMetric;
    this.fingerprints = Object.freeze({ ...prints, penaltyFunction: this.penaltyFingerprint });
  }

  get minmax(): MinMax {
    return this.own.minmax;
  }

  get metricTradeoffLambda(): number {
    return this.own.weight;
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
   * defaults. Draws the noise, if it is to be drawn, before it returns. The noisy image is not clipped to any range.
   *
   * After load() the image is there, and optimizer and scheduler go on as they were saved.
   */
  async setup(options: MADSetupOptions = {}): Promise<void> {
    this.begin(options, ["initialNoise", "initialImage"], () => this.#begin(options));
  }

  #begin({ initialNoise = null, initialImage = null }: MADSetupOptions): Beginning<Own> {
    const { image } = this;
    let start: Tensor<FloatDType>;
    if (initialImage !== null) {
      if (initialNoise !== null) throw new RangeError("MADCompetition: give initialNoise or initialImage, not both");
      start = this.checkStart(initialImage).detach();
      if (start.shape.join() !== image.shape.join()) {
        throw new RangeError(
          `MADCompetition: the initial image is [${start.shape.join(", ")}]; it must be [${image.shape.join(", ")}], as the image`,
        );
      }
    } else {
      const noise = initialNoise ?? 0.1;
      this.#checkNoise(noise);
      const drawn = randn(image.shape, { dtype: image.dtype });
      start = image.add(drawn.mul(noise)).detach() as Tensor<FloatDType>;
    }
    start.dataSync();
    const referenceTarget = this.referenceMetric(image, start).itemSync();
    if (!Number.isFinite(referenceTarget)) {
      throw new RangeError(
        `MADCompetition: the reference metric is ${referenceTarget} for the initial image; it must be a number to be kept`,
      );
    }
    const own = { ...this.own, initialImage: start, referenceTarget };
    const said = typeof initialNoise === "number" || initialNoise === null ? { initialNoise: initialNoise ?? 0.1 } : {};
    const isDrawn = initialImage === null && !(typeof initialNoise === "object" && initialNoise !== null);
    return { start, own, options: isDrawn ? said : {}, arrays: { initialImage: isDrawn ? null : start } };
  }

  /** Before anything is drawn. */
  #checkNoise(noise: number | Tensor): void {
    const { shape, dtype } = this.image;
    if (noise instanceof Tensor) {
      const ahead = shape.slice(shape.length - noise.ndim);
      const fits = noise.ndim <= shape.length && noise.shape.every((n, i) => n === 1 || n === ahead[i]);
      if (fits && noise.dtype === dtype) return;
      throw new RangeError(
        `MADCompetition: initialNoise is ${noise.dtype} [${noise.shape.join(", ")}]; it must be ${dtype} and broadcast to ` +
          `the image's [${shape.join(", ")}]`,
      );
    }
    if (!(typeof noise === "number" && noise > 0 && noise < Infinity)) {
      throw new RangeError(
        `MADCompetition: initialNoise is ${String(noise)}; it must be a finite number above 0, or a tensor`,
      );
    }
  }

  /**
   * Runs iterations of the optimizer. May be called again to go on: two calls of 5 iterations give the bits of one call
   * of 10. Pauses often enough for a page to stay smooth. Rejects as `Metamer.synthesize` does.
   */
  async synthesize(options: SynthesizeOptions = {}): Promise<SynthesisSummary> {
    return this.run(options);
  }

  /**
   * The objective of an image, a tensor with one number: the very number that is recorded in `losses`. Before setup()
   * there is no image to default to, and the result is empty.
   */
  objectiveFunction(madImage: Tensor = this.madImage, image: Tensor<FloatDType> = this.image): Tensor {
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
    const gap = reference.neg().add(referenceTarget ?? 0);
    const signed = minmax === "min" ? optimized : optimized.neg();
    const terms = this.withPenalty(signed.add(gap.square().mul(weight)), x);
    return { ...terms, recorded: { optimizedMetricLoss: optimized, referenceMetricLoss: reference } };
  }

  protected objective(own: Own): Objective {
    return { stages: 1, terms: (x) => this.#terms(own, x) };
  }

  protected cast(own: Own, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): Own {
    const image = cast(own.image);
    // Refused here where a metric cannot follow.
    for (const metric of [this.optimizedMetric, this.referenceMetric]) metric(image, image);
    return { ...own, image, initialImage: own.initialImage === null ? null : cast(own.initialImage) };
  }

  protected describe({ minmax, weight }: Own): Pick<Described, "model" | "options"> {
    const { optimizedMetric, referenceMetric, penaltyFunction } = this.fingerprints;
    return {
      model: null,
      options: {
        optimizedMetric: { fingerprint: optimizedMetric },
        referenceMetric: { fingerprint: referenceMetric },
        minmax,
        metricTradeoffLambda: weight,
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
      output: metric(image, other),
    });
    return {
      optimizedMetricLoss: series("optimizedMetricLoss"),
      referenceMetricLoss: series("referenceMetricLoss"),
      initialImage,
      referenceMetricTarget: referenceTarget,
      metricTradeoffLambda: weight,
      minmax,
      optimizedMetric: callable(this.optimizedMetric),
      referenceMetric: callable(this.referenceMetric),
    };
  }

  protected async loadedValues(values: Values<typeof MAD_COMPETITION>, migrated: Migrated, checks: LoadChecks) {
    await checks.same("image", values.image, this.image, "that of the file");
    checks.sameNumber(
      "weight of the reference metric (metricTradeoffLambda)",
      values.metricTradeoffLambda,
      this.own.weight,
    );
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
      weight: values.metricTradeoffLambda,
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
      metricTradeoffLambda: String(this.metricTradeoffLambda),
    };
  }
}
