// Files of old releases in the layout of plenoptic 2.x. What the old file does not
// know stays missing, or becomes NaN or None; every such thing is told.

import { PtObject, PtSize, PtTuple, type PtValue } from "@plenoptic-js/formats";
import type { SavedClass } from "../dictionary/layouts.ts";
import { readMetadata } from "../dictionary/metadata.ts";
import { numberOf, type SavedDict } from "../dictionary/reader.ts";
import { schedulerTakesLoss } from "../torch/schedulers.ts";

export interface Migrated {
  /** As the file says, without the folders of old releases; of files before 1.2, told by the keys. Empty where it does not say. */
  readonly className: string;
  /** A copy in the layout of 2.x. */
  readonly dict: SavedDict;
  /** The release the file must come from, in words. What is from before 1.2 stays so when it is converted. */
  readonly era: "before 1.2" | "1.2 to 1.3.1" | "1.4" | "2.0 or later";
  /** The range of the penalty, of files from before 1.4, where it was always the range penalty. */
  readonly allowedRange: readonly [number, number] | null;
  /** Of MAD competitions: whether item i of the metrics' series is from after step i (until 1.3.1), or from before it. */
  readonly recordsAfterSteps: boolean;
  /** What was renamed, filled in or left out, in sentences. */
  readonly notes: readonly string[];
}

const RENAMED: Readonly<Record<string, string>> = {
  loss_function: "_loss_function",
  penalty_function: "_penalty_function",
  scheduler: "_scheduler",
  _range_penalty_lambda: "_penalty_lambda",
};

/** What files from before 1.2 hold nothing of: converted files have something made up in its place. */
const UNCHECKED = ["_loss_function", "_model", "_optimized_metric", "_reference_metric"];

/** Functions and modules of files from before 1.2 could not be compared with anything. */
const UNCHECKED_NOTE =
  "it was saved before plenoptic 1.2, which kept neither the model nor what it gave: that model and loss function are those " +
  "of this object could not be checked, and the target representation is computed anew";

const ONLY_OUTPUT_NOTE =
  "it was saved before plenoptic 1.2, which kept what the model gave but not which it was: only that could be compared";

/** A dictionary of any release in the layout of 2.x. */
export function migrate(old: SavedDict): Migrated {
  const notes: string[] = [];
  const metadata = old.get("save_metadata");
  const className = metadata instanceof Map ? classOf(metadata.get("synthesis_object")) : classByKeys(old);
  const dict: SavedDict = new Map([...old].map(([key, value]) => [RENAMED[String(key)] ?? key, value]));
  const isIterative = className !== "plenoptic.Eigendistortion";
  const isOld = isIterative && (old.has("_range_penalty_lambda") || !old.has("save_metadata"));
  let era: Migrated["era"] = "2.0 or later";
  if (!old.has("save_metadata")) era = "before 1.2";
  else if (isOld) era = "1.2 to 1.3.1";
  else if (old.has("loss_function") || old.has("penalty_function")) era = "1.4";

  const range = dict.get("_allowed_range");
  dict.delete("_allowed_range");
  const limits = range instanceof PtTuple || Array.isArray(range) ? [...range].map(numberOf) : [0, 1];
  const allowedRange = isOld ? ([limits[0] ?? 0, limits[1] ?? 1] as const) : null;
  if (isOld) {
    const steps = (dict.get("_losses") as PtValue[] | undefined)?.length ?? 0;
    dict.set("_penalties", new Array<number>(steps).fill(Number.NaN));
    dict.set("_current_penalty", null);
    notes.push(
      "it was saved before penalties were recorded (plenoptic 1.4): the history of penalties is NaN, and the penalty was that of " +
        `values outside [${allowedRange?.join(", ")}]`,
    );
  }
  if (isIterative && !dict.has("_current_loss")) {
    dict.set("_current_loss", null);
    notes.push("it was saved by plenoptic 1.3.0 or earlier: the loss of the final image is computed anew");
  }
  if (era === "before 1.2") migrateFirst(dict, old);
  if (className === "plenoptic.Eigendistortion") joinImageShape(dict);
  const formerEra = readMetadata(metadata)?.converted?.era;
  if (formerEra === "before 1.2") era = "before 1.2";
  if (era === "before 1.2") {
    for (const key of UNCHECKED) dict.delete(key);
    notes.push(isIterative ? UNCHECKED_NOTE : ONLY_OUTPUT_NOTE);
  }
  const recordsAfterSteps = [era, formerEra].some((one) => one === "before 1.2" || one === "1.2 to 1.3.1");
  return { className, dict, era, allowedRange, recordsAfterSteps, notes };
}

