// MetamerCTF: a metamer made from coarse to fine, as J. Portilla and E. P. Simoncelli (2000) make their textures. First only
// the coarsest scale of the representation is matched, then more and more, at last all of it.

import type { Source } from "@plenoptic-js/formats";
import type { DType, FloatDType, Tensor } from "@plenoptic-js/tensor";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { traceUser, ValidationError } from "../../validate/error.ts";
import { validateLoss } from "../../validate/scalar.ts";
import { type ScaledModel, validateCoarseToFine } from "../../validate/scales.ts";
import type { Objective } from "../frame/descent.ts";
import type { Drive } from "../frame/drive.ts";
import type { Histories } from "../frame/histories.ts";
import type { Course, SynthesisSummary } from "../frame/iterations.ts";
import { NonFiniteError } from "../frame/nonFinite.ts";
import { checkCount, checkNames, type SynthesizeOptions } from "../frame/synthesizeOptions.ts";
import { MetamerBase, type MetamerOptions, type MetamerOwn } from "../metamer.ts";
import { resumedDrive } from "../optimizerDrive.ts";
import type { OptimizerOptions } from "../runningSynthesis.ts";
import type { Label } from "../saving/dictionary/label.ts";
import { METAMER_CTF, type Values } from "../saving/dictionary/layouts.ts";
import type { Loaded } from "../saving/loaded.ts";
import { type LoadChecks, LoadError } from "../saving/loading/checks.ts";
import { loadWithModel } from "../saving/loading/loadWithModel.ts";
import type { LoadOptions } from "../saving/loading/options.ts";
import type { Migrated } from "../saving/old/migrate.ts";
import type { Described } from "../saving/runLog.ts";
import { refuseSurplus } from "../surplus.ts";
import {
  ALL,
  advanced,
  begunAt,
  type CoarseToFine,
  freshQueue,
  type ScaleQueue,
  scalesOf,
  stagesOf,
} from "./scaleQueue.ts";

export interface MetamerCTFOptions extends MetamerOptions {
  /**
   * Whether the scales that are finished stay in the objective ("together", the default), or each is matched on its own
   * ("separate") until all are matched at the end.
   */
  readonly coarseToFine?: CoarseToFine;
}

export interface CoarseToFineOptions extends SynthesizeOptions {
  /**
   * Go to the next scale when the loss of the present one has changed by less than this within the window below. Must be
   * larger than `stopCriterion`. null: every scale lasts as long as the window. Default 1e-2.
   */
  readonly changeScaleCriterion?: number | null;
  /** Length of that window, and the least length of a scale, in iterations; 1 or more. Default 50. */
  readonly ctfItersToCheck?: number;
}

interface Own extends MetamerOwn {
  readonly coarseToFine: CoarseToFine;
  /** All stages in order. */
  readonly stages: readonly Label[];
  readonly queue: ScaleQueue;
  /** Of a loaded synthesis: the learning rate to which every scale returns. */
  readonly initialLr: number | null;
}

type ScaleRules = Required<Pick<CoarseToFineOptions, "changeScaleCriterion" | "ctfItersToCheck">>;

/**
 * Synthesizes a metamer from coarse to fine. The model needs a list `scales`, coarse to fine, of texts and whole numbers, and
 * `forward(image, { scales })`, which gives the part of the representation that belongs to them; PortillaSimoncelli has both.
 *
 * The constructor checks everything and draws two images from the global generator, as Python does. Throws
 * RangeError, TypeError, DTypeError or ValidationError for what cannot be used.
 */
export class MetamerCTF extends MetamerBase<typeof METAMER_CTF, Own> {
  /**
   * @param image the target, usually [batch, channel, height, width] in [0, 1]
   * @param model an object with `scales` and `forward(image, { scales })`
   */
  constructor(image: Tensor, model: ScaledModel, options: MetamerCTFOptions = {}, ...surplus: readonly never[]) {
    refuseSurplus("MetamerCTF()", surplus, "image, model and one object of options");
    checkOptions("MetamerCTF()", options, ["lossFunction", "penaltyFunction", "penaltyLambda", "coarseToFine"]);
    const { coarseToFine = "together" } = options;
    if (coarseToFine !== "together" && coarseToFine !== "separate") {
      throw new RangeError(`MetamerCTF: coarseToFine is ${shown(coarseToFine)}; it must be "together" or "separate"`);
    }
    const own = (matched: MetamerOwn): Own => {
      const { shape, dtype } = matched.image;
      validateCoarseToFine(model, { imageShape: shape, imageDtype: dtype });
      const stages = stagesOf(labelsOf(model), coarseToFine);
      return { ...matched, coarseToFine, stages, queue: freshQueue(stages), initialLr: null };
    };
    super("MetamerCTF", METAMER_CTF, image, model, options, own, ["scalesLoss"]);
    this.#checkLosses(this.own);
  }

