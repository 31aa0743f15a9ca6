// The cards of losses: what everything that lists, names, saves or explains losses knows of one. No other place names its loss.

import type { Tensor } from "@plenoptic-js/tensor";
import type { GroupedModel } from "../models/model.ts";
import type { LossFunction } from "./lossFunction.ts";

/** A loss that fits every representation, and every part of one. */
export interface LossCard {
  /** Its function in `po.loss`, by which recipes name it: `l2Norm`. */
  readonly name: string;
  /** The dotted name under which Python's plenoptic saves it. */
  readonly pythonName: string;
  /** The formula, with s the synthesized representation and t the target's. */
  readonly formula: string;
  /** Which representations it takes. */
  readonly takes: "real" | "real and complex";
  readonly compute: LossFunction;
}

/** A function that makes losses, each for one model and one image. */
export interface LossFactoryCard {
  /** Its name in `po.loss`, by which recipes name what it makes. */
  readonly name: string;
  create(model: GroupedModel, image: Tensor): LossFunction;
}
