// The card of a metric: what everything that lists, chooses or explains metrics knows of one. It stands beside the function, and
// no other place names its metric.

import type { JsonObject } from "@plenoptic-js/formats";
import type { Tensor } from "@plenoptic-js/tensor";

type OfTwoImages = (img1: Tensor, img2: Tensor) => Tensor;

export interface MetricCard {
  /** What the command calls it: `ms-ssim`. */
  readonly name: string;
  /** Its function in `po.metric`: `msSsim`. */
  readonly functionName: string;
  /** The dotted name under which Python's plenoptic saves it; null where Python has no such metric. */
  readonly pythonName: string | null;
  /** What it is, in a few words. */
  readonly summary: string;
  /** That function, with its defaults: [batch, channel, height, width] twice to [batch, channel]. */
  readonly compute: OfTwoImages;
  /** Which values say more similar. */
  readonly direction: "lower" | "higher";
  /** Least and greatest value; null where there is none. */
  readonly range: readonly [least: number, greatest: number | null];
  /** The value for identical images. */
  readonly identical: number;
  /** The shortest side of images it was made for. */
  readonly usualSide: number;
  /** The shortest side of images it can be computed for. */
  readonly leastSide: number;
  /** The metric as a distance, which is least for identical images: what a MAD competition is held with. */
  readonly distance: {
    readonly compute: OfTwoImages;
    /** What it is: `1 - SSIM`. */
    readonly text: string;
    /** What recipes call it: its function in `po.metric`, if there is one. */
    readonly name: string;
    readonly options: JsonObject;
  };
}
