// Files of a MADCompetition with a weight: what of the object they are compared with, in which order, and Python's series.

import { PtTensor, type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../../src/index.ts";
import { toTensor } from "../../../src/io/tensors.ts";
import { picture } from "../methods.ts";

let warned: po.warnings.AnyWarning[] = [];
afterAll(po.warnings.on((warning) => warned.push(warning)));
beforeEach(() => {
  po.setSeed(0);
  warned = [];
});

type Metric = po.validate.MetricFunction;

const { mse, oneMinusSsim } = po.metric;

describe("a file is of its object", () => {
  type Parts = {
    image?: po.Tensor;
    optimized?: Metric;
    reference?: Metric;
    minmax?: po.MinMax;
  } & po.MADCompetitionOptions;
  const make = ({
    image = picture(),
    optimized = mse,
    reference = oneMinusSsim,
    minmax = "min",
    ...options
  }: Parts = {}) => new po.MADCompetition(image, optimized, reference, minmax, { metricTradeoffLambda: 1, ...options });
  const saved = async (): Promise<Uint8Array> => {
    const mad = make();
    await mad.synthesize({ maxIter: 3, stopCriterion: -1 });
    return mad.toBytes();
  };
  const dictOf = (bytes: Uint8Array) => readPt(bytes).value as Map<string, PtValue>;

  test.each<[string, Parts, RegExp]>([
    ["image", { image: picture(1) }, /the saved image differs/],
    [
      "weight",
      { metricTradeoffLambda: 2 },
      /weight of the reference metric \(metricTradeoffLambda\) is 1, that of this object 2/,
    ],
    ["penalty weight", { penaltyLambda: 0.2 }, /penalty weight \(penaltyLambda\) is 0\.1/],
    ["minmax", { minmax: "max" }, /saved minmax is min, that of this object max/],
    ["optimized metric", { optimized: (a, b) => mse(a, b).mul(2) }, /output of the optimized metric differs/],
    ["reference metric", { reference: (a, b) => oneMinusSsim(a, b).mul(2) }, /output of the reference metric differs/],
    ["penalty", { penaltyFunction: (x) => x.square().sum() }, /output of the penalty function differs/],
    [
      "metric of another name",
      { optimized: po.loss.l2Norm, reference: oneMinusSsim },
      /saved optimized metric is plenoptic\.metric\._naive\.mse/,
    ],
  ])("another %s is refused, or told", async (what, parts, message) => {
    const bytes = await saved();
    const strict = make(parts);
    const text = String(strict);
    await expect(strict.load(bytes)).rejects.toThrow(po.LoadError);
    if (!what.endsWith("name")) await expect(strict.load(bytes)).rejects.toThrow(message);
    expect(String(strict)).toBe(text);
    expect([strict.losses.length, strict.madImage.size, strict.initialImage]).toEqual([0, 0, null]);
    const tolerant = make(parts);
    warned = [];
    await tolerant.load(bytes, { raiseOnChecks: false });
    const told = warned.filter(({ name }) => name === "LoadWarning").map((warning) => warning.message);
    expect(told.join("\n")).toMatch(message);
    expect(tolerant.losses).toHaveLength(4);
    await tolerant.synthesize({ maxIter: 2, stopCriterion: -1 });
    expect(tolerant.numIter).toBe(5);
  });

  test("warnings come in Python's order; the file's values are kept, and this object's functions", async () => {
    const bytes = await saved();
    const penaltyFunction = (x: po.Tensor): po.Tensor => x.square().sum();
    const other = make({
      image: picture(1),
      optimized: po.loss.l2Norm,
      reference: mse,
      minmax: "max",
      metricTradeoffLambda: 7,
      penaltyLambda: 3,
      penaltyFunction,
    });
    warned = [];
    await other.load(bytes, { raiseOnChecks: false });
    const subjects = [
      /the saved image differs/,
      /metricTradeoffLambda/,
      /penaltyLambda/,
      /minmax/,
      /output of the optimized metric/,
      /output of the reference metric/,
      /output of the penalty function/,
      /the saved optimized metric is/,
      // The penalty has no name that could be compared.
      /the saved reference metric is/,
    ];
    const told = warned.filter(({ name }) => name === "LoadWarning");
    expect(told).toHaveLength(subjects.length);
    told.forEach(({ message }, i) => {
      expect(message).toMatch(subjects[i]);
      expect(message).toMatch(i < 4 ? /kept is that of the file$/ : /kept is that of this object$/);
    });
    expect([other.minmax, other.metricTradeoffLambda, other.penaltyLambda]).toEqual(["min", 1, 0.1]);
    expect(other.image.dataSync()).toEqual(picture().dataSync());
    expect(other.optimizedMetric).toBe(po.loss.l2Norm);
    // And it goes on with both.
    const target = other.referenceMetricTarget as number;
    const x = other.madImage;
    const gap = target - mse(other.image, x).itemSync();
    const expected = po.loss.l2Norm(other.image, x).itemSync() + gap * gap + 0.1 * penaltyFunction(x).itemSync();
    expect(other.objectiveFunction().itemSync()).toBeCloseTo(expected, 13);
    expect(other.losses.at(-1)).toBeCloseTo(expected, 13);
    await other.synthesize({ maxIter: 1 });
  });

  test("another dtype and another class are refused always", async () => {
    const bytes = await saved();
    const single = make({ image: picture(0, "float32") });
    await expect(single.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/use to\("float64"\)/);
    const metamer = new po.Metamer(picture(), new po.models.Identity());
    await expect(metamer.load(bytes)).rejects.toThrow(/it holds a plenoptic\.MADCompetition/);
  });

  test.each<[string, PtValue, RegExp]>([
    ["_minmax", "both", /_minmax is the str "both"; it must be "min" or "max"/],
    ["_metric_tradeoff_lambda", "heavy", /_metric_tradeoff_lambda is the str "heavy"; it must be a number/],
    ["_reference_metric_target", "near", /_reference_metric_target is the str "near"/],
    ["_initial_image", 3n, /_initial_image is the int 3; it must be a tensor/],
    ["_mad_image", PtTensor.of("int32", [1], Int32Array.of(1)), /_mad_image is int32/],
    ["_optimized_metric_loss", null, /_optimized_metric_loss is None; it must be a list of numbers/],
    ["_reference_metric", "mse", /_reference_metric is the str "mse"; it must be a callable/],
  ])("a damaged %s is told", async (key, value, message) => {
    const dict = dictOf(await saved());
    dict.set(key, value);
    const mad = make();
    await expect(mad.load(writePt(dict))).rejects.toThrow(message);
    expect(mad.losses).toHaveLength(0);
  });

  test("the file has Python's series: the first value twice, and not the last", async () => {
    const mad = make();
    const series = async () => dictOf(await mad.toBytes()).get("_reference_metric_loss");
    expect(await series()).toEqual([]);
    await mad.setup();
    expect(await series()).toEqual([mad.referenceMetricLoss[0]]);
    await mad.synthesize({ maxIter: 3 });
    const [a, b, c] = mad.referenceMetricLoss;
    expect(await series()).toEqual([a, a, b, c]);
    const dict = dictOf(await mad.toBytes());
    expect(toTensor(dict.get("_initial_image") as PtTensor).dataSync()).toEqual(mad.initialImage?.dataSync());
    expect(dict.get("_reference_metric_target")).toBe(mad.referenceMetricTarget);
  });

  test("series that Python has left too short are NaN", async () => {
    const dict = dictOf(await saved());
    (dict.get("_optimized_metric_loss") as PtValue[]).pop();
    const mad = make();
    await mad.load(writePt(dict));
    expect(mad.optimizedMetricLoss).toHaveLength(4);
    expect(mad.optimizedMetricLoss[2]).toBeNaN();
    expect(mad.optimizedMetricLoss[3]).toBe(mse(mad.image, mad.madImage).itemSync());
  });
});
