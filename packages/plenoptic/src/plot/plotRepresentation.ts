/**
 * `plotRepresentation`: what a model says about an image, in the form that suits it, as plenoptic's
 * `plot_representation`. A model that knows better than the shape of its output says so, see `PlottableModel`.
 */

import type { Tensor } from "@plenoptic-js/tensor";
import { checkOptions } from "@plenoptic-js/tensor/engine";
import { type Model, type ModelFunction, modelFunction } from "../models/model.ts";
import { significant } from "../significant.ts";
import { isRounding } from "../synthesis/verdict/rounding.ts";
import type { Figure } from "./figure.ts";
import { imagePanel, imagePanels } from "./imshow.ts";
import type { Panel } from "./panel.ts";
import { figureOf } from "./panel.ts";
import { exactZoom, fittingZoom, planesOf } from "./planes.ts";
import type { ArraySource, ImageLike } from "./sources.ts";
import { atLeastTwoAxes, readArray, select } from "./sources.ts";
import { stemPanel } from "./stem.ts";

/** A representation: one array, or arrays by the names of groups. */
export type Representation = Tensor | ReadonlyMap<string, Tensor>;

export interface PlotRepresentationOptions {
  /** Lowest and highest value of all charts; `null` fits each to its values. Pictures are left alone. Default `null`. */
  readonly ylim?: readonly [number, number] | null;
  /** The batch member to show. Default 0. */
  readonly batchIdx?: number;
  /** What all titles begin with; the names of groups and the numbers of channels follow. Default "". */
  readonly title?: string;
}

/** A model that may say how its representation is drawn. Of the ways it has, the first in this order is used. */
export interface PlottableModel extends Model {
  /** Draws the figure. */
  plotRepresentation?(data: Representation, options: PlotRepresentationOptions): Figure | Promise<Figure>;
  /** What to draw of one batch member, by title: a row of numbers becomes a chart of stems, [height, width] a picture. */
  representationPanels?(data: Representation, batchIdx: number): ReadonlyMap<string, ArraySource>;
  /** What the numbers of such a row are, for the axis of its chart: "Norm", for example. Default: "Value". */
  panelAxis?(title: string): string;
  /** Takes the representation apart into named groups, [batch, channel, ...] each. */
  convertToDict?(representation: Tensor): ReadonlyMap<string, Tensor>;
}

/** Size of a chart, and the longest side of a picture where several panels stand in a row. */
const WIDTH = 296;
const HEIGHT = 190;
export const REPRESENTATION_COLUMNS = 3;

/**
 * Draws a representation. What the model does not decide, the shape does: arrays [batch, channel, height, width] become
 * pictures, one for each channel, in colours about 0 where there are negative values; all others become charts of stems,
 * one for each channel, or one for arrays [batch, n]. An array of one axis has no batch. What is no output of a model and has two
 * axes, such as [height, width], is a picture as `matrix.reshape([1, 1, height, width])`.
 *
 * @param model the model it comes from, or `null`
 * @param data what the model gave, or its groups
 * @throws RangeError for a batch member that is not there, or limits that make no sense; TypeError for complex values.
 */
export async function plotRepresentation(
  model: PlottableModel | ModelFunction | null,
  data: Representation,
  options: PlotRepresentationOptions = {},
): Promise<Figure> {
  const caller = "plotRepresentation";
  checkOptions(caller, options, ["ylim", "batchIdx", "title"]);
  if (model !== null) modelFunction(model);
  const own: Partial<PlottableModel> = typeof model === "function" ? {} : (model ?? {});
  if (own.plotRepresentation !== undefined) return own.plotRepresentation(data, options);
  const panels = await representationPanels(own, data, options, caller);
  return figureOf(panels, Math.min(REPRESENTATION_COLUMNS, panels.length));
}

type Drawing = Omit<Partial<PlottableModel>, "plotRepresentation">;

/** The panels of a representation that the model does not draw itself. */
async function representationPanels(
  own: Drawing,
  data: Representation,
  options: PlotRepresentationOptions,
  caller: string,
): Promise<Panel[]> {
  const { ylim = null } = options;
  const arrays = await representationArrays(own, data, options, caller);
  return arrays.flatMap(([title, array, axis]) => arrayPanels(title, array, ylim, caller, axis));
}

/**
 * The panels of a difference of two representations. One that is no more than rounding makes is drawn on the scale of the representation
 * itself, so that it looks flat, and its title says so; on a scale of its own it would look like something.
 *
 * @param target what the difference is from
 */
