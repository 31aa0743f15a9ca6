/** `displayFilters`: the kernels of a front-end model side by side, as `display_filters` of Python's models shows them. */

import type { Tensor } from "@plenoptic-js/tensor";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import type { Figure } from "./figure.ts";
import { imagePanels } from "./imshow.ts";
import { figureOf } from "./panel.ts";
import { planesOf } from "./planes.ts";
import { readArray } from "./sources.ts";
import type { VRange } from "./vrange.ts";

export interface DisplayFiltersOptions {
  /** Values at the ends of the colours. Default "indep0": in colour about 0, each filter on a scale of its own. */
  readonly vrange?: VRange;
  /** Pixels for each element: a whole number or 1/n. Default 5. */
  readonly zoom?: number;
  /** One title for each filter, or one for all. Default: what each does, and for models of two channels which it is. */
  readonly title?: string | readonly string[] | null;
  /** Filters in a row. Default: the channels of a model with two, else all. */
  readonly colWrap?: number;
}

/** A model of the front end: its kernels, [channels, 1, height, width], by Python's names. */
export interface FilteringModel {
  kernels(): ReadonlyMap<string, Tensor>;
}

/** What each kernel does. */
const NAMES: Readonly<Record<string, string>> = {
  center_surround: "linear filter",
  luminance: "luminance filter",
  contrast: "contrast filter",
};

const CHANNELS = ["on", "off"];

/**
 * Draws the filters of a front-end model, in the order in which they are used: centre-surround, luminance, contrast.
 *
 * @throws TypeError for a model without such filters; RangeError for titles that are not one for each
 */
export async function displayFilters(model: FilteringModel, options: DisplayFiltersOptions = {}): Promise<Figure> {
  const caller = "displayFilters";
  checkOptions(caller, options, ["vrange", "zoom", "title", "colWrap"]);
  if (typeof model?.kernels !== "function") {
    const hasFilter = typeof (model as { readonly filt?: unknown } | null | undefined)?.filt === "function";
    throw new TypeError(
      `${caller}: the model is ${shown(model)}; it must be one with kernels(): LinearNonlinear, LuminanceGainControl, ` +
        `LuminanceContrastGainControl or OnOff${hasFilter ? ". Of this one, imshow(model.filt()) draws the filters" : ""}`,
    );
  }
  const { vrange = "indep0", zoom = 5 } = options;
  const kernels = [...model.kernels()];
  const channels = kernels.reduce((most, [, { shape }]) => Math.max(most, shape[0]), 1);
  const titles: string[] = [];
  const planes = [];
  for (const [name, kernel] of kernels) {
    const own = planesOf(await readArray(kernel, caller), false, caller);
    planes.push(...own);
    titles.push(...own.map((_, i) => `${NAMES[name] ?? name}${channels > 1 ? `, ${CHANNELS[i] ?? i}` : ""}`));
  }
  const columns = options.colWrap ?? (channels > 1 ? channels : planes.length);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`${caller}: colWrap must be a whole number from 1 on, got ${shown(columns)}`);
  }
  return figureOf(
    imagePanels(planes, options.title === undefined ? titles : options.title, vrange, zoom, caller),
    columns,
  );
}
