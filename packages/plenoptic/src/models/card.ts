// The card of a model: what everything that lists, chooses, saves or explains models knows of one. It stands beside the class, and
// no other place names its model.

import type { optim, Tensor } from "@plenoptic-js/tensor";
import type { LossCard } from "../loss/card.ts";
import type { LossFunction } from "../loss/lossFunction.ts";
import type { ImageSize } from "../process/steerableMasks.ts";
import type { Model } from "./model.ts";

/** An option that is chosen from outside: on the command line, on a page. All are numbers. */
export interface ModelOption {
  /** An integer within the range, both ends included, or a number between the ends. */
  readonly kind: "integer" | "number";
  /** The class refuses what is beyond. */
  readonly range: readonly [least: number, greatest: number];
  readonly default: number;
  /** What it is a number of, where that is not said by its name. */
  readonly unit?: "pixels";
  /** What it is called in texts: `kernel size`. Options of several models with the same name are the same. */
  readonly words: string;
  /** What it is. */
  readonly help: string;
  /** How much of it fits smaller images, where it decides on their size. */
  readonly forSmallImages?: "fewer" | "a smaller";
}

/** Values of all options of a card. */
export type OptionValues<Option extends string = string> = { readonly [option in Option]: number };

/** The loss a model's metamers are made with, where it is not the mean squared error. */
export interface ModelLoss<Made extends Model = Model> {
  /** The function in `po.loss` that makes it. */
  readonly name: string;
  create(model: Made, image: Tensor): LossFunction;
  /** The loss from coarse to fine, which must also fit parts of the representation. */
  readonly ofParts: LossCard;
}

/** Settings that are known to find a model's metamers. */
export interface ModelPreset {
  /** Its function in `po.presets`. */
  readonly name: string;
  /** What comes of it. */
  readonly summary: string;
  /** What it is made of, besides the model. */
  readonly parts: string;
  readonly iterations: number;
  optimizer(): optim.Optimizer;
  /** The image to start from, for a target that was checked. */
  initialImage(target: Tensor): Tensor;
  /** How that is made, for people. */
  readonly start: string;
}

/** What the indices of a representation mean, where the model takes it apart into groups (`convertToDict`). */
export interface RepresentationGroups<Name extends string = string, Column extends string = string> {
  /** All that can be said of a value, in the order of a table's columns. */
  readonly columns: readonly Column[];
  /** By group, for each axis after batch and channel: what its places are, by columns. */
  readonly axes: { readonly [name in Name]: readonly AxisMeaning<Column>[] };
}

/** What an axis says of a value: a word or a number for every place on it. */
export type AxisMeaning<Column extends string = string> = {
  readonly [column in Column]?: readonly (string | number)[];
};

export interface ModelCard<Option extends string = string, Made extends Model = Model> {
  /** What the command calls it: `center-surround`. */
  readonly name: string;
  readonly class: abstract new (...args: never[]) => Made;
  /** The name of the class in `po.models`, which minifiers leave alone here. */
  readonly className: string;
  /** The dotted name under which Python's plenoptic saves it; null where Python has no such model. */
  readonly pythonName: string | null;
  /** What the model does, to be read after its name. */
  readonly summary: string;
  /** The options to choose; all others are as the card makes it. */
  readonly options: { readonly [option in Option]: ModelOption };
  /** The shortest side of an image that it can be used on. */
  leastSide(options: OptionValues<Option>): number;
  /** What both sides of an image must be divisible by. Default 1. */
  sideStep?(options: OptionValues<Option>): number;
  /** Whether it has scales, by which metamers are made from coarse to fine. */
  readonly hasScales?: true;
  /** Default: the mean squared error. */
  readonly loss?: ModelLoss<Made>;
  readonly preset?: ModelPreset;
  /** Where there are none, the representation is one group. */
  groups?(options: OptionValues<Option>): RepresentationGroups;
  /**
   * Makes a model again that says these `options` of itself: what a recipe holds, from whomever. The class refuses what makes no
   * sense.
   */
  remake(options: Readonly<Record<string, unknown>>): Made;
  /** Makes the model for images of a size. */
  create(options: OptionValues<Option>, imageShape: ImageSize): Made;
}
