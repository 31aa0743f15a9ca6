// What holds for every iterative method: histories, stored images, going on after a stop of any kind, saving and loading, other
// precisions, reasons to stop, refusals.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import {
  imageOf,
  longSeries,
  type Method,
  methods,
  record,
  type Synthesis,
  savedOf,
  shortSeries,
  storedImage,
} from "./methods.ts";

const DTYPES = ["float64", "float32"] as const;
const folder = mkdtempSync(join(tmpdir(), "every-method-"));
let warned: po.warnings.AnyWarning[] = [];
const stop = po.warnings.on((warning) => {
  // Some of the images lie outside [0, 1], as they should.
  if (!/^(image|metric)-range$/.test(warning.code)) warned.push(warning);
});
afterAll(() => {
  stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  po.setSeed(0);
  warned = [];
});

const WAYS: readonly (readonly [name: string, () => po.MetamerSetupOptions])[] = [
  ["Adam", () => ({ optimizer: po.optim.Adam({ lr: 0.02, amsgrad: true }) })],
  [
    "SGD with momentum, ReduceLROnPlateau",
    () => ({
      optimizer: po.optim.SGD({ lr: 0.05, momentum: 0.9 }),
      scheduler: po.optim.ReduceLROnPlateau({ patience: 1, threshold: 0.5, factor: 0.5 }),
    }),
  ],
  [
    "SGD with momentum, StepLR",
    () => ({
      optimizer: po.optim.SGD({ lr: 0.05, momentum: 0.9 }),
      scheduler: po.optim.StepLR({ stepSize: 3, gamma: 0.5 }),
    }),
  ],
  ["L-BFGS", () => ({ optimizer: po.optim.LBFGS({ lr: 0.1, maxIter: 4, historySize: 3 }) })],
  [
    "L-BFGS with a search",
    () => ({ optimizer: po.optim.LBFGS({ maxIter: 4, maxEval: 6, lineSearchFn: "strong_wolfe" }) }),
  ],
];