  /** As `Metamer.load`: the file has the model for each scale. */
  static async load(source: Source, options: LoadOptions = {}): Promise<MetamerCTF> {
    return loadWithModel(
      "MetamerCTF",
      METAMER_CTF,
      source,
      options,
      (values, given) => {
        const { image, penaltyLambda, coarseToFine } = values;
        const [lossFunction, penaltyFunction] = [given("lossFunction"), given("penaltyFunction")];
        const all = { lossFunction, penaltyFunction, penaltyLambda, coarseToFine };
        return new MetamerCTF(image, given("model") as ScaledModel, all);
      },
      (made, file) => made.loadFile(file, options),
    );
  }

  /** A loss that fits the whole representation need not fit its parts. */
  #checkLosses(own: Own): void {
    const { shape, dtype } = this.image;
    for (let stage = 0; stage < own.stages.length - 1; stage++) {
      const scales = (scalesOf(own.stages, stage, own.coarseToFine) ?? []).join(", ");
      const { output } = traceUser("the model", (x) => this.#represent(own, x, stage), [{ shape, dtype }]);
      if (output.shape.includes(0)) {
        throw new ValidationError(`MetamerCTF: the model gives nothing for the scales [${scales}]`);
      }
      try {
        validateLoss(this.lossFunction, output, output, dtype);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new ValidationError(
          `MetamerCTF: the loss must fit the parts of the representation too; for the scales [${scales}]: ${message}`,
          { cause },
        );
      }
    }
  }

