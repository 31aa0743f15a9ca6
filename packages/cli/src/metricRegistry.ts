// The metrics the command knows, by name: what each computes, which way it goes, and the distance that it is as a part of a MAD
// competition. And those of the user's own, which come from a file.

import type { JsonObject } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { metric, type validate } from "plenoptic-js";
import { unknownName } from "./didYouMean.ts";
import { UserCodeError, UserError } from "./failure.ts";
import { shortened } from "./target.ts";
import { EXAMPLES, isClass, kindOf, place, type UserFile } from "./userCode.ts";
import { isModuleName, loadUserModule, moduleHelp } from "./userModule.ts";

const { mse, msSsim, nlpd, oneMinusSsim, ssim } = metric;

export interface MetricEntry {
  /** What it is, in a few words. */
  readonly summary: string;
  readonly compute: validate.MetricFunction;
  /** Which values say more similar. */
  readonly direction: "lower" | "higher";
  /** Least and greatest value; null where there is none. */
  readonly range: readonly [number, number | null];
  /** The value for identical images. */
  readonly identical: number;
  /** The shortest side of images it was made for. */
  readonly usualSide: number;
  /** The shortest side of images it can be computed for. */
  readonly leastSide: number;
  /** The metric as a distance, which is least for identical images. */
  readonly distance: {
    readonly compute: validate.MetricFunction;
    /** What it is: `1 - SSIM`. */
    readonly text: string;
    /** What recipes call it. */
    readonly name: string;
    readonly options: JsonObject;
  };
}

export const metricRegistry: ReadonlyMap<string, MetricEntry> = new Map<string, MetricEntry>([
  [
    "mse",
    {
      summary: "mean squared difference",
      compute: mse,
      direction: "lower",
      range: [0, null],
      identical: 0,
      usualSide: 1,
      leastSide: 1,
      distance: { compute: mse, text: "MSE", name: "mse", options: {} },
    },
  ],
  [
    "ssim",
    {
      summary: "structural similarity, mean over the image",
      compute: ssim,
      direction: "higher",
      range: [-1, 1],
      identical: 1,
      usualSide: 11,
      leastSide: 1,
      distance: {
        compute: oneMinusSsim,
        text: "1 - SSIM",
        name: "oneMinusSsim",
        options: { weighted: false, pad: false },
      },
    },
  ],
  [
    "ms-ssim",
    {
      summary: "structural similarity at five scales; for sides of 161 pixels or more",
      compute: msSsim,
      direction: "higher",
      range: [0, 1],
      identical: 1,
      usualSide: 161,
      leastSide: 1,
      distance: {
        compute: (a, b) => msSsim(a, b).neg().add(1),
        text: "1 - MS-SSIM",
        name: "1 - msSsim",
        options: { powerFactors: null },
      },
    },
  ],
  [
    "nlpd",
    {
      summary: "distance of normalized Laplacian pyramids; for sides of 33 pixels or more",
      compute: nlpd,
      direction: "lower",
      range: [1e-5, null],
      identical: 1e-5,
      usualSide: 33,
      leastSide: 33,
      distance: { compute: nlpd, text: "NLPD", name: "nlpd", options: { epsilon: 1e-10 } },
    },
  ],
]);

/** The metrics with what each is, a line each, for the help of commands. */
export function metricLines(what: (entry: MetricEntry) => string): string {
  const width = [...metricRegistry.keys()].reduce((most, name) => Math.max(most, name.length), 0);
  return [...metricRegistry].map(([name, entry]) => `  ${name.padEnd(width)}  ${what(entry)}`).join("\n");
}

/** `; did you mean ...` and the names there are. */
export function unknownMetric(name: string, others = ""): string {
  return unknownName("metric", name, [...metricRegistry.keys()], others);
}

/** What the help of a command says of an option that takes a metric. */
export const METRIC_HELP = `${[...metricRegistry.keys()].join(", ")}; ${moduleHelp("metric")}`;

/** A metric, chosen but not made yet. */
export interface MetricChoice {
  /** A short name, fit for file names. */
  readonly name: string;
  /** What it is as a distance. */
  readonly text: string;
  /** How it is written on the command line. */
  readonly flag: string;
  /** The shortest side of images it can be computed for. */
  readonly leastSide: number;
  /** The file it comes from, if it is the user's own. */
  readonly file?: UserFile;
  /** What the recipe says of it besides its fingerprint. */
  readonly recipe: JsonObject;
  /** For images of a size: a distance of two images. */
  create(size: readonly [height: number, width: number], dtype: FloatDType): Promise<validate.MetricFunction>;
}

/**
 * The metric of that name, or of that file, as a distance.
 *
 * @throws UserError for an unknown name, or a file without a metric
 */
export async function chooseMetric(typed: string): Promise<MetricChoice> {
  if (isModuleName(typed)) return userMetric(typed);
  const name = typed.toLowerCase();
  const entry = metricRegistry.get(name);
  if (entry === undefined) throw new UserError(`there is no ${unknownMetric(typed, ", or a file such as ./mine.mjs")}`);
  const { distance, leastSide } = entry;
  const recipe = { name: distance.name, options: distance.options };
  return { name, text: distance.text, flag: name, leastSide, recipe, create: async () => distance.compute };
}

async function userMetric(path: string): Promise<MetricChoice> {
  const file = await loadUserModule(path, "metric");
  const { name: fileName, sha256 } = file;
  return {
    name: shortened(fileName.replace(/\.\w+$/, "").replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")),
    text: fileName,
    flag: path,
    leastSide: 1,
    file: { path, kind: "metric" },
    recipe: { name: fileName, options: {}, file: { name: fileName, sha256 } },
    create: async ([height, width], dtype) => {
      const po = await import("plenoptic-js");
      const given = await file.make({ height, width, dtype, po });
      if (typeof given !== "function" || isClass(given)) {
        const gives = file.isMade ? "its makeMetric gives" : "its metric is";
        throw new UserCodeError(
          `${place(path, file.lineOf(given))}: ${gives} ${kindOf(given)}; it must be a function of two images, such as metric.mse`,
          { example: file.isMade ? EXAMPLES.makeMetric : EXAMPLES.metric },
        );
      }
      const metric = given as (a: Tensor, b: Tensor) => Tensor;
      return (a, b) => file.call(metric, () => metric(a, b));
    },
  };
}
