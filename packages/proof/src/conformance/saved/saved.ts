// Saved syntheses of every release of Python's plenoptic (golden pt/): loaded into objects made with the same arguments, and
// continued. What Python's newest release finds in them, and where it goes on to, stands in after_load_HEAD.json.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PtTuple, type PtValue, readPt } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import type { Result } from "../run.ts";
import { checkEigendistortionFile, type EigendistortionNumbers } from "./savedEigendistortion.ts";
import { kindOfFile, objectOf, type SavedKind, type SavedObject } from "./savedObjects.ts";

type Spelled = number | string;

/** What Python finds in an object: in a result, without what has not changed. */
interface Numbers {
  readonly losses: readonly Spelled[];
  readonly penalties: readonly Spelled[];
  readonly gradient_norm: readonly Spelled[];
  readonly pixel_change_norm: readonly Spelled[];
  readonly store_progress?: number | boolean | null;
  readonly metamer?: Summary;
  readonly mad_image?: Summary;
  readonly saved_metamer?: { readonly shape: readonly number[] };
  readonly saved_mad_image?: { readonly shape: readonly number[] };
  readonly scales?: readonly Label[];
  readonly scales_finished?: readonly Label[];
  /** The reference gives its own dictionary away: this is what stands there when it has gone on. */
  readonly scales_timing?: Timing;
  readonly scales_loss?: readonly Spelled[];
  readonly optimized_metric_loss?: readonly Spelled[];
  readonly reference_metric_loss?: readonly Spelled[];
}

type Label = number | string;

type Timing = readonly (readonly [Label, readonly number[]])[];

/** Of an image. */
interface Summary {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly sum_of_squares: number;
  readonly first5: readonly number[];
}

/** How Python goes on: its own arguments. */
interface Continued {
  readonly setup: { readonly optimizer?: string; readonly scheduler?: string };
  readonly synthesize: Arguments;
  readonly result?: Numbers;
  /** The learning rate after that. */
  readonly lr?: readonly number[];
}

type Arguments = Readonly<Record<string, number | boolean | null>>;

interface AfterLoad {
  readonly state?: Numbers & EigendistortionNumbers;
  readonly continued?: Continued;
}

export interface SavedFile {
  /** RELEASE/CASE. */
  readonly name: string;
  readonly kind: SavedKind;
  /** Of the description. */
  readonly path: string;
}

/** All saved syntheses in a golden pt/ folder. */
export function savedFiles(folder: string): readonly SavedFile[] {
  const isRelease = (name: string): boolean => /^(\d|HEAD)/.test(name);
  const files: SavedFile[] = [];
  for (const release of readdirSync(folder).filter(isRelease).sort()) {
    for (const file of readdirSync(join(folder, release)).sort()) {
      const kind = file.endsWith(".pt") ? kindOfFile(file) : null;
      const name = `${release}/${file.slice(0, -3)}`;
      const path = join(folder, `${name}.json`);
      if (kind !== null && existsSync(path)) files.push({ name, kind, path });
    }
  }
  return files;
}

/** Python shows its histories in float32. */
const SHOWN = 1.2e-7;
/**
 * For losses in float32. One minus SSIM keeps few digits: in mad_sgd_plateau_f32 Python's value, 0.10194254, is 3.1e-6 of itself from
 * its own float64 value, 0.10194223; ours, 0.10194218, is 0.5e-6 from it.
 */
const SINGLE = 5e-6;

const OPTIMIZERS: Readonly<Record<string, () => po.optim.Optimizer>> = {
  Adam: po.optim.Adam,
  AdamW: po.optim.AdamW,
  SGD: po.optim.SGD,
  LBFGS: po.optim.LBFGS,
};

const SCHEDULERS: Readonly<Record<string, () => po.optim.Scheduler>> = {
  StepLR: () => po.optim.StepLR({ stepSize: 1 }),
  ExponentialLR: () => po.optim.ExponentialLR({ gamma: 0.5 }),
  ReduceLROnPlateau: () => po.optim.ReduceLROnPlateau(),
};

/** Kinds only: their settings are those of the file. */
function setupOf({
  optimizer,
  scheduler,
}: Continued["setup"]): Pick<po.MetamerSetupOptions, "optimizer" | "scheduler"> {
  return {
    ...(optimizer !== undefined && { optimizer: OPTIMIZERS[optimizer]() }),
    ...(scheduler !== undefined && { scheduler: SCHEDULERS[scheduler]() }),
  };
}

/** Python's arguments of synthesize() under our names. */
function optionsOf(given: Arguments): po.CoarseToFineOptions {
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]));
}

