// A Metamer as Python's plenoptic 2.x saves it: its dictionary, written and read (spec/pt-format.md, section 8.2).

import type { Tensor } from "@plenoptic-js/tensor";
import { type PtDict, PtSize, PtTensor, PtTuple, type PtValue } from "../../files/pt/index.ts";
import type { FloatDType } from "../../validate/error.ts";
import { SavedReader } from "./dict.ts";
import type { Migrated } from "./migrate.ts";

/** A function or model: its name, and what it gave for inputs that are in the file too. */
export interface SavedCallable {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: Tensor;
}

/** The class name and state dictionary of an optimizer or a scheduler; the name is null where there is none. */
export interface SavedState {
  readonly name: string | null;
  readonly dict: PtValue | undefined;
  readonly raw: PtValue;
}

/** What is recorded of a run. */
interface Recorded {
  readonly losses: Float64Array;
  readonly penalties: Float64Array;
  readonly gradientNorm: Float64Array;
  readonly pixelChangeNorm: Float64Array;
  /** Every how many iterations an image was stored; 0: never; null: not decided. */
  readonly every: number | null;
  readonly currentLoss: number | null;
  readonly currentPenalty: number | null;
  readonly penaltyLambda: number;
}

/** What a file of a Metamer says. */
export interface MetamerFile extends Recorded {
  readonly file: string;
  readonly migrated: Migrated;
  readonly image: Tensor<FloatDType>;
  /** null in files whose model may have had other statistics. */
  readonly target: Tensor | null;
  readonly savedMetamer: readonly Tensor<FloatDType>[];
  readonly metamer: Tensor<FloatDType> | null;
  readonly lossFunction: SavedCallable | null;
  readonly penaltyFunction: SavedCallable | null;
  readonly model: SavedCallable | null;
  readonly optimizer: SavedState;
  readonly scheduler: SavedState;
}

/** The keys that all iterative methods begin with, in Python's order. */
export const ITERATIVE_KEYS = [
  "save_metadata",
  "_loaded",
  "_losses",
  "_penalties",
  "_gradient_norm",
  "_pixel_change_norm",
  "_store_progress",
  "_current_loss",
  "_current_penalty",
  "_penalty_lambda",
  "_image",
  "_image_shape",
] as const;

/** All keys, in Python's order. */
export const METAMER_KEYS = [
  ...ITERATIVE_KEYS,
  "_target_representation",
  "_scheduler_step_arg",
  "_saved_metamer",
  "_metamer",
  "_loss_function",
  "_penalty_function",
  "_model",
  "_optimizer",
  "_scheduler",
] as const;

/** The inputs on which the callables are compared. */
export const LOSS_INPUTS = ["_target_representation", "2 * _target_representation"] as const;
export const IMAGE_INPUT = ["_image"] as const;

/** What is written. */
export interface MetamerParts extends Recorded {
  readonly metadata: PtDict;
  readonly loaded: boolean;
  readonly image: Tensor;
  readonly target: Tensor;
  readonly stepTakesLoss: boolean;
  readonly savedMetamer: readonly Tensor[];
  readonly metamer: Tensor | null;
  readonly lossFunction: SavedCallable;
  readonly penaltyFunction: SavedCallable;
  readonly model: SavedCallable;
  readonly optimizer: PtValue;
  readonly scheduler: PtValue;
}