  #represent({ stages, coarseToFine }: Own, image: Tensor, stage: number): Tensor {
    return this.representPart(image, scalesOf(stages, stage, coarseToFine));
  }

  protected override get parts(): readonly (readonly Label[] | null)[] {
    const { stages, coarseToFine } = this.own;
    return stages.map((_, stage) => scalesOf(stages, stage, coarseToFine));
  }

  get coarseToFine(): CoarseToFine {
    return this.own.coarseToFine;
  }

  /** The scales still to do, the present one first; the last is "all". */
  get scales(): readonly Label[] {
    return [...this.own.queue.scales];
  }

  /** The scales that are finished, in order. */
  get scalesFinished(): readonly Label[] {
    return [...this.own.queue.finished];
  }

  /** For each scale its first iteration, and its last one when it is finished. Empty lists for those not begun. */
  get scalesTiming(): ReadonlyMap<Label, readonly number[]> {
    return new Map([...this.own.queue.timing].map(([label, times]) => [label, [...times]]));
  }

  /** What was descended at the start of each iteration: the loss of the scales in use, penalty included: numIter values. */
  get scalesLoss(): Float64Array {
    return this.histories.of("scalesLoss").toArray();
  }

  /**
   * Runs iterations, from scale to scale. May be called again to go on: two calls of 5 iterations give the bits of one call of
   * 10. The stop rules hold when the whole representation has been matched for more than `ctfItersToCheck` iterations. At each
   * new scale the learning rate becomes the first one again; the optimizer keeps what it remembers.
   *
   * Rejects as `Metamer.synthesize` does.
   */
  async synthesize(options: CoarseToFineOptions = {}): Promise<SynthesisSummary> {
    checkNames(options, ["changeScaleCriterion", "ctfItersToCheck"]);
    const { changeScaleCriterion = 1e-2, ctfItersToCheck = 50 } = options;
    checkCount("ctfItersToCheck", ctfItersToCheck, 1);
    if (changeScaleCriterion !== null) {
      if (!(typeof changeScaleCriterion === "number" && changeScaleCriterion > 0)) {
        throw new RangeError(
          `synthesize: changeScaleCriterion is ${shown(changeScaleCriterion)}; it must be a number above 0, or null`,
        );
      }
      const { stopCriterion: stop = (options.stopRtol ?? null) === null ? 1e-4 : null } = options;
      if (stop !== null && stop >= changeScaleCriterion) {
        throw new RangeError(
          `synthesize: stopCriterion is ${stop} and changeScaleCriterion ${changeScaleCriterion}; the first must be smaller, ` +
            "or the synthesis would stop before it has gone through the scales",
        );
      }
    }
    const rules = { changeScaleCriterion, ctfItersToCheck };
    const summary = await this.run(options, rules, (drive) => this.#course(drive, rules));
    const [present, ...others] = this.own.queue.scales;
    if (others.length === 0 || summary.iterations === 0) return summary;
    const left = `not all scales are matched yet: ${present} was at work, ${others.join(", ")} not begun`;
    return { ...summary, stopText: `${summary.stopText}; ${left}` };
  }

  /** Where all scales began to be matched together. */
  protected override get settlesFrom(): number {
    const { queue } = this.own;
    return queue.scales.length === 1 ? begunAt(queue) : Number.POSITIVE_INFINITY;
  }

  protected override get scalesLeft(): readonly string[] {
    return this.own.queue.scales.slice(0, -1).map(String);
  }

  #course({ descent }: Drive, { changeScaleCriterion, ctfItersToCheck }: ScaleRules): Course {
    const losses = this.histories.of("scalesLoss");
    const settled = (): boolean =>
      changeScaleCriterion === null ||
      Math.abs(losses.at(losses.length - 1) - losses.at(losses.length - ctfItersToCheck)) < changeScaleCriterion;
    const last = this.own.stages.length - 1;
    return {
      next: (iterations) => {
        const { queue } = this.own;
        const lasted = iterations - begunAt(queue);
        const changes = queue.scales.length > 1 && lasted >= ctfItersToCheck && settled();
        const now = changes ? advanced(queue, iterations) : queue;
        const stage = now.finished.length;
        // The whole objective of the image before the step.
        const overall = stage === last ? null : descent.terms.loss;
        if (overall !== null && !Number.isFinite(overall)) throw new NonFiniteError(`the loss is ${overall}`);
        return {
          stage,
          restartsRate: changes,
          done: (numbers) => {
            this.own = { ...this.own, queue: now };
            const { loss } = numbers;
            return { numbers: { ...numbers, loss: overall ?? loss, recorded: { scalesLoss: loss } }, descended: loss };
          },
        };
      },
      countsFrom: () => {
        const { queue } = this.own;
        const begun = begunAt(queue);
        // The iteration just done counts, not those of this call alone: a resumed run needs no more of them.
        const isLong = queue.scales.length === 1 && this.numIter - 1 - begun > ctfItersToCheck;
        return isLong ? begun : Number.POSITIVE_INFINITY;
      },
    };
  }

  protected objective(own: Own): Objective {
    const terms = (x: Tensor, stage: number) =>
      this.withPenalty(this.lossFunction(this.#represent(own, x, stage), this.#represent(own, own.image, stage)), x);
    return { stages: own.stages.length, terms };
  }

  protected cast(own: Own, cast: <D extends DType>(x: Tensor<D>) => Tensor<FloatDType>): Own {
    return { ...own, ...this.castMatched(own, cast) };
  }

  protected override describe(own: Own): Pick<Described, "model" | "options"> {
    const { model, options } = super.describe(own);
    return { model, options: { ...options, coarseToFine: own.coarseToFine } };
  }

  protected override resumedDrive(own: Own, loaded: Loaded, given: Required<OptimizerOptions>): Drive {
    return resumedDrive(this.objective(own), loaded, given, own.initialLr);
  }

  protected async savedValues(own: Own, _present: unknown, histories: Histories): Promise<object> {
    const { queue, image, stages, coarseToFine } = own;
    const stage = queue.finished.length;
    const inUse = stage < stages.length - 1 && histories.length > begunAt(queue);
    const initialLr = this.drive?.initialLr ?? own.initialLr;
    return {
      ...this.matchedValues(own),
      scaleTarget: inUse ? this.#represent(own, image, stage) : null,
      scales: queue.scales,
      scalesTiming: queue.timing,
      scalesLoss: this.scalesLoss,
      scalesFinished: queue.finished,
      coarseToFine,
      initialLr: initialLr === null ? null : Float64Array.of(initialLr),
    };
  }

  protected async loadedValues(values: Values<typeof METAMER_CTF>, migrated: Migrated, checks: LoadChecks) {
    await this.checkCommon(values, checks);
    checks.sameText("coarseToFine", values.coarseToFine, this.coarseToFine);
    const queue = { scales: values.scales, finished: values.scalesFinished, timing: values.scalesTiming };
    const saved = [...queue.finished, ...queue.scales];
    const { coarseToFine } = values;
    const stages = stagesOf(labelsOf(this.model as ScaledModel), coarseToFine);
    if (saved.join() !== stages.join() || queue.scales.length === 0) {
      throw new LoadError(
        `load: ${checks.file}: its scales are ${saved.join(", ")}, those of this object ${stages.join(", ")}; make one with a ` +
          "model of the same scales",
      );
    }
    const matched = await this.checkMatched(values, migrated, checks);
    const own: Own = { ...matched, coarseToFine, stages, queue, initialLr: values.initialLr?.[0] ?? null };
    if (coarseToFine !== this.coarseToFine) this.#checkLosses(own);
    return { own, recorded: { scalesLoss: values.scalesLoss } };
  }

  protected override lines(): Readonly<Record<string, string>> {
    return { ...super.lines(), coarseToFine: this.coarseToFine };
  }
}

function labelsOf({ scales }: ScaledModel): readonly Label[] {
  const isLabel = (label: unknown): label is Label =>
    typeof label === "string" || (Number.isSafeInteger(label) && (label as number) >= 0);
  const wrong = scales.find((label) => !isLabel(label) || label === ALL);
  if (wrong !== undefined) {
    throw new RangeError(
      `MetamerCTF: a scale of the model is ${shown(wrong)}; scales must be texts or whole numbers, and "all" is taken`,
    );
  }
  if (new Set(scales).size < scales.length) {
    throw new RangeError(`MetamerCTF: the model's scales are ${scales.join(", ")}; each must have a name of its own`);
  }
  return scales as readonly Label[];
}
