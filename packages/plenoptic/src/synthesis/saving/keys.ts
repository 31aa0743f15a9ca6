// The keys of saved synthesis objects of plenoptic 2.x, in Python's order (spec/pt-format.md, section 8).

import { ITERATIVE_KEYS, METAMER_KEYS } from "./metamerFile.ts";
import type { SavedClass } from "./migrate.ts";

const SCALE_KEYS = [
  "_ctf_target_representation",
  "_scales",
  "_scales_timing",
  "_scales_loss",
  "_scales_finished",
  "_coarse_to_fine",
  "_initial_lr",
] as const;

export const KEYS: Readonly<Record<SavedClass, readonly string[]>> = {
  "plenoptic.Metamer": METAMER_KEYS,
  "plenoptic.MetamerCTF": METAMER_KEYS.flatMap((key) => (key === "_metamer" ? [key, ...SCALE_KEYS] : [key])),
  "plenoptic.MADCompetition": [
    ...ITERATIVE_KEYS,
    "_scheduler_step_arg",
    "_optimized_metric_loss",
    "_reference_metric_loss",
    "_mad_image",
    "_initial_image",
    "_reference_metric_target",
    "_metric_tradeoff_lambda",
    "_minmax",
    "_saved_mad_image",
    "_optimized_metric",
    "_reference_metric",
    "_penalty_function",
    "_optimizer",
    "_scheduler",
  ],
  "plenoptic.Eigendistortion": [
    "save_metadata",
    "_loaded",
    "_image_shape",
    "_image_flat",
    "_image",
    "_representation_flat",
    "_jacobian",
    "_eigendistortions",
    "_eigenvalues",
    "_eigenindex",
    "_model",
  ],
};

/** The class of a name, if it is one that is saved. */
export function savedClass(name: string): SavedClass | undefined {
  return Object.hasOwn(KEYS, name) ? (name as SavedClass) : undefined;
}
