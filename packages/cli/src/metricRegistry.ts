// The metrics the command knows, by name: those that have a card, and those of the user's own, which come from a file.

import type { JsonObject } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { type MetricCard, metricCards } from "plenoptic-js/engine";
import { UserCodeError, UserError } from "./failure.ts";
import { unknownName } from "./names.ts";
import { shortened } from "./target.ts";
import { EXAMPLES, isClass, kindOf, place, type UserFile } from "./userCode.ts";
import { isModuleName, loadUserModule, moduleHelp } from "./userModule.ts";

/** The metrics the command knows, by name. */
export const metricRegistry: ReadonlyMap<string, MetricCard> = new Map(metricCards.map((card) => [card.name, card]));

/** The metrics with what each is, a line each, for the help of commands. */
export function metricLines(what: (card: MetricCard) => string): string {
  const width = [...metricRegistry.keys()].reduce((most, name) => Math.max(most, name.length), 0);
  return [...metricRegistry].map(([name, card]) => `  ${name.padEnd(width)}  ${what(card)}`).join("\n");
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
  create(size: readonly [height: number, width: number], dtype: FloatDType): Promise<po.validate.MetricFunction>;
}

/**
 * The metric of that name, or of that file, as a distance.
 *
 * @throws UserError for an unknown name, or a file without a metric
 */
export async function chooseMetric(typed: string): Promise<MetricChoice> {
  const name = typed.toLowerCase();
  if (name.endsWith(".onnx")) {
    throw new UserError(
      `${typed} is a network, and no metric; a file of your own makes one of a layer: docs/deep-nets.md`,
    );
  }
  if (isModuleName(typed)) return userMetric(typed);
  const card = metricRegistry.get(name);
  if (card === undefined) throw new UserError(`there is no ${unknownMetric(typed, ", or a file such as ./mine.mjs")}`);
  const { distance, leastSide } = card;
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