/** The dictionary of a Metamer. */
export async function writeMetamer(parts: MetamerParts): Promise<PtDict> {
  const stored: PtValue[] = [];
  for (const image of parts.savedMetamer) stored.push(await PtTensor.fromTensor(image));
  const callable = async ({ name, inputs, output }: SavedCallable): Promise<PtTuple> =>
    new PtTuple([name, new PtTuple(inputs), await PtTensor.fromTensor(output)]);
  const { every } = parts;
  const values: Record<(typeof METAMER_KEYS)[number], PtValue> = {
    save_metadata: parts.metadata,
    _loaded: parts.loaded,
    _losses: [...parts.losses],
    _penalties: [...parts.penalties],
    _gradient_norm: [...parts.gradientNorm],
    _pixel_change_norm: [...parts.pixelChangeNorm],
    _store_progress: every === null ? null : every === 0 ? false : BigInt(every),
    _current_loss: parts.currentLoss,
    _current_penalty: parts.currentPenalty,
    _penalty_lambda: parts.penaltyLambda,
    _image: await PtTensor.fromTensor(parts.image),
    _image_shape: new PtSize(parts.image.shape),
    _target_representation: await PtTensor.fromTensor(parts.target),
    _scheduler_step_arg: parts.stepTakesLoss,
    _saved_metamer: stored,
    _metamer: parts.metamer === null ? null : await PtTensor.fromTensor(parts.metamer),
    _loss_function: await callable(parts.lossFunction),
    _penalty_function: await callable(parts.penaltyFunction),
    _model: await callable(parts.model),
    _optimizer: parts.optimizer,
    _scheduler: parts.scheduler,
  };
  return new Map(METAMER_KEYS.map((key): [PtValue, PtValue] => [key, values[key]]));
}

/** Keys that the file lacks and has too many, compared with a Metamer of 2.x. */
export function keyProblems({ dict, era }: Migrated): { readonly missing: string[]; readonly unknown: string[] } {
  // Before 1.2 there was no word of model and loss, and before 1.4 none of the penalty.
  const optional: string[] =
    era === "before 1.2"
      ? ["save_metadata", "_loss_function", "_penalty_function", "_model"]
      : era === "1.2 to 1.3.1"
        ? ["_penalty_function"]
        : [];
  const known: readonly string[] = METAMER_KEYS;
  return {
    missing: known.filter((key) => !dict.has(key) && !optional.includes(key)),
    unknown: [...dict.keys()].map(String).filter((key) => !known.includes(key)),
  };
}

/** Reads the dictionary of a Metamer of any release. Throws FileError where a value has the wrong type, or is missing. */
export function readMetamer(migrated: Migrated, file: string): MetamerFile {
  const reader = new SavedReader(migrated.dict, file);
  const callable = (key: string): SavedCallable | null => (migrated.dict.has(key) ? reader.callable(key) : null);
  return {
    file,
    migrated,
    losses: reader.numbers("_losses"),
    penalties: reader.numbers("_penalties"),
    gradientNorm: reader.numbers("_gradient_norm"),
    pixelChangeNorm: reader.numbers("_pixel_change_norm"),
    every: storeProgress(reader),
    currentLoss: reader.numberOrNone("_current_loss"),
    currentPenalty: reader.numberOrNone("_current_penalty"),
    penaltyLambda: reader.number("_penalty_lambda"),
    image: reader.image("_image"),
    target: migrated.era === "before 1.2" ? null : reader.tensor("_target_representation"),
    savedMetamer: reader.images("_saved_metamer"),
    metamer: reader.get("_metamer") === null ? null : reader.image("_metamer"),
    lossFunction: callable("_loss_function"),
    penaltyFunction: callable("_penalty_function"),
    model: callable("_model"),
    optimizer: stateOf(reader, "_optimizer"),
    scheduler: stateOf(reader, "_scheduler"),
  };
}

function storeProgress(reader: SavedReader): number | null {
  const value = reader.get("_store_progress");
  if (value === null || value === false) return value === null ? null : 0;
  const every = value === true ? 1 : reader.number("_store_progress");
  if (!Number.isInteger(every) || every < 0) throw reader.wrong("_store_progress", "None, False or an int", value);
  return every;
}

function stateOf(reader: SavedReader, key: string): SavedState {
  const raw = reader.get(key) ?? null;
  if (raw === null) return { name: null, dict: undefined, raw };
  const parts = raw instanceof PtTuple || Array.isArray(raw) ? [...raw] : [];
  const [name, dict] = parts;
  if (parts.length !== 2 || !(name === null || typeof name === "string")) {
    throw reader.wrong(key, "a class name and a state", raw);
  }
  return { name, dict, raw };
}