/** How a file goes on that Python cannot load: as it was made. */
function asItBegan(path: string): Continued {
  const { steps_before_save: steps } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly steps_before_save: { readonly synthesize?: readonly Arguments[] };
  };
  return { setup: {}, synthesize: { ...steps.synthesize?.at(-1), max_iter: 3 } };
}

/** Loads a file and goes on; throws where the numbers are not Python's. Gives the warnings. */
export async function checkLoaded(folder: string, file: SavedFile): Promise<readonly po.warnings.AnyWarning[]> {
  const all = JSON.parse(readFileSync(join(folder, "after_load_HEAD.json"), "utf8")) as {
    readonly files: Readonly<Record<string, AfterLoad>>;
  };
  const warnings: po.warnings.AnyWarning[] = [];
  const quiet = po.warnings.on((warning) => warnings.push(warning));
  try {
    // Files from before 1.2 are refused by Python: there is nothing to compare with.
    const after = all.files[file.name] ?? {};
    const path = join(folder, `${file.name}.pt`);
    if (file.kind === "eig") await checkEigendistortionFile(objectOf("eig", file.path), path, after.state);
    else await checkIterative(objectOf(file.kind, file.path), path, file, after);
  } finally {
    quiet();
  }
  return warnings;
}

async function checkIterative(
  object: SavedObject,
  saved: string,
  { name, kind, path }: SavedFile,
  { state, continued = asItBegan(path) }: AfterLoad,
): Promise<void> {
  await object.load(saved);
  const before = object.numIter;
  // Until 1.3.1 the metrics were noted after each step.
  const notesAfter = /^1\.[0-3]/.test(name);
  if (state !== undefined) compare("after load", object, state, before, notesAfter, single(object) ? SINGLE : SHOWN);
  if (kind === "metamerctf") compareTiming("after load", object, savedTiming(path));
  await object.setup(setupOf(continued.setup));
  await object.synthesize(optionsOf(continued.synthesize));
  if (object.numIter !== before + 3 || !object.pixelChangeNorm.slice(-3).every((norm) => norm > 0)) {
    throw new Error("it does not go on");
  }
  const { result, lr } = continued;
  compareTiming("three iterations later", object, state?.scales_timing);
  if (result !== undefined) {
    compare("three iterations later", object, result, before, notesAfter, single(object) ? 3e-4 : 2e-7);
  }
  if (lr !== undefined) expectSame("three iterations later", "learning rate", [await learningRate(object)], lr);
}

const single = (object: SavedObject): boolean => object.image.dtype === "float32";

/** The learning rate of the next iteration, which stands in the object's own file. */
async function learningRate(object: SavedObject): Promise<PtValue | undefined> {
  const saved = (readPt(await object.toBytes()).value as Map<string, PtValue>).get("_optimizer");
  const state = saved instanceof PtTuple ? (saved.items[1] as Map<string, PtValue>) : undefined;
  return ((state?.get("param_groups") as PtValue[] | undefined)?.[0] as Map<string, PtValue> | undefined)?.get("lr");
}

