// Eigendistortions: the changes of an image that a model sees most and least.
//
// A. Berardino, J. Ballé, V. Laparra and E. P. Simoncelli, "Eigen-distortions of hierarchical representations", 2017. For a
// model with Jacobian J and noise of equal size on all outputs, F = J^T J is the Fisher information: a small change v of the
// image is as visible as v . F v is large.

import type { Global } from "@plenoptic-js/formats";
import { type JsonObject, type Source, writeFileAtomic } from "@plenoptic-js/formats";
import { DTypeError, defaultGenerator, type FloatDType, type Tensor, type Trace, tensor } from "@plenoptic-js/tensor";
import {
  type ArrayValue,
  checkOptions,
  describe,
  fixSign,
  fromValue,
  heldValue,
  settled,
  shown,
} from "@plenoptic-js/tensor/engine";
import { torchState } from "../../drawnStart.ts";
import { refuseTooLargeImage } from "../../fitting.ts";
import { checkPath, checkSource } from "../../io/places.ts";
import { type ModelFunction, type ModelLike, modelFunction } from "../../models/model.ts";
import type { StoredModelSize } from "../../stored/form.ts";
import type { StoredFunctions } from "../../stored/write.ts";
import { checkInput } from "../../validate/input.ts";
import { validateModel } from "../../validate/model.ts";
import { warn } from "../../warnings.ts";
import { Rests } from "../frame/pause.ts";
import { EIGENDISTORTION } from "../saving/dictionary/layouts.ts";
import { recipeToSave } from "../saving/knownRecipe.ts";
import { loadWithModel } from "../saving/loading/loadWithModel.ts";
import { openSaved, readSavedFile, type SavedFile } from "../saving/loading/openSaved.ts";
import { checkLoadOptions, type LoadOptions } from "../saving/loading/options.ts";
import { checkSaveOptions, type SaveOptions } from "../saving/options.ts";
import { RunLog } from "../saving/runLog.ts";
import { keptModel, storedFor } from "../saving/storedFor.ts";
import { refuseSurplus } from "../surplus.ts";
import { following } from "../toPrecision.ts";
import { distanceOf } from "../verdict/groups.ts";
import { areOneButForRounding } from "../verdict/rounding.ts";
import {
  checkEigendistortion,
  type EigendistortionResults,
  eigendistortionBytes,
  shapeOfEach,
} from "./eigendistortionFile.ts";
import {
  checkEigendistortionSummary,
  type DistortionEffect,
  type EigendistortionSummaryOptions,
  type EigendistortionVerdict,
  gapsOf,
  pixelEffect,
  told,
} from "./eigendistortionVerdict.ts";
import { announceDecomposition, decompositionWords, exact, refuseLargeExact } from "./exact.ts";
import { jacobianOf, outputsOf, refuseTooLarge } from "./jacobian.ts";
import { krylov, refuseLargeBasis } from "./krylov.ts";
import { type Linearized, linearize, linearizeShape } from "./linearized.ts";
import { checkJacobianSize, checkNotTiny, refuseNonFinite } from "./nonFinite.ts";
import { type CheckedOptions, checkEigendistortionOptions, type EigendistortionOptions } from "./options.ts";
import { checkSmallest, power, warnOfResiduals } from "./power.ts";
import { Products } from "./products.ts";
import { randomizedSvd } from "./randomizedSvd.ts";
import { resultLines } from "./resultLines.ts";
import { type EigendistortionSummary, wordsFor } from "./summary.ts";
import { type EigendistortionProgress, Turn } from "./turn.ts";
import { norm } from "./vectors.ts";
import { groupsOf, measureOf, type Pairs, responseRounding, verdictOf } from "./verdict.ts";
import { fillsSpace, wholeSpace } from "./wholeSpace.ts";

/** SHA-256 of the graph of the model: equal ones compute the same. */
export interface EigendistortionFingerprints {
  readonly model: string;
}

/** Vectors that estimate the error of the randomized method. */
const PROBES = 20;

