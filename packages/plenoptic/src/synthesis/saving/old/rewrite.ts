// A saved synthesis of any release as a file of plenoptic 2.x: what Python's own `load` takes, and ours. What can be computed
// without the model is; what nobody knows any more is told.

import type { JsonObject } from "@plenoptic-js/formats";
import { FileError, type PtDict, PtGlobal, PtObject, PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";
import { type Tensor, tensor } from "@plenoptic-js/tensor";
import { counted } from "../../../counted.ts";
import { fromTensor, toTensor } from "../../../io/tensors.ts";
import { lossCards } from "../../../loss/cards.ts";
import { metricCards } from "../../../metric/cards.ts";
import { penalizeRange } from "../../../regularize/index.ts";
import {
  CLASSES,
  IMAGE_INPUT,
  keysOf,
  LOSS_INPUTS,
  METRIC_INPUTS,
  type SavedClass,
  savedClass,
} from "../dictionary/layouts.ts";
import { writeMetadata } from "../dictionary/metadata.ts";
import { numberOf, type SavedDict } from "../dictionary/reader.ts";
import { held, type Migrated, migrate } from "./migrate.ts";
import { presentName } from "./rewriteNames.ts";

/** What was done, or could not be, in a sentence. */
export interface RewriteNote {
  readonly kind: "renamed" | "computed" | "kept" | "repaired" | "not known" | "left out";
  readonly text: string;
}

export interface Rewritten {
  readonly className: SavedClass;
  /** Who saved it, in words. */
  readonly origin: string;
  readonly dict: PtDict;
  readonly notes: readonly RewriteNote[];
}

/** Whether a value is the dictionary of a synthesis object, of any release. */
export function isSynthesis(value: PtValue): value is PtDict {
  if (!(value instanceof Map)) return false;
  const metadata = value.get("save_metadata");
  if (metadata instanceof Map && metadata.has("synthesis_object")) return true;
  return value.has("_image") && ["_metamer", "_mad_image", "_image_flat"].some((key) => value.has(key));
}

/**
 * The dictionary that plenoptic 2.x would have saved. A dictionary that is one already keeps all it has, to the bit.
 *
 * @throws FileError when it holds another class, or values of wrong types
 */
export async function rewriteSynthesis(old: PtDict, file: string): Promise<Rewritten> {
  const migrated = migrate(old);
  const className = savedClass(migrated.className);
  if (className === undefined) {
    const known = CLASSES.join(", ");
    throw new FileError("unsupported", file, `it holds ${held(migrated)}; what is converted is ${known}`);
  }
  const rewriter = new Rewriter(old, migrated, className, file);
  return { className, origin: originOf(old), ...(await rewriter.run()) };
}

function originOf(old: SavedDict): string {
  const metadata = old.get("save_metadata");
  if (!(metadata instanceof Map)) return "saved before plenoptic 1.2";
  // Our own version is added to that of the layout.
  const own = /^(.+)\+js\.(.+)$/.exec(String(metadata.get("plenoptic_version")));
  if (own !== null) return `saved by plenoptic-js ${own[2]}, as plenoptic ${own[1]} writes`;
  return `saved by plenoptic ${metadata.get("plenoptic_version")} (torch ${metadata.get("torch_version")})`;
}

/** What Python leaves where it has lost the state of an optimizer: it cannot be set up with that. */
const LOST = "builtins.tuple";

/** The name of what old files do not name. */
const UNKNOWN = "unknown";

/** Losses and metrics that have been the same in all releases, by their names in 2.x. */
const LOSSES = new Map(lossCards.map((card) => [card.pythonName, card]));
const METRICS = new Map(metricCards.map(({ pythonName, compute }) => [pythonName, compute]));

class Rewriter {
  readonly #old: SavedDict;
  readonly #migrated: Migrated;
  readonly #className: SavedClass;
  readonly #file: string;
  /** In the layout of 2.x, but not yet complete. */
  readonly #dict: SavedDict;
  readonly #notes: RewriteNote[] = [];

  constructor(old: SavedDict, migrated: Migrated, className: SavedClass, file: string) {
    this.#old = old;
    this.#migrated = migrated;
    this.#className = className;
    this.#file = file;
    this.#dict = this.#isCurrent() ? new Map(old) : migrated.dict;
  }

  #note(kind: RewriteNote["kind"], text: string): void {
    this.#notes.push({ kind, text });
  }

  #isCurrent(): boolean {
    const metadata = this.#old.get("save_metadata");
    const before = ["loss_function", "penalty_function", "_range_penalty_lambda", "im_height"];
    return (
      metadata instanceof Map &&
      metadata.get("synthesis_object") === this.#className &&
      !before.some((key) => this.#old.has(key))
    );
  }

  async run(): Promise<Pick<Rewritten, "dict" | "notes">> {
    if (!this.#isCurrent()) {
      this.#noteNewNames();
      const own = { recipe: null, converted: this.#former() };
      this.#dict.set("save_metadata", writeMetadata(this.#className, own));
      this.#renameCallables();
      if (this.#migrated.era === "before 1.2") await this.#fillCallables();
      else if (this.#migrated.era === "1.2 to 1.3.1") await this.#checkedLoss();
      if (this.#migrated.allowedRange !== null) await this.#addPenalties(this.#migrated.allowedRange);
      this.#noteHistories();
    }
    this.#repairStates();
    return { dict: this.#ordered(), notes: this.#notes };
  }

  /** What it was before, for whoever loads it. */
  #former(): JsonObject {
    const metadata = this.#old.get("save_metadata");
    const said = metadata instanceof Map ? [...metadata] : [];
    // Half surrogate pairs are no text that JSON could hold.
    const isText = (part: PtValue): boolean => typeof part === "string" && !/\p{Surrogate}/u.test(part);
    const texts = said.filter((item): item is [string, string] => item.every(isText));
    return { era: this.#migrated.era, metadata: Object.fromEntries(texts) };
  }

  #noteNewNames(): void {
    const metadata = this.#old.get("save_metadata");
    const before = metadata instanceof Map ? metadata.get("synthesis_object") : this.#className;
    if (before !== this.#className) this.#note("renamed", `${before} to ${this.#className}`);
    const gone = [...this.#old.keys()].filter((key) => !this.#dict.has(key)).map(String);
    const added = keysOf(this.#className).filter((key) => this.#dict.has(key) && !this.#old.has(key));
    const renamed: readonly (readonly [string, string])[] = [
      ["loss_function", "_loss_function"],
      ["penalty_function", "_penalty_function"],
      ["scheduler", "_scheduler"],
      ["_range_penalty_lambda", "_penalty_lambda"],
      ["n_channels, im_height, im_width", "_image_shape"],
    ];
    const pairs = renamed.filter(([from, to]) => gone.includes(from.split(", ")[0]) && added.includes(to));
    if (pairs.length > 0) this.#note("renamed", pairs.map(([from, to]) => `${from} to ${to}`).join("; "));
  }

  /** Functions and models under the names that plenoptic 2.x gives them. */
  #renameCallables(): void {
    for (const key of ["_loss_function", "_penalty_function", "_model", "_optimized_metric", "_reference_metric"]) {
      const value = this.#dict.get(key);
      const [name, ...rest] = value instanceof PtTuple ? value.items : [];
      if (typeof name !== "string" || presentName(name) === name) continue;
      this.#note("renamed", `${name} to ${presentName(name)}`);
      this.#dict.set(key, new PtTuple([presentName(name), ...rest]));
    }
  }

  /** A real array of the file that is to be computed with. */
  #array(key: string, value: PtValue | undefined = this.#dict.get(key)): Tensor {
    if (value instanceof PtTensor && /^(float(16|32|64)|complex(64|128))$/.test(value.dtype)) return toTensor(value);
    throw new FileError("damaged", this.#file, `${key} must be a tensor of real or complex numbers`);
  }

  #numbers(key: string): readonly number[] {
    const list = this.#dict.get(key);
    const numbers = Array.isArray(list) ? list.map(numberOf) : [null];
    if (numbers.some((number) => number === null)) {
      throw new FileError("damaged", this.#file, `${key} must be a list of numbers`);
    }
    return numbers as number[];
  }

  /** Files from before 1.2 name loss and metrics at best, and the model never. */
  async #fillCallables(): Promise<void> {
    const dict = this.#dict;
    const unknown = "unknown: the file does not name it";
    if (this.#className === "plenoptic.Eigendistortion") {
      dict.set("_model", new PtTuple([UNKNOWN, new PtTuple(IMAGE_INPUT), dict.get("_representation_flat") ?? null]));
      this.#note("not known", `the name of the model (${unknown}); as its output stands _representation_flat`);
      return;
    }
    if (this.#className === "plenoptic.MADCompetition") {
      for (const which of ["_optimized_metric", "_reference_metric"]) await this.#fillMetric(which);
      return;
    }
    dict.set("_model", new PtTuple([UNKNOWN, new PtTuple(IMAGE_INPUT), dict.get("_target_representation") ?? null]));
    this.#note("not known", `the name of the model (${unknown}); as its output stands _target_representation`);
    await this.#fillLoss(this.#nameIn("loss_function"), null);
  }

  /** The name of a function or module that was saved as itself. */
  #nameIn(key: string): string {
    const value = this.#old.get(key);
    if (value instanceof PtGlobal) return presentName(value.name);
    return value instanceof PtObject ? presentName(value.className) : UNKNOWN;
  }

  /** Until 1.3.1 the loss was saved with its value for image and metamer; later ones want that for the target. */
  async #checkedLoss(): Promise<void> {
    const value = this.#dict.get("_loss_function");
    const [name] = value instanceof PtTuple ? value.items : [];
    if (typeof name === "string") await this.#fillLoss(name, value ?? null);
  }

  /** The loss with its value for the target and twice the target; as it was, or NaN, where it is not one of plenoptic's. */
  async #fillLoss(name: string, otherwise: PtValue): Promise<void> {
    const target = this.#array("_target_representation");
    const card = LOSSES.get(name);
    if (card !== undefined && (card.takes === "real and complex" || target.dtype.startsWith("float"))) {
      const output = await fromTensor(card.compute(target, target.mul(2)));
      this.#dict.set("_loss_function", new PtTuple([name, new PtTuple(LOSS_INPUTS), output]));
      this.#note("computed", `what ${name} gives for the target and twice the target, which load() compares`);
      return;
    }
    if (otherwise !== null) {
      this.#note(
        "not known",
        `what ${name} gives for the target and twice the target; here load() then does not compare it, and Python's needs ` +
          "raise_on_checks=False",
      );
      return;
    }
    const output = await fromTensor(tensor(Number.NaN, { dtype: this.#array("_image").dtype }));
    this.#dict.set("_loss_function", new PtTuple([name, new PtTuple(LOSS_INPUTS), output]));
    this.#note("not known", `what the loss function ${name} gives for the target and twice the target: NaN`);
  }

  async #fillMetric(key: string): Promise<void> {
    const name = this.#nameIn(key);
    const compute = METRICS.get(name);
    const image = this.#array("_image");
    let output: Tensor;
    if (compute !== undefined) {
      output = compute(image, this.#array("_mad_image"));
      this.#note("computed", `what ${name} gives for image and MAD image, which load() compares`);
    } else {
      const series = this.#numbers(`${key}_loss`);
      output = tensor(series.at(-1) ?? Number.NaN, { dtype: image.dtype });
      const what = name === UNKNOWN ? `the name of ${key}` : `what ${name} gives now`;
      this.#note("not known", `${what}; as its output stands the last value of ${key}_loss`);
    }
    const inputs = new PtTuple(METRIC_INPUTS);
    this.#dict.set(key, new PtTuple([name, inputs, await fromTensor(output)]));
  }

  /** Before 1.4 the penalty was always that of a range, and was not recorded. */
  async #addPenalties(range: readonly [number, number]): Promise<void> {
    if (!(range[0] <= range[1])) {
      throw new FileError("damaged", this.#file, `_allowed_range is [${range.join(", ")}]; it must be a range`);
    }
    const penalty = (image: Tensor): Tensor => penalizeRange(image, { allowedRange: range });
    const output = await fromTensor(penalty(this.#array("_image")));
    this.#dict.set(
      "_penalty_function",
      new PtTuple(["plenoptic.regularize.penalize_range", new PtTuple(IMAGE_INPUT), output]),
    );
    const isDefault = range[0] === 0 && range[1] === 1;
    const also = isDefault
      ? ""
      : "; an object that loads it needs a penalty function with this range, and in Python it must be called penalize_range";
    this.#note(
      "computed",
      `_penalty_function: what the range penalty of [${range.join(", ")}] gives for the image${also}`,
    );

    const isMad = this.#className === "plenoptic.MADCompetition";
    const final = this.#dict.get(isMad ? "_mad_image" : "_metamer");
    const stored = this.#dict.get(isMad ? "_saved_mad_image" : "_saved_metamer");
    const steps = this.#numbers("_losses").length;
    const every = this.#dict.get("_store_progress") === true ? 1 : numberOf(this.#dict.get("_store_progress"));
    const penalties = new Array<number>(steps).fill(Number.NaN);
    const images = Array.isArray(stored) ? stored : [];
    const known: number[] = [];
    // One image for each of the iterations 0, k, 2k, ...; after an interruption perhaps one that nothing was recorded for.
    const isCounted = every !== null && Number.isSafeInteger(every) && every > 0;
    const expected = isCounted ? Math.ceil(steps / every) : 0;
    const isAligned = isCounted && (images.length === expected || images.length === expected + 1);
    for (let i = 0; isAligned && i < expected; i++) {
      penalties[i * every] = await penalty(this.#array("a stored image", images[i])).item();
      known.push(i * every);
    }
    this.#dict.set("_penalties", penalties);
    const hasFinal = final instanceof PtTensor;
    if (hasFinal) this.#dict.set("_current_penalty", await penalty(this.#array("the final image", final)).item());
    const computed = [
      ...(known.length > 0 ? [`of the images stored at ${iterations(known)}`] : []),
      ...(hasFinal ? ["of the final image"] : []),
    ];
    if (computed.length > 0) this.#note("computed", `the penalties ${computed.join(" and ")}`);
    const missing = steps - known.length;
    if (missing > 0) this.#note("not known", `the penalties of ${counted(missing, "iteration")}: NaN`);
  }

  #noteHistories(): void {
    const { era } = this.#migrated;
    const dict = this.#dict;
    const isEigen = this.#className === "plenoptic.Eigendistortion";
    if (!isEigen && dict.get("_current_loss") === null && !this.#old.has("_current_loss")) {
      this.#note(
        "not known",
        "_current_loss, the loss of the final image: None, so it is computed when it is asked for",
      );
    }
    if (this.#className === "plenoptic.MADCompetition" && (era === "before 1.2" || era === "1.2 to 1.3.1")) {
      this.#note(
        "kept",
        "the series of the two metrics as they are: until 1.3.1 item i was from after step i, later it is from before it",
      );
    }
    if (era === "before 1.2") {
      this.#note(
        "not known",
        isEigen
          ? "which model it was: load() here compares what it gives, and Python's needs raise_on_checks=False"
          : "whether model and functions are the right ones: load() here does not check them, and Python's needs raise_on_checks=False",
      );
    }
  }

  /** Optimizers and schedulers whose state is lost, in the form with which Python's setup() starts a new one. */
  #repairStates(): void {
    const dict = this.#dict;
    if (this.#className === "plenoptic.Eigendistortion") return;
    const nameOf = (value: PtValue | undefined): PtValue | undefined =>
      value instanceof PtTuple || Array.isArray(value) ? [...value][0] : undefined;
    const image = dict.get("_metamer") ?? dict.get("_mad_image") ?? null;
    const optimizer = nameOf(dict.get("_optimizer"));
    if (optimizer === LOST || (optimizer === null && image !== null)) {
      dict.set("_optimizer", null);
      const why = optimizer === LOST ? "whose state Python's plenoptic had lost" : "of which there was none";
      this.#note("repaired", `_optimizer, ${why}: None, with which a new one can be set up`);
    }
    if (nameOf(dict.get("_scheduler")) === LOST) {
      dict.set("_scheduler", new PtTuple([null, new Map()]));
      this.#note("repaired", "_scheduler, whose state Python's plenoptic had lost: none");
    }
  }

  /** Python's keys in Python's order. */
  #ordered(): PtDict {
    const keys = keysOf(this.#className);
    const others = [...this.#dict.keys()].filter((key) => !keys.includes(String(key)));
    if (others.length > 0) {
      this.#note(
        "left out",
        `${others.map(String).join(", ")}: plenoptic 2.x has no such keys and refuses files with them`,
      );
    }
    const missing = keys.filter((key) => !this.#dict.has(key));
    if (missing.length > 0)
      this.#note("not known", `${missing.join(", ")}: the file has no such keys; Python refuses it`);
    return new Map(keys.filter((key) => this.#dict.has(key)).map((key) => [key, this.#dict.get(key) ?? null]));
  }
}

/** `iteration 0`, `iterations 0, 2`, `iterations 0, 2, ... 98`. */
function iterations(which: readonly number[]): string {
  const shown = which.length > 4 ? [which[0], which[1], `... ${which.at(-1)}`] : which;
  return `iteration${which.length === 1 ? "" : "s"} ${shown.join(", ")}`;
}
