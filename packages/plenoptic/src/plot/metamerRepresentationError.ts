/**
 * `metamerRepresentationError`: how far the response to a metamer is from that to its target, as plenoptic's `metamer_representation_error`
 * draws it; and above, where the model has groups, the error of each group as one number.
 */

import { type FloatDType, type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, settled } from "@plenoptic-js/tensor/engine";
import { type ModelLike, modelFunction } from "../models/model.ts";
import { groupValues } from "../synthesis/verdict/groups.ts";
import { apartIn } from "../synthesis/verdict/metamerVerdict.ts";
import type { Figure } from "./figure.ts";
import { type GroupError, groupErrorPanel } from "./groupErrors.ts";
import { checkKind } from "./kinds.ts";
import { figureOfRows, type Panel } from "./panel.ts";
import {
  differencePanels,
  type PlottableModel,
  plotRepresentation,
  REPRESENTATION_COLUMNS,
} from "./plotRepresentation.ts";
import type { MetamerSource } from "./sources.ts";
import { synthesizedImage } from "./synthesized.ts";

export interface MetamerRepresentationErrorOptions {
  /** The batch member to show. Default 0. */
  readonly batchIdx?: number;
  /** The iteration to show; negative ones count from the end, `null` is the current one. Default `null`. */
  readonly iteration?: number | null;
  /** Lowest and highest value of all charts of differences; `null` fits each to its values. Default `null`. */
  readonly ylim?: readonly [number, number] | null;
}

/** Metamer and MetamerCTF, with the model that is to be fooled. */
export interface ModelledMetamer extends MetamerSource {
  readonly model: ModelLike;
  /** The representation to be matched. */
  readonly targetRepresentation: Tensor;
}

/**
 * Draws the response to the metamer minus that to the target, as `plotRepresentation` draws a response; and for models with groups, first the
 * Euclidean distance of each group as a part of the target's own size. What is equal up to rounding is drawn flat, on the scale of the response
 * itself, and its title says so.
 *
 * @throws RangeError before setup, when an index is out of range, or when an earlier iteration is asked for and no image was stored
 */
export async function metamerRepresentationError(
  metamer: ModelledMetamer,
  options: MetamerRepresentationErrorOptions = {},
): Promise<Figure> {
  const caller = "metamerRepresentationError";
  checkOptions(caller, options, ["batchIdx", "iteration", "ylim"]);
  checkKind(caller, metamer, "Metamer");
  const { batchIdx = 0, iteration = null, ylim = null } = options;
  const { model, targetRepresentation: target } = metamer;
  const { image, iteration: at } = await synthesizedImage(metamer, iteration, caller);
  const { dtype } = metamer.image as Tensor<FloatDType>;
  // Computed once, not by each of the panels.
  const [made] = await settled([
    modelFunction(model)(tensor(Float64Array.from(image.values), { shape: image.shape, dtype })),
  ]);
  const difference = made.sub(target);
  const own: Partial<PlottableModel> = typeof model === "function" ? {} : model;
  const shown = { batchIdx, ylim, title: "" };
  // What the model draws itself stands alone.
  if (own.plotRepresentation !== undefined) return plotRepresentation(own as PlottableModel, difference, shown);
  const panels = await differencePanels(own, difference, target, shown, caller);
  const rows: Panel[][] = [];
  for (let i = 0; i < panels.length; i += REPRESENTATION_COLUMNS)
    rows.push(panels.slice(i, i + REPRESENTATION_COLUMNS));
  const errors = apartIn(await groupValues(model, target), await groupValues(model, made), null).map(
    ({ name, distance, size }): GroupError => ({
      name: name.replaceAll("_", " "),
      distance,
      relative: distance / size,
    }),
  );
  const heading = `Representation error [iteration=${at}]`;
  return figureOfRows(errors.length > 1 ? [[groupErrorPanel(errors)], ...rows] : rows, heading);
}