function expectSame(when: string, what: string, got: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${when}: ${what} is ${a}, expected ${b}`);
}

/** @param saved iterations in the file */
function compare(
  when: string,
  object: SavedObject,
  expected: Numbers,
  saved: number,
  notesAfter: boolean,
  tolerance: number,
): void {
  const series = (what: string, got: Float64Array, want: readonly Spelled[] | undefined): void => {
    if (want !== undefined) compareSeries(`${when}: ${what}`, got, want, tolerance);
  };
  series("losses", object.losses, expected.losses);
  series("pixelChangeNorm", object.pixelChangeNorm, expected.pixel_change_norm);
  // With L-BFGS, Python notes penalty and gradient of the last trial point, not those of the image of the loss.
  if (object.optimizer?.kind !== "lbfgs") {
    series("penalties", object.penalties, expected.penalties);
    series("gradientNorm", object.gradientNorm, expected.gradient_norm);
  }
  const stored = expected.saved_metamer ?? expected.saved_mad_image;
  if (object instanceof po.MADCompetition) {
    const unshift = (theirs: readonly Spelled[] | undefined) => unshifted(theirs ?? [], saved, notesAfter);
    series("optimizedMetricLoss", object.optimizedMetricLoss.slice(0, -1), unshift(expected.optimized_metric_loss));
    series("referenceMetricLoss", object.referenceMetricLoss.slice(0, -1), unshift(expected.reference_metric_loss));
    compareLast(when, object);
    compareImage(when, object.madImage, expected.mad_image, tolerance);
    if (stored !== undefined) expectSame(when, "savedMadImage", object.savedMadImage.shape, stored.shape);
    return;
  }
  compareImage(when, object.metamer, expected.metamer, tolerance);
  if (stored !== undefined && object.metamer.size > 0) {
    expectSame(when, "savedMetamer", object.savedMetamer.shape, stored.shape);
  }
  if (!(object instanceof po.MetamerCTF)) return;
  series("scalesLoss", object.scalesLoss, expected.scales_loss);
  expectSame(when, "scales", object.scales, expected.scales);
  expectSame(when, "scalesFinished", object.scalesFinished, expected.scales_finished);
}

/** What the description of a MetamerCTF's file says of its timing. */
function savedTiming(path: string): Timing {
  type Text = { readonly v: string };
  type Int = { readonly dec: string };
  type Pair = readonly [Text | Int, { readonly items: readonly Int[] }];
  const { keys } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly keys: { readonly _scales_timing: { readonly items: readonly Pair[] } };
  };
  return keys._scales_timing.items.map(([label, { items }]) => [
    "dec" in label ? Number(label.dec) : label.v,
    items.map(({ dec }) => Number(dec)),
  ]);
}

function compareTiming(when: string, object: SavedObject, expected: Timing | undefined): void {
  if (!(object instanceof po.MetamerCTF) || expected === undefined) return;
  expectSame(when, "scalesTiming", [...object.scalesTiming], expected);
}

/**
 * The reference's series of a metric by our meaning: one value for each iteration, of the image before it. The reference begins
 * with the image of setup(), and has noted the metric before each step since 1.4, after each step until then.
 */
function unshifted(theirs: readonly Spelled[], saved: number, notesAfter: boolean): readonly Spelled[] {
  return theirs.slice(1).map((value, i) => (notesAfter && i < saved ? theirs[i] : value));
}

/** The reference never notes the metrics of the final image. */
function compareLast(when: string, mad: po.MADCompetition): void {
  const { image, madImage, optimizedMetric, referenceMetric } = mad;
  for (const [metric, values] of [
    [optimizedMetric, mad.optimizedMetricLoss],
    [referenceMetric, mad.referenceMetricLoss],
  ] as const) {
    const [last, wanted] = [values[mad.numIter], metric(image, madImage).itemSync()];
    if (!(Math.abs(last - wanted) <= (single(mad) ? 1e-6 : 1e-12) * Math.abs(wanted))) {
      throw new Error(`${when}: the metric of the final image is ${last}, expected ${wanted}`);
    }
  }
}

function compareSeries(what: string, got: Float64Array, want: readonly Spelled[], tolerance: number): void {
  if (got.length !== want.length) throw new Error(`${what} has ${got.length} values, expected ${want.length}`);
  const scale = Math.max(...want.map((value) => Math.abs(Number(value)) || 0));
  want.forEach((value, i) => {
    const number = Number(value === "nan" ? Number.NaN : value);
    if (Number.isNaN(number) && Number.isNaN(got[i])) return;
    // Python computes penalties anew where the file has none; ours too.
    const allowed = tolerance * Math.max(Math.abs(number), 0.01 * scale);
    if (!(Math.abs(got[i] - number) <= allowed)) {
      throw new Error(`${what}[${i}] is ${got[i]}, expected ${number} to within ${allowed}`);
    }
  });
}

function compareImage(when: string, image: po.Tensor, expected: Summary | undefined, tolerance: number): void {
  if (expected === undefined) return;
  expectSame(when, "shape", image.shape, expected.shape);
  const values = image.dataSync();
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const near = (what: string, got: number, wanted: number, allowed: number): void => {
    if (!(Math.abs(got - wanted) <= allowed)) throw new Error(`${when}: ${what} is ${got}, expected ${wanted}`);
  };
  near("the sum of the image", sum, expected.sum, tolerance * values.length);
  near("the sum of its squares", squares, expected.sum_of_squares, tolerance * values.length);
  expected.first5.forEach((value, i) => {
    near(`pixel ${i}`, values[i], value, 10 * tolerance);
  });
}

/** The outcomes of all saved syntheses in a golden pt/ folder. */
export async function* runSavedGolden(folder: string): AsyncGenerator<Result> {
  for (const file of savedFiles(folder)) {
    const { name } = file;
    try {
      await checkLoaded(folder, file);
      yield { name, outcome: "passed" };
    } catch (error) {
      yield { name, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
    }
  }
}