/**
 * Finds the changes of an image that a model sees most and least: eigenvectors of J^T J for the model's Jacobian J at the
 * image, with the largest and the smallest eigenvalues.
 *
 * The constructor checks everything and draws one image from the global generator, as Python does. Throws RangeError,
 * TypeError, DTypeError or ValidationError for what cannot be used.
 */
export class Eigendistortion {
  readonly model: ModelLike;
  readonly #traced: Trace;
  readonly #forward: ModelFunction;
  readonly #log = new RunLog();
  #image: Tensor<FloatDType>;
  #at: Linearized;
  #products: Products;
  #jacobian: Tensor<FloatDType> | null = null;
  #results: EigendistortionResults | null = null;
  #summary: EigendistortionSummary | null = null;
  #loaded = false;
  #busy = false;
  #loading = false;

  /**
   * @param image one image: [1, channel, height, width], [height, width], or any shape whose first axis is 1; a vector [n] too
   * @param model a function from an image to a representation of any shape, or an object with `forward`
   */
  constructor(image: Tensor, model: ModelLike, ...surplus: readonly never[]) {
    refuseSurplus("Eigendistortion()", surplus, "image and model; options such as k and method go to synthesize()");
    // Of two axes the first is the height, not a batch.
    const noBatch = image?.ndim !== 2;
    const fits = (given: Tensor<FloatDType>): void =>
      refuseTooLargeImage(given, (like) => new Products(linearizeShape(modelFunction(model), like)).leastPlan());
    const checked = checkInput("Eigendistortion: the image", image, { noBatch, fits });
    const { shape, dtype } = checked;
    this.#traced = validateModel(model, { imageShape: shape, imageDtype: dtype });
    this.model = model;
    this.#forward = modelFunction(model);
    this.#image = checked.detach();
    this.#at = linearize(this.#forward, this.#image);
    this.#products = new Products(this.#at);
    this.#log.made(this.#image);
  }