describe.each(methods.map((method) => [method.name, method] as const))("%s", (_, method: Method) => {
  const { make, start, options } = method;
  const run = (object: Synthesis, maxIter: number, more: po.SynthesizeOptions = {}) =>
    object.synthesize({ maxIter, stopCriterion: -1, ...options, ...more });
  const begun = async (
    way?: po.MetamerSetupOptions,
    dtype: (typeof DTYPES)[number] = "float64",
  ): Promise<Synthesis> => {
    const object = make(dtype);
    await object.setup({ ...start(dtype), ...way });
    return object;
  };

  test("histories are empty before setup, then have one entry, then N + 1 or N", async () => {
    const object = make();
    const lengths = () =>
      [longSeries(object), shortSeries(object)].map((all) => Object.values(all).map((x) => x.length));
    const allOf = (long: number, short: number) => [
      Object.keys(longSeries(object)).map(() => long),
      Object.keys(shortSeries(object)).map(() => short),
    ];
    expect(lengths()).toEqual(allOf(0, 0));
    expect([imageOf(object).size, object.objectiveFunction().size, savedOf(object).size]).toEqual([0, 0, 0]);
    expect([object.optimizer, object.scheduler, object.storeProgress]).toEqual([null, null, null]);
    await object.setup();
    expect(lengths()).toEqual(allOf(1, 0));
    await run(object, 3);
    expect(lengths()).toEqual(allOf(4, 3));
    await run(object, 4);
    object.objectiveFunction(start().initialImage).itemSync();
    expect(lengths()).toEqual(allOf(8, 7));
    expect(object.learningRates).toEqual(new Float64Array(7).fill(0.01));
  });

  test.each(WAYS)("losses, penalties and metrics are those of the stored images, bit for bit (%s)", async (_, way) => {
    for (const dtype of DTYPES) {
      for (const every of [1, 2, 3]) {
        const object = await begun(way(), dtype);
        await run(object, 4, { storeProgress: every });
        await run(object, 4);
        expect(savedOf(object).shape).toEqual([Math.ceil(8 / every) + 1, ...object.image.shape]);
        const { losses, penalties, ...metrics } = longSeries(object);
        for (let place = 0; place < savedOf(object).shape[0]; place++) {
          const image = storedImage(object, place);
          const at = Math.min(place * every, 8);
          expect(object.objectiveFunction(image).itemSync()).toBe(losses[at]);
          expect(po.regularize.penalizeRange(image).itemSync()).toBe(penalties[at]);
          if (object instanceof po.MADCompetition) {
            expect(object.optimizedMetric(object.image, image).itemSync()).toBe(metrics.optimizedMetricLoss[at]);
            expect(object.referenceMetric(object.image, image).itemSync()).toBe(metrics.referenceMetricLoss[at]);
          }
        }
        expect(penalties[0]).toBeGreaterThan(0);
        expect(object.objectiveFunction().itemSync()).toBe(losses[8]);
      }
    }
  });

  test("pixelChangeNorm is the norm of the change", async () => {
    const object = await begun();
    await run(object, 6, { storeProgress: true });
    for (let i = 0; i < 6; i++) {
      const change = storedImage(object, i + 1).sub(storedImage(object, i));
      expect(change.norm().itemSync()).toBe(object.pixelChangeNorm[i]);
    }
  });

  test("getProgress gives the entries of a moment and the stored image", async () => {
    const object = await begun();
    await run(object, 5, { storeProgress: 2 });
    for (const [asked, iteration] of [
      [2, 2],
      [-2, 4],
      [0, 0],
    ]) {
      const found = object.getProgress(asked);
      const entries = Object.entries({
        ...longSeries(object),
        gradientNorm: object.gradientNorm,
        pixelChangeNorm: object.pixelChangeNorm,
      });
      expect(found).toMatchObject(Object.fromEntries(entries.map(([name, values]) => [name, values[iteration]])));
      expect(found).toMatchObject({ iteration, storeProgressIteration: iteration });
      const { savedMetamer, savedMadImage } = found as { savedMetamer?: po.Tensor; savedMadImage?: po.Tensor };
      expect((savedMetamer ?? savedMadImage)?.dataSync()).toEqual(storedImage(object, iteration / 2).dataSync());
    }
    expect(warned).toEqual([]);
    expect(object.getProgress(3)).toMatchObject({ iteration: 3, storeProgressIteration: 4 });
    expect(object.getProgress(1, { iterationSelection: "ceiling" })).toMatchObject({ storeProgressIteration: 2 });
    expect(warned.map(({ code }) => code)).toEqual(["stored-iteration", "stored-iteration"]);
    for (const current of [null, -1, 5]) {
      expect(object.getProgress(current)).toMatchObject({
        iteration: 5,
        losses: object.losses[5],
        gradientNorm: null,
        pixelChangeNorm: null,
        storeProgressIteration: 5,
      });
    }
    for (const wrong of [6, -7]) expect(() => object.getProgress(wrong)).toThrow(/from -6 to 5/);
    expect(() => make().getProgress(0)).toThrow(/nothing has been synthesized yet/);
  });

  describe.each(WAYS)("10 iterations are the same, bit for bit (%s)", (name, way) => {
    test.each(DTYPES)("as 5 and 5, and as 5, save, load and 5 (%s)", async (dtype) => {
      const once = await begun(way(), dtype);
      await run(once, 10, { storeProgress: 3 });
      const whole = await record(once);

      const parts = await begun(way(), dtype);
      await run(parts, 5, { storeProgress: 3 });
      const path = join(folder, `${method.name}-${name}-${dtype}.pt`);
      await parts.save(path);
      const half = await record(parts);
      await run(parts, 5);
      expect(await record(parts)).toEqual(whole);

      const loaded = make(dtype);
      await loaded.load(path);
      expect(await record(loaded)).toEqual(half);
      // Loaded and saved at once, nothing is lost.
      const again = make(dtype);
      await again.load(await loaded.toBytes());
      for (const object of [loaded, again]) {
        await run(object, 5);
        expect(await record(object)).toEqual(whole);
        expect(object.learningRates.slice(5)).toEqual(once.learningRates.slice(5));
      }
      expect(warned).toEqual([]);
    });
  });

  test("after a signal it goes on to the same bits", async () => {
    const whole = await begun();
    await run(whole, 9, { storeProgress: 2 });
    const object = await begun();
    const controller = new AbortController();
    const reason = new Error("enough");
    const stopped = run(object, 9, {
      storeProgress: 2,
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        if (iteration === 4) controller.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect(object.numIter).toBe(4);
    expect(object.objectiveFunction().itemSync()).toBe(object.losses[4]);
    await run(object, 5);
    expect(await record(object)).toEqual(await record(whole));
    await expect(run(object, 1, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(object.numIter).toBe(9);
  });

  test("onProgress hears the numbers of every iteration", async () => {
    const object = await begun();
    const heard: po.Progress[] = [];
    await run(object, 4, { onProgress: (progress) => heard.push(progress) });
    expect(heard.map(({ loss }) => loss)).toEqual(Array.from(object.losses.slice(0, 4)));
    expect(heard.map(({ iteration, maxIter }) => [iteration, maxIter])).toEqual([1, 2, 3, 4].map((i) => [i, 4]));
    for (const [series, values] of Object.entries(longSeries(object)).slice(2)) {
      expect(heard.map(({ recorded }) => recorded[series])).toEqual(Array.from(values.slice(0, 4)));
    }
  });

  test("two calls at once are refused, and the first one keeps its options", async () => {
    const whole = make();
    await run(whole, 6);
    po.setSeed(0);
    const object = make();
    const first = run(object, 6);
    await expect(
      object.synthesize({ ...options, ...(object instanceof po.MetamerCTF && { ctfItersToCheck: 5 }) }),
    ).rejects.toThrow(/running already/);
    await first;
    expect(await record(object)).toEqual(await record(whole));
  });

  test("a step that is not finite leaves everything as it was", async () => {
    const object = await begun({ optimizer: po.optim.Adam({ lr: 1e300 }) });
    const before = await record(object);
    await expect(run(object, 3)).rejects.toThrow(po.NonFiniteError);
    await expect(run(object, 3)).rejects.toThrow(/before the first step\. .*smaller learning rate/);
    expect(await record(object)).toEqual(before);
  });

  describe("reasons to stop", () => {
    test("maxIter, in words too", async () => {
      const object = await begun();
      expect(await run(object, 1)).toEqual({
        iterations: 1,
        numIter: 1,
        stopReason: "maxIter",
        // What a method adds is told by its own tests.
        stopText: expect.stringMatching(/^maxIter was reached: 1 iteration(;|$)/),
        loss: object.losses[1],
        penalty: object.penalties[1],
      });
      expect(await run(object, 0)).toMatchObject({ iterations: 0, numIter: 1, stopReason: "maxIter" });
    });

    test("maxSeconds, after a whole iteration", async () => {
      const object = await begun();
      expect(await run(object, 1000, { maxSeconds: 0 })).toMatchObject({
        iterations: 1,
        stopReason: "maxSeconds",
        stopText: expect.stringMatching(/^maxSeconds was reached after 1 iteration(;|$)/),
      });
      // What has been recorded says nothing of time.
      await run(object, 2, { maxSeconds: 1e6 });
      expect(object.numIter).toBe(3);
      const recipe = await object.recipe();
      expect(JSON.stringify(recipe)).not.toContain("axSeconds");
      expect(recipe).toMatchObject({ calls: [{}, { options: { maxIter: 1 } }, { options: { maxIter: 2 } }] });
    });

    test("maxIter may be Infinity where maxSeconds is given, and nowhere else", async () => {
      const object = await begun();
      const before = await record(object);
      for (const budget of [{}, { maxSeconds: null }, { maxSeconds: Infinity }]) {
        await expect(object.synthesize({ ...options, maxIter: Infinity, ...budget })).rejects.toThrow(
          "synthesize: maxIter is Infinity; it must be a whole number, 0 or more, or be given with a budget of time: maxSeconds",
        );
      }
      await expect(object.synthesize({ ...options, maxIter: Infinity, maxSeconds: Number.NaN })).rejects.toThrow(
        /maxSeconds is NaN/,
      );
      expect(await record(object)).toEqual(before);
      const seen: number[] = [];
      const onProgress = ({ maxIter }: po.Progress): unknown => seen.push(maxIter);
      expect(await run(object, Infinity, { maxSeconds: 0, onProgress })).toMatchObject({
        iterations: 1,
        stopReason: "maxSeconds",
      });
      expect(seen).toEqual([Infinity]);
      expect(await object.recipe()).toMatchObject({ calls: [{}, { options: { maxIter: 1 } }] });
    });

    test("stopRtol: the spread of the losses in one window, on any scale", async () => {
      const object = await begun({ optimizer: po.optim.SGD({ lr: 0.5 }) });
      const rtol = 0.02;
      const window = 6;
      const summary = await object.synthesize({ maxIter: 3000, stopRtol: rtol, stopItersToCheck: window, ...options });
      expect(summary.stopReason).toBe("converged");
      const { losses } = object;
      const n = object.numIter;
      const settled = (end: number): boolean => {
        const seen = losses.slice(end - window, end);
        return Math.max(...seen) - Math.min(...seen) <= rtol * Math.abs(losses[end - 1]);
      };
      expect(settled(n)).toBe(true);
      // No earlier: of coarse-to-fine synthesis, the windows lie where all is matched.
      const from = object instanceof po.MetamerCTF ? (object.scalesTiming.get("all")?.[0] as number) + 1 : 0;
      for (let end = from + window; end < n; end++) expect(settled(end)).toBe(false);
    });

    test("with stopRtol the absolute rule is off, unless it is given too", async () => {
      const object = await begun();
      const window = { stopItersToCheck: 2, maxIter: 12, ...options };
      expect(await object.synthesize({ ...window, stopRtol: 0 })).toMatchObject({ stopReason: "maxIter" });
      const both = { stopRtol: 0, stopCriterion: 1e9, changeScaleCriterion: null };
      const given = object instanceof po.MetamerCTF ? both : { stopRtol: 0, stopCriterion: 1e9 };
      expect(await object.synthesize({ ...window, ...given })).toMatchObject({
        iterations: 1,
        stopReason: "converged",
      });
    });
  });

  test.each([
    [{ maxIter: -1 }, /maxIter is -1; it must be a whole number, 0 or more/],
    [{ maxIter: 1.5 }, /maxIter is 1.5/],
    [{ stopItersToCheck: -1 }, /stopItersToCheck is -1/],
    [{ stopCriterion: Number.NaN }, /stopCriterion is NaN/],
    [{ stopCriterion: "1" }, /stopCriterion is "1"; it must be a number/],
    [{ stopRtol: -1 }, /stopRtol is -1; it must be a number, 0 or more, or null/],
    [{ stopRtol: 0.1, stopItersToCheck: 1 }, /stopItersToCheck is 1; with stopRtol it must be 2 or more/],
    [{ maxSeconds: -1 }, /maxSeconds is -1/],
    [{ maxSeconds: Number.NaN }, /maxSeconds is NaN/],
    [{ storeProgress: -2 }, /storeProgress is -2/],
    [{ storeProgress: "all" }, /storeProgress is "all"/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [{ onProgress: 3 }, /onProgress is 3; it must be a function/],
    [{ maxIters: 3 }, /synthesize\(\) has no option "maxIters"; did you mean "maxIter"\? Its options are maxIter/],
    [7, /synthesize\(\): options are given as one object, not 7/],
    [null, /synthesize\(\): options are given as one object, not null/],
  ])("synthesize(%o) is refused without a trace", async (wrong, message) => {
    const object = make();
    const before = po.defaultGenerator().getState();
    const given = typeof wrong === "object" && wrong !== null ? { ...options, ...wrong } : wrong;
    await expect(object.synthesize(given as never)).rejects.toThrow(message);
    expect(po.defaultGenerator().getState()).toEqual(before);
    expect([object.losses.length, object.storeProgress, object.optimizer]).toEqual([0, null, null]);
  });

  test("storeProgress holds for later calls, and cannot change", async () => {
    const object = await begun();
    await run(object, 2, { storeProgress: 2 });
    await expect(run(object, 2, { storeProgress: true })).rejects.toThrow(/storeProgress is true, but it was 2/);
    await run(object, 2);
    expect(savedOf(object).shape[0]).toBe(3);
  });

  test("setup is refused twice, after synthesize, and with what is of no use, and may then be tried again", async () => {
    const object = make();
    const before = po.defaultGenerator().getState();
    const refused: readonly (readonly [object, RegExp])[] = [
      [
        { optimizer: "Adam" },
        /optimizer is "Adam"; it must be made by optim, as in optimizer: po\.optim\.Adam\(\{ lr: 0\.01 \}\)/,
      ],
      [
        { optimizer: po.optim.SGD },
        /optimizer is the function SGD; .* as in optimizer: po\.optim\.SGD\(\{ lr: 0\.01 \}\)/,
      ],
      [{ optimizer: "lbfgs" }, /optimizer is "lbfgs"; .* po\.optim\.LBFGS\(/],
      [{ optimizer: 0.01 }, /optimizer is 0\.01; .* po\.optim\.Adam\(/],
      [{ scheduler: {} }, /scheduler is an empty object; .* as in scheduler: po\.optim\.StepLR\(\{ stepSize: 100 \}\)/],
      [
        { scheduler: po.optim.ExponentialLR },
        /scheduler is the function ExponentialLR; .*optim\.ExponentialLR\(\{ gamma: ... \}\)/,
      ],
      [{ initialimage: 1 }, /has no option "initialimage"; did you mean "initialImage"\? Its options are initial/],
      [start("float32"), /the initial image is float32 and the image float64/],
      [{ initialImage: 3 }, /the image is 3; it must be a Tensor/],
    ];
    for (const [wrong, message] of refused) await expect(object.setup(wrong as never)).rejects.toThrow(message);
    expect(po.defaultGenerator().getState()).toEqual(before);
    expect(object.losses).toHaveLength(0);
    await object.setup(start());
    await expect(object.setup(start())).rejects.toThrow(/setup\(\) may be called once/);
    await run(object, 1);
    await expect(object.setup()).rejects.toThrow(/setup\(\) may be called once/);
  });

  describe("to another precision", () => {
    test.each(WAYS)("it goes on and moves the image (%s)", async (_, way) => {
      const object = await begun(way());
      await run(object, 3, { storeProgress: 2 });
      const { losses } = object;
      object.to("float32");
      expect([object.image, imageOf(object), savedOf(object)].map(({ dtype }) => dtype)).toEqual(
        Array(3).fill("float32"),
      );
      expect(object.losses.slice(0, 3)).toEqual(losses.slice(0, 3));
      const moved = imageOf(object).dataSync().slice();
      await run(object, 3);
      expect(imageOf(object).dataSync()).not.toEqual(moved);
      expect(object.pixelChangeNorm[3]).toBeGreaterThan(0);
      // To where it would have gone.
      const straight = await begun(way());
      await run(straight, 6);
      const scale = Math.max(...straight.losses.map(Math.abs));
      expect(Math.abs(object.losses[6] - straight.losses[6])).toBeLessThan(2e-2 * scale);
      object.to("float64");
      await run(object, 1);
      expect(object.objectiveFunction().itemSync()).toBe(object.losses[7]);
      // What it was made with is what it computes with.
      const loaded = make();
      loaded.to("float32");
      loaded.to("float64");
      await loaded.load(await object.toBytes());
      expect(await record(loaded)).toEqual(await record(object));
    });

    test("before setup, and between load and setup", async () => {
      const early = make();
      early.to("float32");
      await run(early, 2);
      expect(imageOf(early).dtype).toBe("float32");
      const object = await begun(WAYS[1][1]());
      await run(object, 3);
      const loaded = make();
      await loaded.load(await object.toBytes());
      loaded.to("float32");
      object.to("float32");
      await run(loaded, 3);
      await run(object, 3);
      expect(await record(loaded)).toEqual(await record(object));
    });

    test("is refused for other types, and while it runs", async () => {
      const object = await begun();
      expect(() => object.to("float16" as never)).toThrow(/to\("float16"\); it must be "float32" or "float64"/);
      const running = run(object, 2);
      expect(() => object.to("float32")).toThrow(/await it before to\(\)/);
      await running;
      expect(object.image.dtype).toBe("float64");
    });
  });

  describe("saving and loading", () => {
    test("before setup: everything is open", async () => {
      const loaded = make();
      await loaded.load(await make().toBytes());
      expect([imageOf(loaded).size, loaded.losses.length]).toEqual([0, 0]);
      await loaded.setup({ ...start(), ...WAYS[3][1]() });
      await run(loaded, 6);
      const straight = await begun(WAYS[3][1]());
      await run(straight, 6);
      expect(await record(loaded)).toEqual(await record(straight));
    });

    test("after setup, before the first iteration", async () => {
      const object = await begun(WAYS[2][1]());
      const loaded = make();
      await loaded.load(await object.toBytes());
      expect(await record(loaded)).toEqual(await record(object));
      for (const one of [object, loaded]) await run(one, 7);
      expect(await record(loaded)).toEqual(await record(object));
      expect(loaded.learningRates).toEqual(object.learningRates);
    });

    test("setup after load refuses another start and other kinds, and stays as it was", async () => {
      const object = await begun(WAYS[1][1]());
      await run(object, 3);
      const bytes = await object.toBytes();
      const loaded = make();
      await loaded.load(bytes);
      const before = await record(loaded);
      await expect(loaded.setup(start())).rejects.toThrow(/has its image; leave out initialImage/);
      await expect(loaded.setup({ optimizer: po.optim.Adam() })).rejects.toThrow(/saved optimizer is SGD, and Adam/);
      await expect(loaded.setup({ scheduler: po.optim.StepLR({ stepSize: 1 }) })).rejects.toThrow(
        /saved scheduler is ReduceLROnPlateau, and StepLR/,
      );
      await expect(loaded.load(bytes)).rejects.toThrow(/load\(\) is for a new object/);
      expect(await record(loaded)).toEqual(before);
      await loaded.setup({ optimizer: po.optim.SGD({ lr: 9 }) });
      for (const one of [object, loaded]) await run(one, 3);
      expect(await record(loaded)).toEqual(await record(object));
      await expect(loaded.load(bytes)).rejects.toThrow(/load\(\) is for a new object/);
    });

    test("files whose histories are out of step, as after an interruption in Python, come into step again", async () => {
      const object = await begun();
      await run(object, 4, { storeProgress: 2 });
      const dict = readPt(await object.toBytes()).value as Map<string, PtValue>;
      // The image of the fifth iteration is stored already, and the last change is not recorded.
      const key = dict.has("_saved_metamer") ? "_saved_metamer" : "_saved_mad_image";
      const stored = dict.get(key) as PtValue[];
      stored.push(dict.get(key.replace("_saved", "")) as PtValue);
      (dict.get("_pixel_change_norm") as PtValue[]).pop();
      const loaded = make();
      await loaded.load(writePt(dict));
      expect(loaded.pixelChangeNorm).toHaveLength(4);
      expect(loaded.pixelChangeNorm[3]).toBeNaN();
      for (const one of [object, loaded]) await run(one, 3);
      expect(savedOf(loaded).dataSync()).toEqual(savedOf(object).dataSync());
      expect(loaded.pixelChangeNorm.slice(4)).toEqual(object.pixelChangeNorm.slice(4));
    });

    test("where the optimizer is lost, a new one starts from the image", async () => {
      const object = await begun({ optimizer: po.optim.Adam({ lr: 0.05 }) });
      await run(object, 3);
      const dict = readPt(await object.toBytes()).value as Map<string, PtValue>;
      dict.set("_optimizer", null);
      const loaded = make();
      await loaded.load(writePt(dict));
      await loaded.setup({ optimizer: po.optim.SGD({ lr: 0.002 }) });
      expect(warned.map(({ code }) => code)).toEqual(["lost-optimizer"]);
      await run(loaded, 4);
      expect(loaded.learningRates.slice(3)).toEqual(new Float64Array(4).fill(0.002));
    });
  });

  test("the recipe says how it was made: no more, no less", async () => {
    po.setSeed(4);
    const object = make();
    await object.setup({ optimizer: po.optim.SGD({ lr: 0.05 }), scheduler: po.optim.StepLR({ stepSize: 3 }) });
    await run(object, 2);
    await object.synthesize({ maxIter: 1, stopRtol: 1e-3, ...options });
    object.to("float32");
    const recipe = await object.recipe();
    const shown = JSON.parse(JSON.stringify(recipe)) as {
      method: string;
      image: { dtype: string };
      options: object;
      calls: { call: string; options: object }[];
      result: { iterations: number };
    };
    expect(shown.method).toBe(method.name.split(",")[0]);
    expect(shown.result.iterations).toBe(3);
    expect(shown.calls.map(({ call }) => call)).toEqual(["setup", "synthesize", "synthesize", "to"]);
    expect(shown.calls[0].options).toMatchObject({
      optimizer: { name: "SGD", lr: 0.05 },
      scheduler: { name: "StepLR", stepSize: 3 },
    });
    expect(shown.calls[1].options).toEqual({
      maxIter: 2,
      storeProgress: 0,
      stopCriterion: -1,
      stopItersToCheck: 50,
      ...options,
    });
    expect(shown.calls[2].options).toMatchObject({ stopCriterion: null, stopRtol: 1e-3 });
    // Over a load too.
    const loaded = make();
    loaded.to("float32");
    await loaded.load(await object.toBytes());
    await run(loaded, 1);
    const later = (await loaded.recipe()) as unknown as typeof shown & { random: object };
    expect(later.calls.map(({ call }) => call)).toEqual(["setup", "synthesize", "synthesize", "to", "synthesize"]);
    expect(later.random).toEqual((recipe as { random?: object } | null)?.random);
  });

  test("the text says what it was made with, and of a competition what has come of it", async () => {
    const object = make();
    const text = String(object);
    expect(text).toMatch(
      /^\w+\n {2}image: Tensor float64 \[1, 1, 12, 12\]\n(.*\n)*? {2}penaltyFunction: penalizeRange\n {2}penaltyLambda: 0\.1$/,
    );
    await run(object, 2);
    const results =
      object instanceof po.MADCompetition ? /^\n {2}optimizedMetricLoss: .*\n {2}referenceMetricLoss: .* %$/ : /^$/;
    expect(String(object).startsWith(text)).toBe(true);
    expect(String(object).slice(text.length)).toMatch(results);
  });
});
