// A MAD competition in a file: Python's attributes, and the two modes in our part of the metadata.

import type { Tensor } from "@plenoptic-js/tensor";
import { distanceOf, type MetricFunction } from "../../validate/metric.ts";
import type { Histories } from "../frame/histories.ts";
import type { Present } from "../frame/progress.ts";
import { type MAD_COMPETITION, METRIC_INPUTS, type Values } from "../saving/dictionary/layouts.ts";
import { readMetadata } from "../saving/dictionary/metadata.ts";
import { savedName } from "../saving/dictionary/names.ts";
import { type CallableCheck, checkCallables } from "../saving/loading/callables.ts";
import { type LoadChecks, LoadError } from "../saving/loading/checks.ts";
import type { Migrated } from "../saving/old/migrate.ts";
import { readConstrained } from "./constrainedState.ts";
import type { Range } from "./madOptions.ts";
import type { MADGiven, MADOwn, SERIES } from "./madState.ts";
import { tradeoffWeight } from "./tradeoff.ts";

export type MADValues = Values<typeof MAD_COMPETITION>;

type MADMetrics = Pick<MADGiven, "optimizedMetric" | "referenceMetric">;

/** The attributes of an object. */
export function savedValues(
  own: MADOwn,
  { optimizedMetric, referenceMetric }: MADMetrics,
  present: Present | null,
  histories: Histories,
): object {
  const { image, initialImage, referenceTarget, minmax, weight } = own;
  // Python's series begin with the value of the initial image twice, and lack that of the final one.
  const series = (name: (typeof SERIES)[number]): Float64Array => {
    const values = histories.of(name).toArray();
    const first = values.length > 0 ? values[0] : present?.terms.recorded[name];
    return Float64Array.from(first === undefined ? [] : [first, ...values]);
  };
  const other = present?.image ?? image;
  const callable = (metric: MetricFunction) => ({
    name: savedName(metric),
    inputs: METRIC_INPUTS,
    output: distanceOf(metric, image, other),
  });
  return {
    optimizedMetricLoss: series("optimizedMetricLoss"),
    referenceMetricLoss: series("referenceMetricLoss"),
    initialImage,
    referenceMetricTarget: referenceTarget,
    metricTradeoffLambda: weight ?? weightForPython(own, { optimizedMetric, referenceMetric }),
    minmax,
    optimizedMetric: callable(optimizedMetric),
    referenceMetric: callable(referenceMetric),
  };
}

/** Python needs a weight. It is what Python would have guessed, from the initial image instead of a drawn one. */
function weightForPython({ image, initialImage }: MADOwn, { optimizedMetric, referenceMetric }: MADMetrics): number {
  if (initialImage === null) return 1;
  const [optimized, reference] = [optimizedMetric, referenceMetric].map((metric) =>
    distanceOf(metric, image, initialImage).itemSync(),
  );
  return tradeoffWeight(optimized, reference, image.dtype) ?? 1;
}

/** What a file holds, checked against the object that loads it; an error, or a warning, where they do not fit. */
export async function loadedValues(
  values: MADValues,
  object: MADGiven,
  { weight, minmax }: Pick<MADOwn, "weight" | "minmax">,
  penaltyCheck: CallableCheck,
  migrated: Migrated,
  checks: LoadChecks,
): Promise<{ readonly own: MADOwn; readonly recorded: Readonly<Record<(typeof SERIES)[number], Float64Array>> }> {
  const constrained = weight === null;
  const mode = readConstrained(readMetadata(values.metadata), values.image.size, checks.file);
  if (constrained && mode === null) {
    throw new LoadError(
      `load: ${checks.file}: it was made in the weighted mode, and this object is constrained; make one with ` +
        `metricTradeoffLambda: ${values.metricTradeoffLambda}`,
    );
  }
  if (!constrained && mode !== null) {
    checks.fail(
      "it was made in the constrained mode, and this object is weighted: it would go on with another objective. Make one with " +
        "constrained: true",
      "that of this object",
    );
  }
  await checks.same("image", values.image, object.image, "that of the file");
  if (weight === null) {
    const words = (range: Range): string => JSON.stringify(range);
    checks.sameText(
      "allowedRange",
      words(mode?.allowedRange ?? null),
      words(object.allowedRange),
      "that of this object",
    );
  } else {
    const what = "weight of the reference metric (metricTradeoffLambda)";
    checks.sameNumber(what, values.metricTradeoffLambda, weight);
  }
  checks.sameNumber("penalty weight (penaltyLambda)", values.penaltyLambda, object.penaltyLambda);
  checks.sameText("minmax", values.minmax, minmax);
  const { image, synthesized, losses } = values;
  const metricCheck = (what: string, own: MetricFunction, saved: CallableCheck["saved"]): CallableCheck => ({
    what,
    saved: synthesized === null ? null : saved,
    own,
    inputs: METRIC_INPUTS,
    output: () => own(image, synthesized as Tensor),
  });
  await checkCallables(
    [
      metricCheck("optimized metric", object.optimizedMetric, values.optimizedMetric),
      metricCheck("reference metric", object.referenceMetric, values.referenceMetric),
      penaltyCheck,
    ],
    checks,
  );
  // Item i from after step i, or (later releases) from before it, with the first one twice.
  const from = migrated.recordsAfterSteps ? 0 : 1;
  const series = (saved: Float64Array): Float64Array =>
    Float64Array.from(losses, (_, i) => saved[i + from] ?? Number.NaN);
  const own: MADOwn = {
    image,
    minmax: values.minmax,
    weight: constrained ? null : values.metricTradeoffLambda,
    going: constrained ? (mode?.snapshot ?? null) : null,
    initialImage: values.initialImage,
    referenceTarget: values.referenceMetricTarget,
  };
  const recorded = {
    optimizedMetricLoss: series(values.optimizedMetricLoss),
    referenceMetricLoss: series(values.referenceMetricLoss),
  };
  return { own, recorded };
}
