// Metamer: another image with the same representation under a model (spec/synthesis.md, sections 4 and 5).
// J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of complex wavelet
// coefficients", 2000; J. Freeman and E. P. Simoncelli, "Metamers of the ventral stream", 2011.

import { checkOptions, type DType, DTypeError, optim, type Tensor, tensor } from "@plenoptic-js/tensor";
import { writeFileAtomic } from "../files/atomic.ts";
import { readPt, writePt } from "../files/pt/index.ts";
import { readSource, type Source } from "../files/source.ts";
import { mse } from "../loss/index.ts";
import { type ModelFunction, type ModelLike, modelFunction } from "../models/model.ts";
import { penalizeRange } from "../regularize/index.ts";
import type { FloatDType } from "../validate/error.ts";
import { validateInput } from "../validate/input.ts";
import { validateModel } from "../validate/model.ts";
import { type LossFunction, type PenaltyFunction, validateLoss, validatePenalty } from "../validate/scalar.ts";
import { UserWarning, warn } from "../warnings.ts";
import type { Terms } from "./descent.ts";
import { type GetProgressOptions, type Moment, momentAt, type Present } from "./progress.ts";
import { LoadChecks } from "./saving/checks.ts";
import { castSnapshot, type Loaded, loadedMetamer, saveDrive } from "./saving/loaded.ts";
import { checkMetamer } from "./saving/loadMetamer.ts";
import { IMAGE_INPUT, LOSS_INPUTS, writeMetamer } from "./saving/metamerFile.ts";
import { savedName } from "./saving/names.ts";
import { noState } from "./saving/optimizerState.ts";
import { checkLoadOptions, type LoadOptions } from "./saving/options.ts";
import { resume } from "./saving/resume.ts";
import { RunLog } from "./saving/runLog.ts";
import { startDescent } from "./startDescent.ts";
import { uniformStart } from "./startImage.ts";
import {
  checkSynthesizeOptions,
  Drive,
  Histories,
  historiesOf,
  runIterations,
  type SynthesisSummary,
  type SynthesizeOptions,
} from "./synthesize.ts";

export interface MetamerOptions {
  /** Distance of a representation (first argument) from the target's (second). Default `loss.mse`. */
  readonly lossFunction?: LossFunction;
  /** Penalty on the image itself. Default `regularize.penalizeRange`: values outside [0, 1]. */
  readonly penaltyFunction?: PenaltyFunction;
  /** Weight of the penalty, 0 or more. Default 0.1. */
  readonly penaltyLambda?: number;
}

export interface MetamerSetupOptions {
  /** The image to start from. Default: uniform noise, drawn from the global generator and stretched to [0, 1]. */
  readonly initialImage?: Tensor | null;
  /** Default: Adam with lr 0.01 and amsgrad. */
  readonly optimizer?: optim.Optimizer | null;
  /** Changes the learning rate after every iteration. Default: none. */
  readonly scheduler?: optim.Scheduler | null;
}

/** What is known of one moment of a synthesis. */
export interface MetamerProgress extends Moment {
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

/**
 * Synthesizes an image that a model cannot tell from a given one, by descending the objective
 * `lossFunction(model(metamer), model(image)) + penaltyLambda * penaltyFunction(metamer)`.
 *
 * The constructor checks everything and draws one image from the global generator, as Python does. Throws
 * RangeError, TypeError, DTypeError or ValidationError for what cannot be used.
 */
export class Metamer {
  readonly model: ModelLike;
  readonly lossFunction: LossFunction;
  readonly penaltyFunction: PenaltyFunction;
  readonly fingerprints: MetamerFingerprints;
  readonly #forward: ModelFunction;
  readonly #log: RunLog;
  #image: Tensor<FloatDType>;
  #penaltyLambda: number;
  #target: Tensor;
  #histories = new Histories();
  #drive: Drive | null = null;
  /** What was loaded, until setup(). */
  #loaded: Loaded | null = null;
  #busy = false;

  /**
   * @param image the target, usually [batch, channel, height, width] in [0, 1]; float64 gives the most precise results
   * @param model a function from an image to a representation, or an object with `forward`
   */
  constructor(image: Tensor, model: ModelLike, options: MetamerOptions = {}) {
    checkOptions("Metamer()", options, ["lossFunction", "penaltyFunction", "penaltyLambda"]);
    const { lossFunction = mse, penaltyFunction = penalizeRange, penaltyLambda = 0.1 } = options;
    if (!(penaltyLambda >= 0 && penaltyLambda < Infinity)) {
      throw new RangeError(`Metamer: penaltyLambda is ${String(penaltyLambda)}; it must be a finite number, 0 or more`);
    }
    this.#log = new RunLog();
    const target = validateInput(image);
    const { shape, dtype } = target;
    const traced = validateModel(model, { imageShape: shape, imageDtype: dtype });
    const penalty = validatePenalty(penaltyFunction, { imageShape: shape, imageDtype: dtype });
    const loss = validateLoss(lossFunction, traced.output, traced.output, dtype);
    this.#image = target.detach();
    this.model = model;
    this.lossFunction = lossFunction;
    this.penaltyFunction = penaltyFunction;
    this.#penaltyLambda = penaltyLambda;
    this.#forward = modelFunction(model);
    this.#target = this.#forward(this.#image);
    this.fingerprints = Object.freeze({
      model: traced.fingerprint,
      lossFunction: loss.fingerprint,
      penaltyFunction: penalty.fingerprint,
    });
  }