export async function differencePanels(
  own: Drawing,
  difference: Tensor,
  target: Tensor,
  options: PlotRepresentationOptions,
  caller: string,
): Promise<Panel[]> {
  const { ylim = null } = options;
  const targets = await representationArrays(own, target, options, caller);
  const sizes = targets.map(([, { values }]) => largestOf(values));
  const whole = Math.max(...sizes);
  const arrays = await representationArrays(own, difference, options, caller);
  return arrays.flatMap(([title, array, axis], i) => {
    const most = largestOf(array.values);
    const wanted = targets[i][1].values;
    const { values } = array;
    const isOwn = isRounding(
      values.length,
      (at) => Math.abs(values[at]),
      (at) => Math.abs(wanted[at]),
      target.dtype,
    );
    // What is 0 but for rounding has no size of its own.
    const isNothing = Math.max(most, sizes[i]) <= nothingIn(target) * whole;
    if (!(most >= 0 && (isOwn || isNothing))) return arrayPanels(title, array, ylim, caller, axis);
    const size = (isOwn ? sizes[i] : whole) || 1;
    const said = most === 0 ? "equal" : `equal up to rounding, at most ${significant(most)}`;
    return arrayPanels(
      title === "" ? `Responses ${said}` : `${title}: ${said}`,
      array,
      ylim ?? [-size, size],
      caller,
      axis,
      size,
    );
  });
}

/** What is left of rounding in sums of numbers that cancel, as a part of the largest number of all: little enough to leave groups alone that are small beside a constant. */
const nothingIn = ({ dtype }: Tensor): number => (dtype === "float32" || dtype === "complex64" ? 2e-9 : 2e-15);

/** The largest absolute value; of none, and where one is not finite, NaN. */
function largestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) return Number.NaN;
    most = Math.max(most, Math.abs(values[i]));
  }
  return most;
}

/** What is drawn of one batch member of a representation, [batch, channel, ...] each, with its title. */
async function representationArrays(
  own: Drawing,
  data: Representation,
  { batchIdx = 0, title = "" }: PlotRepresentationOptions,
  caller: string,
): Promise<(readonly [title: string, array: ImageLike, axis: string])[]> {
  const arrays: (readonly [string, ImageLike, string])[] = [];
  if (own.representationPanels !== undefined) {
    for (const [name, source] of own.representationPanels(data, batchIdx)) {
      const { shape, values } = await readArray(source, caller);
      // A picture and a row of numbers, as one channel of one batch member.
      arrays.push([joined(title, name), { shape: [1, 1, ...shape], values }, own.panelAxis?.(name) ?? VALUE]);
    }
  } else {
    const isArray = !(data instanceof Map);
    const groups = isArray ? own.convertToDict?.(data as Tensor) : (data as ReadonlyMap<string, Tensor>);
    for (const [name, group] of groups ?? [["", data as Tensor] as const]) {
      // Groups may be empty: some statistics take two scales at least.
      if (groups !== undefined && group.size === 0) continue;
      const array = atLeastTwoAxes(await readArray(group, caller));
      arrays.push([joined(title, name), select(array, batchIdx, null, caller), VALUE]);
    }
  }
  if (arrays.length === 0) throw new RangeError(`${caller}: the representation has no groups, so nothing to plot`);
  return arrays;
}

/** What numbers are called, of which the model says no more. */
const VALUE = "Value";

/**
 * One panel for each channel of one batch member.
 *
 * @param extent of pictures: what they are drawn out to about 0; null fits each to its values
 */
function arrayPanels(
  title: string,
  array: ImageLike,
  ylim: readonly [number, number] | null,
  caller: string,
  axis: string,
  extent: number | null = null,
): Panel[] {
  const { shape, values } = array;
  const channels = shape.length === 2 ? 1 : shape[1];
  const titles = Array.from({ length: channels }, (_, c) => joined(title, channels > 1 ? `channel ${c}` : ""));
  if (shape.length === 4) {
    const planes = planesOf(array, false, caller);
    if (extent !== null) {
      return planes.map((plane, c) => {
        const zoom = exactZoom(fittingZoom(shape[2], shape[3], WIDTH), shape[2], shape[3], caller);
        return imagePanel(plane, titles[c], [-extent, extent], { diverging: true, shared: false }, zoom);
      });
    }
    const signed = planes.some((plane) => plane.values.some((value) => value < 0));
    const zoom = fittingZoom(shape[2], shape[3], WIDTH);
    return imagePanels(planes, titles, signed ? "indep0" : "indep1", zoom, caller);
  }
  const size = values.length / channels;
  return titles.map((own, c) => {
    const row = Float64Array.from({ length: size }, (_, i) => values[c * size + i]);
    return stemPanel(row, { title: own, ylim, ylabel: axis, xvals: null, width: WIDTH, height: HEIGHT, caller });
  });
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