/** The class without the folders of releases before 2.0. */
function classOf(saved: PtValue | undefined): string {
  if (typeof saved !== "string") return "";
  return saved.replace(/^plenoptic\.synthesize\.(metamer|mad_competition|eigendistortion)\./, "plenoptic.");
}

/** What a file holds, for messages. */
export function held({ className }: Migrated): string {
  return className === "" ? "a synthesis whose class it does not name" : `a ${className}`;
}

function classByKeys(dict: SavedDict): SavedClass {
  if (dict.has("_image_flat")) return "plenoptic.Eigendistortion";
  if (dict.has("_mad_image")) return "plenoptic.MADCompetition";
  return dict.has("_coarse_to_fine") ? "plenoptic.MetamerCTF" : "plenoptic.Metamer";
}

/** Until 1.2.0 an Eigendistortion had the sizes of its image one by one. */
function joinImageShape(dict: SavedDict): void {
  const keys = ["n_channels", "im_height", "im_width"];
  const sizes = keys.map((key) => numberOf(dict.get(key)));
  if (!dict.has("_image_shape") && sizes.every((size) => size !== null)) dict.set("_image_shape", new PtSize(sizes));
  for (const key of ["batch_size", ...keys]) dict.delete(key);
}

/** Files from before 1.2 hold optimizers as objects, and lack what later releases keep beside them. */
function migrateFirst(dict: SavedDict, old: SavedDict): void {
  for (const key of ["_optimizer", "_scheduler"]) {
    const value = dict.get(key);
    if (value === undefined) continue;
    dict.set(key, value instanceof PtObject ? stateOf(value) : new PtTuple([null, new Map()]));
  }
  if (!dict.has("_loaded")) dict.set("_loaded", false);
  const scheduler = old.get("scheduler");
  if (!dict.has("_scheduler_step_arg") && dict.has("_scheduler")) {
    const takesLoss = scheduler instanceof PtObject && schedulerTakesLoss(scheduler.className);
    dict.set("_scheduler_step_arg", takesLoss);
  }
  if (dict.has("_coarse_to_fine")) dict.set("_initial_lr", initialRates(old.get("_optimizer")));
}

/** The learning rates an optimizer was made with: those a MetamerCTF returns to at each change of scale. */
function initialRates(optimizer: PtValue | undefined): PtValue {
  const attributes = optimizer instanceof PtObject && optimizer.state instanceof Map ? optimizer.state : undefined;
  const defaults = attributes?.get("defaults");
  const lr = defaults instanceof Map ? numberOf(defaults.get("lr")) : null;
  return lr === null ? null : [lr];
}

/** An optimizer or scheduler that was pickled whole, as (class name, state dictionary). */
function stateOf({ className, state }: PtObject): PtTuple {
  const attributes = state instanceof Map ? state : new Map<PtValue, PtValue>();
  if (!className.startsWith("torch.optim.lr_scheduler.")) {
    // The state is keyed by the parameter itself; there is one.
    const states = attributes.get("state");
    const [own] = states instanceof Map ? states.values() : [];
    const groups = attributes.get("param_groups");
    const dict = new Map<PtValue, PtValue>([
      ["state", new Map<PtValue, PtValue>(own === undefined ? [] : [[0, own]])],
      ["param_groups", Array.isArray(groups) ? groups.map(withoutParameter) : []],
    ]);
    return new PtTuple([className, dict]);
  }
  const plain = [...attributes].filter(([key, value]) => key !== "optimizer" && !(value instanceof PtObject));
  return new PtTuple([className, new Map(plain)]);
}

function withoutParameter(group: PtValue): PtValue {
  if (!(group instanceof Map)) return group;
  const copy = new Map(group);
  const params = copy.get("params");
  if (Array.isArray(params))
    copy.set(
      "params",
      params.map((_, i) => BigInt(i)),
    );
  return copy;
}
