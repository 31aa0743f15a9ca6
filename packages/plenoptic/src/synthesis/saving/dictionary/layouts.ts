// The attributes of synthesis objects in a file, in the order of Python's plenoptic 2.x. What our files say beyond them stands
// in `save_metadata` (metadata.ts).

import type { PtDict, PtValue } from "@plenoptic-js/formats";
import * as f from "./fields.ts";
import type { SavedReader } from "./reader.ts";

/** The inputs on which callables are compared. */
export const LOSS_INPUTS = ["_target_representation", "2 * _target_representation"] as const;
export const IMAGE_INPUT = ["_image"] as const;
export const METRIC_INPUTS = ["_image", "_mad_image"] as const;

/** What all iterative methods begin with. */
const ITERATIVE = {
  metadata: f.raw("save_metadata"),
  loaded: f.flag("_loaded"),
  losses: f.numbers("_losses"),
  penalties: f.numbers("_penalties"),
  gradientNorm: f.numbers("_gradient_norm"),
  pixelChangeNorm: f.numbers("_pixel_change_norm"),
  every: f.storeProgress("_store_progress"),
  currentLoss: f.numberOrNone("_current_loss"),
  currentPenalty: f.numberOrNone("_current_penalty"),
  penaltyLambda: f.number("_penalty_lambda"),
  image: f.image("_image"),
  imageShape: f.size("_image_shape"),
};

/** What all iterative methods end with. */
const STATES = { optimizer: f.state("_optimizer"), scheduler: f.state("_scheduler") };

const STEP_TAKES_LOSS = { stepTakesLoss: f.flag("_scheduler_step_arg") };

const METAMER_IMAGES = {
  target: f.tensor("_target_representation"),
  ...STEP_TAKES_LOSS,
  savedImages: f.images("_saved_metamer"),
  synthesized: f.imageOrNone("_metamer"),
};

const METAMER_CALLABLES = {
  lossFunction: f.callable("_loss_function"),
  penaltyFunction: f.callable("_penalty_function"),
  model: f.callable("_model"),
};

export const METAMER = { ...ITERATIVE, ...METAMER_IMAGES, ...METAMER_CALLABLES, ...STATES };

export const METAMER_CTF = {
  ...ITERATIVE,
  ...METAMER_IMAGES,
  scaleTarget: f.tensorOrNone("_ctf_target_representation"),
  scales: f.labels("_scales"),
  scalesTiming: f.timing("_scales_timing"),
  scalesLoss: f.numbers("_scales_loss"),
  scalesFinished: f.labels("_scales_finished"),
  coarseToFine: f.text("_coarse_to_fine", ["together", "separate"]),
  initialLr: f.numbersOrNone("_initial_lr"),
  ...METAMER_CALLABLES,
  ...STATES,
};

export const MAD_COMPETITION = {
  ...ITERATIVE,
  ...STEP_TAKES_LOSS,
  optimizedMetricLoss: f.numbers("_optimized_metric_loss"),
  referenceMetricLoss: f.numbers("_reference_metric_loss"),
  synthesized: f.imageOrNone("_mad_image"),
  initialImage: f.imageOrNone("_initial_image"),
  referenceMetricTarget: f.numberOrNone("_reference_metric_target"),
  metricTradeoffLambda: f.number("_metric_tradeoff_lambda"),
  minmax: f.text("_minmax", ["min", "max"]),
  savedImages: f.images("_saved_mad_image"),
  optimizedMetric: f.callable("_optimized_metric"),
  referenceMetric: f.callable("_reference_metric"),
  penaltyFunction: f.callable("_penalty_function"),
  ...STATES,
};

export const EIGENDISTORTION = {
  metadata: f.raw("save_metadata"),
  loaded: f.flag("_loaded"),
  imageShape: f.size("_image_shape"),
  imageFlat: f.tensor("_image_flat"),
  image: f.image("_image"),
  representationFlat: f.tensor("_representation_flat"),
  jacobian: f.imageOrNone("_jacobian"),
  eigendistortions: f.imageOrNone("_eigendistortions"),
  eigenvalues: f.imageOrNone("_eigenvalues"),
  eigenindex: f.integersOrNone("_eigenindex"),
  model: f.callable("_model"),
};

/** The layouts by the names under which plenoptic 2.x writes the classes. */
const LAYOUTS = {
  "plenoptic.Metamer": METAMER,
  "plenoptic.MetamerCTF": METAMER_CTF,
  "plenoptic.MADCompetition": MAD_COMPETITION,
  "plenoptic.Eigendistortion": EIGENDISTORTION,
} as const;

export type SavedClass = keyof typeof LAYOUTS;

/** The names of all classes that are saved. */
export const CLASSES = Object.keys(LAYOUTS) as readonly SavedClass[];

/** The class of a name, if it is one that is saved. */
export function savedClass(name: string): SavedClass | undefined {
  return Object.hasOwn(LAYOUTS, name) ? (name as SavedClass) : undefined;
}

/** The keys of a class, in Python's order. */
export function keysOf(name: SavedClass): readonly string[] {
  return Object.values(LAYOUTS[name]).map((field) => field.key);
}

interface AnyField {
  readonly key: string;
  write(value: never): PtValue | Promise<PtValue>;
  read(reader: SavedReader): unknown;
}

/** The attributes of a class by our names. */
export type Layout = Readonly<Record<string, AnyField>>;

export type Values<L extends Layout> = {
  readonly [K in keyof L]: L[K] extends f.Field<infer T> ? T : never;
};

/** What all iterative methods keep. */
export type IterativeValues = Omit<Values<typeof METAMER>, "target" | "lossFunction" | "model">;

/** The dictionary with these values. */
export async function writeValues<L extends Layout>(layout: L, values: Values<L>): Promise<PtDict> {
  const dict: PtDict = new Map();
  for (const name of Object.keys(layout)) {
    dict.set(layout[name].key, await layout[name].write(values[name] as never));
  }
  return dict;
}

/** The values of a dictionary. Throws FileError where one has the wrong type, or is missing. */
export function readValues<L extends Layout>(layout: L, reader: SavedReader): Values<L> {
  const entries = Object.entries(layout).map(([name, field]) => [name, field.read(reader)]);
  return Object.fromEntries(entries) as Values<L>;
}
