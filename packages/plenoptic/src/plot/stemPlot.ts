/** `stemPlot`: a row of numbers, each as a stem from 0, as plenoptic's `stem_plot`. */

import { checkOptions, shapeText } from "@plenoptic-js/tensor/engine";
import { CHART_HEIGHT, CHART_WIDTH } from "./chart.ts";
import type { Figure } from "./figure.ts";
import { figureOf } from "./panel.ts";
import type { ArraySource } from "./sources.ts";
import { readArray } from "./sources.ts";
import { stemPanel } from "./stem.ts";

export interface StemPlotOptions {
  /** Default "". */
  readonly title?: string;
  /**
   * Lowest and highest value of the vertical axis; values beyond it are cut off, and the figure says how many. `null`
   * shows all values, and 0. Default `null`.
   */
  readonly ylim?: readonly [number, number] | null;
  /**
   * Where the line at 0 is drawn, to set groups of stems apart: the first index of each piece, and the last. `null` is
   * one line under all. Default `null`.
   */
  readonly xvals?: readonly [starts: readonly number[], stops: readonly number[]] | null;
}

/**
 * Draws the numbers of an array with one axis, or with others of size 1, as stems. Values that are NaN or infinite leave
 * gaps, and the figure says how many they are.
 *
 * @throws RangeError for another shape, or limits or pieces that make no sense.
 */
export async function stemPlot(data: ArraySource, options: StemPlotOptions = {}): Promise<Figure> {
  const caller = "stemPlot";
  checkOptions(caller, options, ["title", "ylim", "xvals"]);
  const { title = "", ylim = null, xvals = null } = options;
  const { shape, values } = await readArray(data, caller);
  if (shape.filter((n) => n !== 1).length > 1) {
    throw new RangeError(
      `${caller}: draws one row of numbers, got an array of shape ${shapeText(shape)}; choose a row, flatten the array, ` +
        "or use plotRepresentation",
    );
  }
  return figureOf([stemPanel(values, { title, ylim, xvals, width: CHART_WIDTH, height: CHART_HEIGHT, caller })], 1);
}