  /** The target. */
  get image(): Tensor<FloatDType> {
    return this.#image;
  }

  get penaltyLambda(): number {
    return this.#penaltyLambda;
  }

  /** The representation to be matched: model(image). */
  get targetRepresentation(): Tensor {
    return this.#target;
  }

  /**
   * Chooses the starting image and the optimizer. Called once at most, before synthesize(), which otherwise does it with
   * defaults. Draws the starting image, if it is to be drawn, before it returns.
   *
   * After load() the image is there, and optimizer and scheduler go on as they were saved: what is given here must be of
   * their kinds, and its options give way to the saved ones.
   */
  async setup(options: MetamerSetupOptions = {}): Promise<void> {
    if (this.#drive !== null) {
      throw new RangeError(
        "Metamer: setup() may be called once, before synthesize(); make a new Metamer to start anew",
      );
    }
    checkOptions("setup()", options, ["initialImage", "optimizer", "scheduler"]);
    const { optimizer = null, scheduler = null, initialImage = null } = options;
    if (optimizer !== null && optimizer.kind !== "formula" && optimizer.kind !== "lbfgs") {
      throw new TypeError("Metamer: the optimizer must be made by optim, for example optim.Adam({ lr: 0.01 })");
    }
    if (scheduler !== null && typeof scheduler.next !== "function") {
      throw new TypeError("Metamer: the scheduler must be made by optim, for example optim.StepLR({ stepSize: 100 })");
    }
    if (this.#loaded !== null) {
      if (initialImage !== null) {
        throw new RangeError(
          "Metamer: a loaded synthesis has its image; leave out initialImage, or make a new Metamer",
        );
      }
      const { optimizer: own, snapshot, ...going } = resume(this.#loaded.run, { optimizer, scheduler });
      const descent = startDescent(this.#loaded.image, own, this.#objective, snapshot);
      this.#drive = new Drive(descent, going.scheduler, going);
      this.#loaded = null;
      return;
    }
    const chosen = optim.scheduled(optimizer ?? optim.Adam({ lr: 0.01, amsgrad: true }), scheduler);
    const start = initialImage ? this.#checkStart(initialImage) : uniformStart(this.#image);
    this.#drive = new Drive(startDescent(start, chosen, this.#objective), scheduler);
    this.#log.setup(initialImage === null ? null : start, chosen, scheduler);
  }

  readonly #objective = (image: Tensor): Terms => this.#terms(image, this.#target);

  #checkStart(initialImage: Tensor): Tensor<FloatDType> {
    const start = validateInput(initialImage);
    const { shape, dtype } = this.image;
    if (start.dtype !== dtype) {
      throw new DTypeError(
        `Metamer: the initial image is ${start.dtype} and the image ${dtype}; use initialImage.cast("${dtype}")`,
      );
    }
    if (start.shape.length !== shape.length || start.shape.some((n, i) => n !== shape[i])) {
      warn(
        new UserWarning(
          "initial-image-shape",
          `Metamer: the initial image is [${start.shape.join(", ")}] and the image [${shape.join(", ")}]`,
        ),
      );
    }
    return start;
  }

  /**
   * Runs iterations of the optimizer. May be called again to go on: two calls of 5 iterations give the bits of one call
   * of 10. Pauses often enough for a page to stay smooth.
   *
   * Rejects with the signal's reason when `signal` aborts, and with NonFiniteError when the loss or its gradient is
   * no longer finite; the metamer and its histories then are those of the last complete iteration.
   */
  async synthesize(options: SynthesizeOptions = {}): Promise<SynthesisSummary> {
    if (this.#busy) throw new RangeError("Metamer: synthesize() is running already; await it before calling it again");
    const checked = checkSynthesizeOptions(options, this.#histories);
    checked.signal?.throwIfAborted();
    this.#busy = true;
    try {
      if (this.#drive === null) await this.setup();
      const summary = await runIterations(this.#drive as unknown as Drive, this.#histories, checked);
      this.#log.synthesize(checked, summary.iterations);
      return summary;
    } finally {
      this.#busy = false;
    }
  }

  #terms(image: Tensor, target: Tensor): Terms {
    const penalty = this.penaltyFunction(image).reshape([]);
    const loss = this.lossFunction(this.#forward(image), target).reshape([]).add(penalty.mul(this.penaltyLambda));
    return { loss, penalty };
  }

  /**
   * The objective of an image, a tensor with one number: the very number that is recorded in `losses`. Before setup()
   * there is no image to default to, and the result is empty.
   */
  objectiveFunction(metamer: Tensor = this.metamer, targetRepresentation: Tensor = this.targetRepresentation): Tensor {
    return metamer.size === 0 ? metamer : this.#terms(metamer, targetRepresentation).loss;
  }

  /** The synthesized image as it is now; an empty tensor before setup(). */
  get metamer(): Tensor<FloatDType> {
    return this.#present?.image ?? tensor([], { dtype: this.#image.dtype });
  }

  /** Image and terms as they are now; null before setup(). */
  get #present(): Present | null {
    return this.#drive?.descent ?? this.#loaded;
  }

  /** The stored images, oldest first, and the current one: [stored + 1, ...metamer.shape]. Empty before setup(). */
  get savedMetamer(): Tensor<FloatDType> {
    const present = this.#present;
    return present === null ? this.metamer : this.#histories.images.stacked(present.image);
  }

  /** Objective at the start of each iteration, penalty included, and that of the current image last: numIter + 1 values. */
  get losses(): Float64Array {
    const present = this.#present;
    return present === null ? new Float64Array(0) : this.#histories.losses.toArray(present.terms.loss);
  }

  /** Penalty, without its weight, of the same images as `losses`. */
  get penalties(): Float64Array {
    const present = this.#present;
    return present === null ? new Float64Array(0) : this.#histories.penalties.toArray(present.terms.penalty);
  }

  /** Norm of the gradient of the objective at the start of each iteration: numIter values. */
  get gradientNorm(): Float64Array {
    return this.#histories.gradientNorm.toArray();
  }

  /** Norm of the change that each iteration made to the image: numIter values. */
  get pixelChangeNorm(): Float64Array {
    return this.#histories.pixelChangeNorm.toArray();
  }

  /** Learning rate of each iteration: numIter values. */
  get learningRates(): Float64Array {
    return this.#histories.learningRates.toArray();
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
    return this.#drive?.descent.optimizer ?? null;
  }

  /** null before setup(), and where there is none. */
  get scheduler(): optim.Scheduler | null {
    return this.#drive?.scheduler ?? null;
  }

  /**
   * What is known of one iteration: its entries of the histories, and the stored image nearest to it.
   *
   * @param iteration from 0 to numIter; negative ones count from the end; null and -1 mean the current image
   */
  getProgress(iteration: number | null, options: GetProgressOptions = {}): MetamerProgress {
    const { moment, stored } = momentAt(this.#present, this.#histories, iteration, options);
    if (stored === null) return moment;
    return { ...moment, savedMetamer: stored.image, storeProgressIteration: stored.iteration };
  }

  /**
   * Writes all of it to a .pt file, from which it can go on to the same bits, here or in Python's plenoptic: `load` on an
   * object made with the same arguments. Nothing is there, or the whole file.
   */
  async save(path: string): Promise<void> {
    await writeFileAtomic(path, await this.toBytes());
  }

  /** The bytes of the file that save() writes. */
  async toBytes(): Promise<Uint8Array> {
    const histories = this.#histories;
    const loaded = this.#loaded;
    const present = this.#present;
    const { lossFunction, penaltyFunction, model } = this;
    const dict = await writeMetamer({
      metadata: await this.#log.metadata("plenoptic.Metamer", this),
      loaded: loaded !== null,
      losses: histories.losses.toArray(),
      penalties: histories.penalties.toArray(),
      gradientNorm: histories.gradientNorm.toArray(),
      pixelChangeNorm: histories.pixelChangeNorm.toArray(),
      every: histories.every,
      currentLoss: present?.terms.loss ?? null,
      currentPenalty: present?.terms.penalty ?? null,
      penaltyLambda: this.#penaltyLambda,
      image: this.#image,
      target: this.#target,
      stepTakesLoss: this.scheduler?.takesLoss === true || loaded?.stepTakesLoss === true,
      savedMetamer: histories.images.all(),
      metamer: present?.image ?? null,
      lossFunction: {
        name: savedName(lossFunction),
        inputs: LOSS_INPUTS,
        output: lossFunction(this.#target, this.#target.mul(2)),
      },
      penaltyFunction: { name: savedName(penaltyFunction), inputs: IMAGE_INPUT, output: penaltyFunction(this.#image) },
      model: { name: savedName(model), inputs: IMAGE_INPUT, output: this.#forward(this.#image) },
      ...(this.#drive === null
        ? {
            optimizer: loaded === null ? noState() : loaded.run.optimizer.raw,
            scheduler: loaded === null ? noState() : loaded.run.scheduler.raw,
          }
        : saveDrive(this.#drive)),
    });
    return writePt(dict);
  }

  /**
   * Loads what save() wrote, here or in any release of Python's plenoptic, into this object, which must be made with the same
   * arguments and not be set up. Everything is checked first; where load() rejects, the object is as it was.
   *
   * The checks are Python's: image and penalty weight are equal, and model, loss and penalty give what they gave when the file
   * was written.
   *
   * @throws LoadError for a file of something else, FileError for one that cannot be read
   */
  async load(source: Source, options: LoadOptions = {}): Promise<void> {
    const { raise, tolerance } = checkLoadOptions(options, this.#image.dtype);
    this.#refuseUnlessFresh();
    const { bytes, name } = await readSource(source);
    const checks = new LoadChecks(name, raise, tolerance);
    const own = {
      image: this.#image,
      model: this.model,
      forward: this.#forward,
      lossFunction: this.lossFunction,
      penaltyFunction: this.penaltyFunction,
      penaltyLambda: this.#penaltyLambda,
    };
    const saved = await checkMetamer(readPt(bytes, { name }).value, name, own, checks);
    const target = saved.target ?? this.#forward(saved.image);
    const loaded = saved.metamer === null ? null : loadedMetamer(saved, saved.metamer, this.#terms.bind(this), target);
    this.#refuseUnlessFresh();
    for (const warning of checks.warnings) warn(warning);
    this.#image = saved.image;
    this.#penaltyLambda = saved.penaltyLambda;
    this.#target = target;
    this.#histories = historiesOf({ ...saved, images: saved.savedMetamer });
    this.#loaded = loaded;
    this.#log.load(saved.migrated.dict.get("save_metadata"));
  }

  #refuseUnlessFresh(): void {
    if (this.#present === null && !this.#busy) return;
    throw new RangeError("Metamer: load() is for a new object; make one with the same arguments and load into that");
  }

  /**
   * Converts everything to another precision, in place, and goes on from there: images, the target representation, what the
   * optimizer remembers. Histories stay as they were recorded. If the model cannot follow, nothing is changed.
   */
  to(dtype: FloatDType): void {
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`Metamer: to(${JSON.stringify(dtype)}); it must be "float32" or "float64"`);
    }
    if (this.#busy) throw new RangeError("Metamer: synthesize() is running; await it before to()");
    const cast = <D extends DType>(x: Tensor<D>): Tensor<FloatDType> => x.cast(dtype).detach();
    const image = cast(this.#image);
    const target = this.#forward(image);
    target.dataSync();
    const histories = historiesOf({
      losses: this.#histories.losses.toArray(),
      penalties: this.#histories.penalties.toArray(),
      gradientNorm: this.#histories.gradientNorm.toArray(),
      pixelChangeNorm: this.#histories.pixelChangeNorm.toArray(),
      learningRates: this.#histories.learningRates.toArray(),
      every: this.#histories.every,
      images: this.#histories.images.all().map(cast),
    });
    let drive = this.#drive;
    if (drive !== null) {
      const { descent, scheduler } = drive;
      const objective = (x: Tensor): Terms => this.#terms(x, target);
      const start = cast(descent.image);
      drive = new Drive(
        startDescent(start, descent.optimizer, objective, castSnapshot(descent.snapshot(), dtype)),
        scheduler,
        drive,
      );
    }
    const loaded = this.#loaded;
    this.#loaded =
      loaded === null
        ? null
        : {
            ...loaded,
            image: cast(loaded.image),
            terms: loaded.terms,
            run: { ...loaded.run, layout: { ...loaded.run.layout, dtype } },
          };
    this.#image = image;
    this.#target = target;
    this.#histories = histories;
    this.#drive = drive;
    this.#log.to(dtype);
  }

  toString(): string {
    const lines = {
      image: `Tensor ${this.image.dtype} [${this.image.shape.join(", ")}]`,
      model: nameOf(this.model),
      lossFunction: nameOf(this.lossFunction),
      penaltyFunction: nameOf(this.penaltyFunction),
      penaltyLambda: String(this.penaltyLambda),
    };
    return ["Metamer", ...Object.entries(lines).map(([name, text]) => `  ${name}: ${text}`)].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Functions by their name, other things by their own text, indented. */
function nameOf(thing: object): string {
  if (typeof thing === "function") return thing.name === "" ? "(a function without a name)" : thing.name;
  const text = String(thing);
  const own = text === "[object Object]" ? ((thing as { name?: string }).name ?? "(a model without a name)") : text;
  return own.replaceAll("\n", "\n  ");
}