  get fingerprints(): EigendistortionFingerprints {
    return Object.freeze({ model: this.#traced.fingerprint });
  }

  /** The image. */
  get image(): Tensor<FloatDType> {
    return this.#image;
  }

  /** The image as a column of its n pixels in C order, [n, 1]. */
  get imageFlat(): Tensor<FloatDType> {
    return this.#image.reshape([-1, 1]);
  }

  /** The model's output as a column of its m numbers in C order, [m, 1]. */
  get representationFlat(): Tensor {
    return this.#at.output.reshape([-1, 1]);
  }

  /** J, [m, n], if it has been computed: by computeJacobian() or the method "exact". Else null. */
  get jacobian(): Tensor<FloatDType> | null {
    return this.#jacobian;
  }

  /**
   * Unit vectors, [count, ...the image's shape without its first axis] (of a vector, or of an image of two axes other than
   * [1, n], the whole shape): the largest eigenvalues' first. The entry of largest size of each is positive. null before
   * synthesize().
   */
  get eigendistortions(): Tensor<FloatDType> | null {
    return this.#results?.eigendistortions ?? null;
  }

  /** [count], decreasing, never negative. null before synthesize(). */
  get eigenvalues(): Tensor<FloatDType> | null {
    return this.#results?.eigenvalues ?? null;
  }

  /** [count]: the place of each among all n, 0 for the largest, n - 1 for the smallest. null before synthesize(). */
  get eigenindex(): Tensor<"int32"> | null {
    return this.#results?.eigenindex ?? null;
  }

  /** What the last synthesize() returned; null before, and of results that Python has saved. */
  get search(): EigendistortionSummary | null {
    return this.#summary;
  }

  /**
   * Whether it worked: what the search says of its result, how far neighbours are apart, and how much each eigendistortion changes image
   * and response at a strength. `text` says it in plain words, and its first line is the verdict. The model is evaluated once for each.
   *
   * @throws RangeError before synthesize()
   */
  async summary(options: EigendistortionSummaryOptions = {}): Promise<EigendistortionVerdict> {
    const { strength, signal } = checkEigendistortionSummary(options);
    const results = this.#results;
    const search = this.#summary;
    const image = this.#image;
    if (results === null) {
      throw new RangeError("Eigendistortion: summary() has nothing to judge yet; call synthesize() first");
    }
    const eigenvalues = search?.eigenvalues ?? (await results.eigenvalues.data());
    const eigenindex = await results.eigenindex.data();
    const [output] = await settled([this.#at.output]);
    const base = heldValue(output);
    const all = await results.eigendistortions.data();
    const pixels = await image.data();
    const rests = new Rests();
    const effects: DistortionEffect[] = [];
    for (let i = 0; i < eigenindex.length; i++) {
      await rests.rest();
      signal?.throwIfAborted();
      const distortion = all.subarray(i * image.size, (i + 1) * image.size);
      const changed = await this.#seen(pixels.map((value, at) => value + strength * distortion[at]));
      effects.push({
        index: eigenindex[i],
        eigenvalue: eigenvalues[i],
        ...pixelEffect(pixels, distortion, strength),
        response: distanceOf(base, changed, base),
        isRounding: areOneButForRounding(changed, base, base),
        predicted: strength * Math.sqrt(Math.max(0, eigenvalues[i])),
      });
    }
    const largest = Math.max(...eigenvalues);
    const norms = { image: norm(Float64Array.from(pixels)), strength, response: distanceOf(base, base, null) };
    const about = {
      pixels: image.size,
      eigenvalueRounding: measureOf(largest, 0, image.size, image.dtype).rounding,
      responseRounding: responseRounding(image.dtype, Math.sqrt(largest), norms),
    };
    const verdict = {
      verdict: search === null ? "not known" : search.converged ? "converged" : "not converged",
      search,
      gaps: gapsOf(eigenvalues, eigenindex),
      strength,
      effects,
    } as const;
    return told(verdict, about);
  }

  /** What the model gives for other pixels of the image. */
  async #seen(re: Float32Array | Float64Array): Promise<ArrayValue> {
    const { dtype, shape } = this.#image;
    const [output] = await settled([this.#forward(fromValue<FloatDType>({ dtype, shape, re }))]);
    return heldValue(output);
  }

  /** |F v - lambda v| of each eigendistortion; null before synthesize(), and of results that Python has saved. */
  get residuals(): Float64Array | null {
    return this.#summary?.residuals.slice() ?? null;
  }

  /** Eigenvalues that cannot be told apart; null before synthesize(), and of results that Python has saved. */
  get groups(): EigendistortionSummary["groups"] | null {
    return this.#summary?.groups ?? null;
  }

  /**
   * Finds eigendistortions, and replaces those found before. Draws what it needs from the global generator before it returns:
   * "krylov" n x 2k normal numbers, "power" two times n x k, "randomized_svd" n x (k + p) and n x 20 in float32, "exact" none.
   *
   * Rejects with the signal's reason when `signal` aborts, and with NonFiniteError when the representation or a derivative is not
   * finite, or leaves the range of its precision; the object then is as it was.
   */
  async synthesize(options: EigendistortionOptions = {}): Promise<EigendistortionSummary> {
    this.#refuseWhileBusy("synthesize()");
    const { dtype, shape, size: n } = this.#image;
    const checked = checkEigendistortionOptions(options, n, dtype);
    checked.signal?.throwIfAborted();
    this.#refuseTooLarge(checked);
    refuseNonFinite(this.#at);
    this.#busy = true;
    const before = this.#products.count;
    try {
      const state = torchState();
      const turn = new Turn(checked.signal, checked.onProgress);
      const finding = this.#find(checked, turn);
      // Everything is drawn by now.
      const draws = checked.method === "exact" ? null : { before: state, after: torchState() };
      const { pairs, largest, jacobian, ...more } = await finding;
      await turn.settle();
      checkNotTiny(this.#products.largest);
      const measure = measureOf(largest, checked.tolerance, n, dtype);
      for (const v of pairs.vectors) fixSign(v);
      const verdicts = pairs.values.map((value, i) => verdictOf(value, pairs.residuals[i], measure));
      const sizes = { pixels: n, outputs: outputsOf(this.#at) };
      const index = pairs.values.map((_, i) => (i < checked.top ? i : n - pairs.values.length + i));
      const groups = groupsOf(pairs, verdicts, index, measure, sizes);
      const flat = new Float64Array(pairs.values.length * n);
      pairs.vectors.forEach((v, i) => {
        flat.set(v, i * n);
      });
      this.#results = Object.freeze({
        eigendistortions: tensor(flat, { dtype, shape: [pairs.values.length, ...shapeOfEach(shape)] }),
        eigenvalues: tensor(Float64Array.from(pairs.values), { dtype, shape: [pairs.values.length] }),
        eigenindex: tensor(index, { dtype: "int32", shape: [index.length] }),
      });
      this.#jacobian = jacobian ?? this.#jacobian;
      this.#summary = Object.freeze({
        method: checked.method,
        products: this.#products.count - before,
        eigenvalues: Float64Array.from(pairs.values),
        residuals: Float64Array.from(pairs.residuals),
        verdicts,
        converged: !verdicts.includes("unresolved"),
        groups: Object.freeze(groups),
        words: wordsFor(pairs, groups, index, measure, sizes, checked.method),
        ...more,
      });
      const { method, k, p, q, maxIter, stopCriterion } = checked;
      const said = {
        krylov: { k, maxIter, stopCriterion },
        exact: { k: options.k ?? null },
        power: { k, maxIter, stopCriterion },
        randomized_svd: { k, p, q },
      };
      this.#log.call("synthesize", { method, ...said[method] }, {}, draws);
      return this.#summary;
    } finally {
      this.#busy = false;
    }
  }

  /** Before anything is computed. */
  #refuseTooLarge({ method, top, bottom, k, maxIter }: CheckedOptions): void {
    const { dtype, size } = this.#image;
    if (method === "exact") refuseTooLarge("synthesize", outputsOf(this.#at), size, dtype);
    else this.#products.checkFits();
    if (method === "krylov" && !fillsSpace(size, k, maxIter)) refuseLargeBasis(this.#image, top + bottom);
  }

  async #find(options: CheckedOptions, turn: Turn): Promise<Found> {
    const { method, top, bottom, k, p, q, maxIter, stopCriterion, tolerance } = options;
    const { dtype, size: n } = this.#image;
    const m = outputsOf(this.#at);
    const products = this.#products;
    // Everything is drawn before the first await.
    switch (method) {
      case "krylov": {
        const start = draw(n, top + bottom, "float64");
        const task = { products, n, m, dtype, start, tolerance, maxIter, turn };
        return withLargest(await (fillsSpace(n, k, maxIter) ? wholeSpace : krylov)(task, top, bottom));
      }
      case "exact": {
        refuseLargeExact(m, n, top + bottom);
        if (this.#jacobian !== null) announceDecomposition(m, n);
        const jacobian = this.#jacobian ?? (await jacobianOf(this.#at, turn, decompositionWords(m, n)));
        const data = await jacobian.cast("float64").data();
        checkJacobianSize(data);
        return { ...withLargest(await exact({ rows: m, columns: n, data }, dtype, top, bottom, turn)), jacobian };
      }
      case "power": {
        const high = draw(n, k, dtype);
        const low = draw(n, k, dtype).slice(0, bottom);
        const task = { products, maxIter, stopCriterion, turn };
        const { pairs, iterations } = await power(task, high, low);
        const found = withLargest(pairs);
        const measure = measureOf(found.largest, tolerance, n, dtype);
        const missed = bottom > 0 && (await checkSmallest(task, pairs, measure, low[0]));
        if (!missed) warnOfResiduals(pairs, measure);
        return { ...found, iterations };
      }
      case "randomized_svd": {
        const range = draw(n, k + p, "float32");
        const probes = draw(n, PROBES, "float32");
        const { pairs, error } = await randomizedSvd({ products, k, q, range, probes, turn });
        return { ...withLargest(pairs), error };
      }
    }
  }

  /**
   * The Jacobian J of the model at the image, [m, n]: outputs and pixels in C order; of complex outputs the real and the
   * imaginary part of each in turn. It takes a gradient for each output, and is computed once.
   *
   * @throws RangeError if it is too large to be held, or not finite
   */
  async computeJacobian(
    options: {
      readonly signal?: Global<"AbortSignal">;
      readonly onProgress?: (progress: EigendistortionProgress) => unknown;
    } = {},
  ): Promise<Tensor<FloatDType>> {
    checkOptions("computeJacobian()", options, ["signal", "onProgress"]);
    this.#refuseWhileBusy("computeJacobian()");
    if (this.#jacobian !== null) return this.#jacobian;
    options.signal?.throwIfAborted();
    refuseNonFinite(this.#at);
    this.#busy = true;
    try {
      const turn = new Turn(options.signal, options.onProgress);
      const jacobian = await jacobianOf(this.#at, turn);
      await turn.settle();
      this.#jacobian = jacobian;
      return jacobian;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * The position in the results of an eigendistortion by its place among all n; negative ones count from the smallest.
   *
   * @throws RangeError for a place that does not exist, or that was not computed
   */
  positionOf(index: number): number {
    const n = this.#image.size;
    if (this.#results === null) throw new RangeError("Eigendistortion: nothing is there yet; call synthesize() first");
    if (!Number.isInteger(index) || index < -n || index >= n) {
      throw new RangeError(`Eigendistortion: there is no index ${shown(index)}; it must be from ${-n} to ${n - 1}`);
    }
    const all = Array.from(this.#results.eigenindex.dataSync());
    const position = all.indexOf(index < 0 ? index + n : index);
    if (position < 0) {
      throw new RangeError(
        `Eigendistortion: number ${index} of ${n} was not computed; the computed ones are ${all.slice(0, 20).join(", ")}` +
          `${all.length > 20 ? ", ..." : ""}`,
      );
    }
    return position;
  }

  /**
   * Writes all of it to a .pt file, which `load` reads, here and in Python's plenoptic, on an object made with the same image and
   * model. Nothing is there, or the whole file. With `withModel` the model is in the file, as data, and `Eigendistortion.load` needs
   * nothing else; modelSize() says how large that is.
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    checkPath("Eigendistortion: save()", path);
    await writeFileAtomic(path, await this.toBytes(options));
  }

  /** The bytes of the file that save() writes. */
  async toBytes(options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { withModel } = checkSaveOptions(options);
    this.#refuseWhileBusy("save()");
    return eigendistortionBytes({
      stored: withModel ? this.#stored().dict : null,
      loaded: this.#loaded,
      image: this.#image,
      output: this.#at.output,
      jacobian: this.#jacobian,
      results: this.#results,
      summary: this.#summary,
      model: this.model,
      recipe: recipeToSave(this, await this.recipe()),
    });
  }

  /** How large the model is that save() writes with `withModel`. Nothing is written. */
  modelSize(): StoredModelSize {
    return this.#stored().size;
  }

  #stored(): StoredFunctions {
    const { shape } = this.#image;
    return storedFor(this.#image, this.#log.firstImage, (specs) => {
      const calls = specs.map(({ dtype }) => ({ call: this.#forward, inputs: [{ shape, dtype }] }));
      return { model: { ...keptModel(this.model), calls } };
    });
  }

  /**
   * What save() wrote with `withModel`, as an object like any other, to go on with: image and model are in the file. The global
   * generators are left as they were.
   *
   * @throws LoadError for a file of something else, or without its model; FileError for one that cannot be read
   */
  static async load(source: Source, options: LoadOptions = {}): Promise<Eigendistortion> {
    return loadWithModel(
      "Eigendistortion",
      EIGENDISTORTION,
      source,
      options,
      ({ image }, given) => new Eigendistortion(image, given("model")),
      (made, file) => made.#load(file, options),
    );
  }

  /**
   * Everything that decides the bits of the result: image, model, the random generators before the first draw, every call. null
   * for results that Python's plenoptic has saved.
   */
  async recipe(): Promise<JsonObject | null> {
    const { name = null, options = null } = this.model as { readonly name?: string; readonly options?: JsonObject };
    const results = this.#results;
    return this.#log.recipe({
      method: "Eigendistortion",
      image: this.#image,
      model: { name, options, fingerprint: this.fingerprints.model },
      options: {},
      result: results?.eigendistortions ?? tensor([], { dtype: this.#image.dtype }),
      about: {
        eigenvalues: results === null ? [] : Array.from(await results.eigenvalues.data()),
        eigenindex: results === null ? [] : Array.from(await results.eigenindex.data()),
        converged: this.#summary?.converged ?? null,
      },
    });
  }

  /**
   * Loads what save() wrote, here or in any release of Python's plenoptic, into this object, which must be made with the same
   * image and model and have found nothing yet. Everything is checked first; where load() rejects, the object is as it was.
   *
   * @throws LoadError for a file of something else, FileError for one that cannot be read
   */
  async load(source: Source, options: LoadOptions = {}): Promise<void> {
    this.#refuseUnlessFresh();
    checkSource("Eigendistortion: load()", source);
    this.#loading = true;
    try {
      checkLoadOptions(options, this.#image.dtype);
      await this.#load(await readSavedFile(source), options);
    } finally {
      this.#loading = false;
    }
  }

  async #load(file: SavedFile, options: LoadOptions): Promise<void> {
    const opened = openSaved(file, options, this.#image.dtype, "plenoptic.Eigendistortion", EIGENDISTORTION);
    const own = { image: this.#image, model: this.model, forward: this.#forward };
    const { image, at, jacobian, results, summary } = await checkEigendistortion(opened, own);
    const products = new Products(at);
    for (const warning of opened.checks.warnings) warn(warning);
    this.#image = image;
    this.#at = at;
    this.#products = products;
    this.#jacobian = jacobian;
    this.#results = results;
    this.#summary = summary;
    this.#loaded = true;
    this.#log.load(opened.values.metadata);
  }

  #refuseUnlessFresh(): void {
    this.#refuseWhileBusy("load()");
    if (this.#results === null) return;
    throw new RangeError(
      "Eigendistortion: load() is for a new object; make one with the same image and model and load into that",
    );
  }

  /** Converts everything to another precision, in place. If the model cannot follow, nothing is changed. */
  to(dtype: FloatDType): void {
    if (dtype !== "float32" && dtype !== "float64") {
      throw new DTypeError(`Eigendistortion: to(${shown(dtype)}); it must be "float32" or "float64"`);
    }
    this.#refuseWhileBusy("to()");
    const cast = (x: Tensor): Tensor<FloatDType> => x.cast(dtype).detach();
    const image = cast(this.#image);
    const at = following("Eigendistortion", dtype, () => {
      const linearized = linearize(this.#forward, image);
      linearized.output.dataSync();
      return linearized;
    });
    this.#log.call("to", { dtype });
    this.#image = image;
    this.#at = at;
    this.#products = new Products(at);
    this.#jacobian = this.#jacobian && cast(this.#jacobian);
    this.#results = this.#results && {
      ...this.#results,
      eigendistortions: cast(this.#results.eigendistortions),
      eigenvalues: cast(this.#results.eigenvalues),
    };
  }

  #refuseWhileBusy(what: string): void {
    if (this.#loading) {
      throw new RangeError(
        `Eigendistortion: ${what} was called while load() is at work; await load() first (did you forget \`await\`?)`,
      );
    }
    if (this.#busy) throw new RangeError(`Eigendistortion: it is at work; await that before ${what}`);
  }

  toString(): string {
    const { model, image } = this;
    const name = (model as { name?: string }).name;
    const text = typeof model === "function" || String(model) === "[object Object]" ? name : String(model);
    return [
      "Eigendistortion",
      `  image: Tensor ${describe(image)}`,
      `  model: ${(text || "(a function without a name)").replaceAll("\n", "\n  ")}`,
      ...resultLines(this.#results, this.#summary),
    ].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

interface Found {
  readonly pairs: Pairs;
  readonly largest: number;
  readonly jacobian?: Tensor<FloatDType>;
  readonly iterations?: readonly number[];
  readonly error?: number;
}

const withLargest = (pairs: Pairs): Found => ({ pairs, largest: Math.max(...pairs.values) });

/** The columns of a matrix of normal numbers that is drawn row by row, as Python draws them. */
function draw(n: number, columns: number, dtype: FloatDType): Float64Array[] {
  const flat = defaultGenerator().randn(n * columns, dtype);
  return Array.from({ length: columns }, (_, j) => Float64Array.from({ length: n }, (_, i) => flat[i * columns + j]));
}
