// MetamerCTF: reference numbers, the way through the scales, models of users, refusals and files.
// What it shares with other methods: everyMethod.test.ts.

import { PtTensor, type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { toTensor } from "../../src/io/tensors.ts";
import { Blocks, picture } from "./methods.ts";

let warned: po.warnings.AnyWarning[] = [];
afterAll(po.warnings.on((warning) => warned.push(warning)));
beforeEach(() => {
  po.setSeed(0);
  warned = [];
});

type Timing = readonly (readonly [string | number, readonly number[]])[];

const ramp = po.tensor(
  Float64Array.from({ length: 16 }, (_, i) => i / 15),
  { shape: [1, 1, 4, 4], dtype: "float64" },
);
const gray = po.full([1, 1, 4, 4], 0.25, { dtype: "float64" });

function near(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(got[i] - value), `entry ${i}: ${got[i]}, expected ${value}`).toBeLessThan(1e-9 * value);
  });
}

describe("reference numbers: means of blocks, from gray to a ramp", () => {
  const begun = async (coarseToFine: po.CoarseToFine): Promise<po.MetamerCTF> => {
    const m = new po.MetamerCTF(ramp, new Blocks(), { coarseToFine });
    await m.setup({ initialImage: gray });
    return m;
  };

  test.each<[po.CoarseToFine, number[], number[], Timing]>([
    [
      "together",
      [
        0.1488492063, 0.1439492079, 0.1392550601, 0.1347411788, 0.1302369399, 0.1255810812, 0.1208412544, 0.1160734416,
        0.1113186291,
      ],
      [0.0625, 0.05760000154, 0.1133502982, 0.10891984, 0.1302369399, 0.1255810812, 0.1208412544, 0.1160734416],
      [
        ["lo", [0, 1]],
        ["mid", [2, 3]],
        ["all", [4]],
      ],
    ],
    [
      "separate",
      [
        0.1488492063, 0.1439492079, 0.1392550601, 0.1347464237, 0.130179532, 0.1254389001, 0.1206150193, 0.1157986345,
        0.1110226639,
      ],
      [0.0625, 0.05760000154, 0.1284614093, 0.1239143476, 0.138168278, 0.1332759206, 0.1206150193, 0.1157986345],
      [
        ["lo", [0, 1]],
        ["mid", [2, 3]],
        ["hi", [4, 5]],
        ["all", [6]],
      ],
    ],
  ])("%s, two iterations a scale", async (coarseToFine, losses, scalesLoss, timing) => {
    const m = await begun(coarseToFine);
    await m.synthesize({ maxIter: 8, changeScaleCriterion: null, ctfItersToCheck: 2 });
    near(m.losses, losses);
    near(m.scalesLoss, scalesLoss);
    expect([...m.scalesTiming]).toEqual(timing);
    expect(m.scalesFinished).toEqual(timing.slice(0, -1).map(([label]) => label));
    expect(m.scales).toEqual(["all"]);
  });

  test.each<[po.CoarseToFine, Timing, number, number]>([
    [
      "together",
      [
        ["lo", [0, 10]],
        ["mid", [11, 14]],
        ["all", [15]],
      ],
      51,
      0.007687563101,
    ],
    [
      "separate",
      [
        ["lo", [0, 10]],
        ["mid", [11, 14]],
        ["hi", [15, 30]],
        ["all", [31]],
      ],
      50,
      0.008531921204,
    ],
  ])("%s, each scale until it has settled, and then all", async (coarseToFine, timing, length, last) => {
    const options = { stopCriterion: 5e-3, stopItersToCheck: 6, changeScaleCriterion: 1e-2, ctfItersToCheck: 4 };
    const m = await begun(coarseToFine);
    const summary = await m.synthesize({ maxIter: 60, ...options });
    expect([...m.scalesTiming]).toEqual(timing);
    expect(m.losses).toHaveLength(length);
    near([m.losses[length - 1]], [last]);
    expect(summary.stopReason).toBe("converged");

    // However it is cut, it stops at the same place.
    for (const cuts of [[1], [7, 5], [20, 3, 1], [40]]) {
      const parts = await begun(coarseToFine);
      for (const maxIter of cuts) await parts.synthesize({ maxIter, ...options });
      const loaded = new po.MetamerCTF(ramp, new Blocks(), { coarseToFine });
      await loaded.load(await parts.toBytes());
      expect((await loaded.synthesize({ maxIter: 60, ...options })).stopReason).toBe("converged");
      expect(loaded.losses).toEqual(m.losses);
      expect([...loaded.scalesTiming]).toEqual(timing);
    }
  });
});

describe("the way through the scales", () => {
  const options = { stopCriterion: -1, changeScaleCriterion: null, ctfItersToCheck: 3 };

  test("begins with the coarsest, and asks the model for a list with the present scale first", async () => {
    const asked: (readonly (string | number)[] | null)[] = [];
    const blocks = new Blocks();
    const model = {
      scales: blocks.scales,
      forward(image: po.Tensor, { scales = null }: { readonly scales?: readonly (string | number)[] | null } = {}) {
        asked.push(scales);
        return blocks.forward(image, { scales });
      },
    };
    const m = new po.MetamerCTF(picture(), model);
    expect([m.scales, m.scalesFinished, [...m.scalesTiming]]).toEqual([
      ["lo", "mid", "all"],
      [],
      [
        ["lo", [0]],
        ["mid", []],
        ["all", []],
      ],
    ]);
    asked.length = 0;
    await m.synthesize({ maxIter: 1, ...options });
    expect(asked.filter((scales) => scales !== null)).toContainEqual(["mid", "lo"]);
    const apart = new po.MetamerCTF(picture(), model, { coarseToFine: "separate" });
    expect(apart.scales).toEqual(["lo", "mid", "hi", "all"]);
    expect(apart.coarseToFine).toBe("separate");
  });

  test("scalesLoss is the loss of the scales in use, of the image of the loss", async () => {
    for (const coarseToFine of ["together", "separate"] as const) {
      const model = new Blocks();
      const m = new po.MetamerCTF(picture(), model, { coarseToFine, penaltyLambda: 0.3 });
      await m.setup({ initialImage: picture(5).mul(1.2).detach() });
      await m.synthesize({ maxIter: 10, storeProgress: true, ...options });
      const used = coarseToFine === "together" ? [["lo"], ["mid", "lo"], null, null] : [["lo"], ["mid"], ["hi"], null];
      for (let i = 0; i < 10; i++) {
        const image = m.savedMetamer
          .slice(0, i, i + 1)
          .squeeze([0])
          .detach();
        const scales = used[Math.floor(i / 3)];
        const loss = po.loss.mse(model.forward(image, { scales }), model.forward(m.image, { scales }));
        const objective = loss.add(po.regularize.penalizeRange(image).mul(0.3));
        expect(objective.itemSync()).toBe(m.scalesLoss[i]);
        expect(po.gradient(objective, image).norm().itemSync()).toBe(m.gradientNorm[i]);
        if (scales === null) expect(m.scalesLoss[i]).toBe(m.losses[i]);
        else expect(m.scalesLoss[i]).not.toBe(m.losses[i]);
      }
    }
  });

  test("at each scale the learning rate is the first one again, and the scheduler hears the loss of the scale", async () => {
    const begun = async (scheduler: po.optim.Scheduler): Promise<po.MetamerCTF> => {
      const m = new po.MetamerCTF(picture(), new Blocks(), { coarseToFine: "separate" });
      await m.setup({ optimizer: po.optim.Adam({ lr: 0.04 }), scheduler });
      return m;
    };
    const stepped = await begun(po.optim.StepLR({ stepSize: 2, gamma: 0.5 }));
    await stepped.synthesize({ maxIter: 5, ...options });
    const loaded = new po.MetamerCTF(picture(), new Blocks(), { coarseToFine: "separate" });
    await loaded.load(await stepped.toBytes());
    for (const m of [stepped, loaded]) await m.synthesize({ maxIter: 6, ...options });
    expect([...stepped.learningRates]).toEqual([0.04, 0.04, 0.02, 0.04, 0.02, 0.02, 0.04, 0.04, 0.02, 0.04, 0.02]);
    // Also where it has been loaded at a lower rate.
    expect(loaded.learningRates.slice(5)).toEqual(stepped.learningRates.slice(5));

    const scheduler = po.optim.ReduceLROnPlateau({ patience: 0, threshold: 0.1, factor: 0.5 });
    const plateau = await begun(scheduler);
    await plateau.synthesize({ maxIter: 12, ...options });
    let state = scheduler.start(0.04);
    plateau.scalesLoss.forEach((loss, i) => {
      const lr = i > 0 && i % 3 === 0 && i < 10 ? 0.04 : state.lr;
      expect(plateau.learningRates[i], `iteration ${i}`).toBe(lr);
      state = scheduler.next({ ...state, lr }, loss);
    });
    expect(new Set(plateau.learningRates).size).toBeGreaterThan(1);
  });

  test("a step that fails just at a new scale leaves it unbegun", async () => {
    // The second scale is the square root of what the first one pushes below 0.
    const model = {
      scales: ["mean", "root"],
      forward(image: po.Tensor, { scales = null }: { readonly scales?: readonly string[] | null } = {}) {
        const has = (scale: string) => scales === null || scales.includes(scale);
        const parts = [
          ...(has("mean") ? [image.mean().reshape([1])] : []),
          ...(has("root") ? [image.sqrt().reshape([-1])] : []),
        ];
        return po.concat(parts, 0);
      },
    };
    const m = new po.MetamerCTF(po.full([1, 1, 2, 2], 0, { dtype: "float64" }), model, { penaltyLambda: 0 });
    await m.setup({ initialImage: po.full([1, 1, 2, 2], 0.025, { dtype: "float64" }) });
    const failing = m.synthesize({ maxIter: 9, ...options });
    await expect(failing).rejects.toThrow(po.NonFiniteError);
    await expect(failing).rejects.toThrow(/the loss is NaN after 3 iterations/);
    const state = () => [m.scales, m.scalesFinished, [...m.scalesTiming], m.numIter, m.scalesLoss.length];
    const before = [
      ["mean", "all"],
      [],
      [
        ["mean", [0]],
        ["all", []],
      ],
      3,
      3,
    ];
    expect(state()).toEqual(before);
    await expect(m.synthesize({ maxIter: 9, ...options })).rejects.toThrow(/after 3 iterations/);
    expect(state()).toEqual(before);
  });

  test("an end before all scales are matched is told", async () => {
    const m = new po.MetamerCTF(picture(0), new Blocks());
    const rules = { changeScaleCriterion: null, ctfItersToCheck: 2 };
    expect((await m.synthesize({ ...rules, maxIter: 0 })).stopText).toBe("maxIter was reached: 0 iterations");
    expect((await m.synthesize({ ...rules, maxIter: 2 })).stopText).toBe(
      "maxIter was reached: 2 iterations; not all scales are matched yet: lo was at work, mid, all not begun",
    );
    expect((await m.synthesize({ ...rules, maxIter: 1 })).stopText).toMatch(/: mid was at work, all not begun$/);
    expect((await m.synthesize({ ...rules, maxIter: 2 })).stopText).toBe("maxIter was reached: 2 iterations");
  });

  test("what is shown is a copy", async () => {
    const m = new po.MetamerCTF(picture(), new Blocks());
    const timing = m.scalesTiming as Map<string, number[]>;
    timing.get("lo")?.push(99);
    timing.delete("all");
    (m.scales as string[]).pop();
    (m.scalesFinished as string[]).push("lo");
    await m.synthesize({ maxIter: 2, ...options });
    expect([m.scales, m.scalesFinished, [...m.scalesTiming.keys()]]).toEqual([
      ["lo", "mid", "all"],
      [],
      ["lo", "mid", "all"],
    ]);
    expect(m.scalesTiming.get("lo")).toEqual([0]);
  });

  test("with a criterion that always holds and a window of 1, every iteration has a scale of its own", async () => {
    const m = new po.MetamerCTF(picture(), new Blocks());
    await m.synthesize({ maxIter: 5, changeScaleCriterion: 10, ctfItersToCheck: 1 });
    expect([...m.scalesTiming]).toEqual([
      ["lo", [0, 0]],
      ["mid", [1, 1]],
      ["all", [2]],
    ]);
  });
});

describe("models of users", () => {
  test.each([
    ["texts", ["coarse", "middle", "fine"]],
    ["whole numbers", [2, 1, 0]],
    ["both", ["residual", 1, 0]],
  ] as const)("may name their scales with %s, also in files", async (_, scales) => {
    const make = () => new po.MetamerCTF(picture(), new Blocks(scales), { coarseToFine: "separate" });
    const options = { changeScaleCriterion: null, ctfItersToCheck: 2, stopCriterion: -1 };
    const m = make();
    await m.synthesize({ maxIter: 5, ...options });
    expect(m.scalesFinished).toEqual(scales.slice(0, 2));
    const loaded = make();
    await loaded.load(await m.toBytes());
    expect(loaded.scales).toEqual([scales[2], "all"]);
    for (const one of [m, loaded]) await one.synthesize({ maxIter: 5, ...options });
    expect(loaded.metamer.dataSync()).toEqual(m.metamer.dataSync());
    const saved = (readPt(await m.toBytes()).value as Map<string, PtValue>).get("_scales_finished");
    expect(saved).toEqual(scales.map((scale) => (typeof scale === "number" ? BigInt(scale) : scale)));
  });

  test("in float64, with weights: Portilla and Simoncelli's", async () => {
    const side = 32;
    const values = Float64Array.from({ length: side * side }, (_, i) => ((i * 7919) % 1009) / 1009);
    const image = po.tensor(values, { shape: [1, 1, side, side], dtype: "float64" });
    const model = new po.models.PortillaSimoncelli([side, side], { nScales: 2, spatialCorrWidth: 3 });
    const m = new po.MetamerCTF(image, model, { lossFunction: po.loss.l2Norm });
    expect(m.scales).toEqual(["pixel_statistics", "residual_lowpass", 1, 0, "all"]);
    await m.synthesize({ maxIter: 9, changeScaleCriterion: null, ctfItersToCheck: 2, stopCriterion: -1 });
    expect(m.scales).toEqual(["all"]);
    expect(m.losses[9]).toBeLessThan(m.losses[0]);
  });

  test.each<[string, readonly unknown[], RegExp]>([
    ["one scale", ["all of it"], /no list "scales" of two names or more/],
    [
      "a scale called all",
      ["lo", "all", "hi"],
      /a scale of the model is "all"; scales must be texts or whole numbers, and "all" is taken/,
    ],
    ["a scale that is no name", ["lo", 1.5, "hi"], /a scale of the model is 1.5/],
    ["a scale below 0", ["lo", -1, "hi"], /a scale of the model is -1/],
    ["a scale that is an object", ["lo", {}, "hi"], /a scale of the model is an empty object/],
    ["two scales of the same name", ["lo", "mid", "mid"], /scales are lo, mid, mid; each must have a name of its own/],
  ])("with %s are refused", (_, scales, message) => {
    expect(() => new po.MetamerCTF(picture(), new Blocks(scales as string[]))).toThrow(message);
  });

  test("that always give everything, have no scales, or give nothing for one are refused", () => {
    const plain = new po.models.Gaussian(5, { std: 1 });
    expect(() => new po.MetamerCTF(picture(), plain as never)).toThrow(/no list "scales"/);
    const blocks = new Blocks();
    const deaf = { scales: blocks.scales, forward: (image: po.Tensor) => blocks.forward(image) };
    expect(() => new po.MetamerCTF(picture(), deaf)).toThrow(
      /gives \[189\] for the scales \[lo\], as it does for all of them/,
    );
    const texture = new po.models.PortillaSimoncelli([32, 32], { nScales: 2, spatialCorrWidth: 3 });
    const unknown = { scales: ["x", "y"], forward: texture.forward.bind(texture) };
    expect(() => new po.MetamerCTF(po.full([1, 1, 32, 32], 0.5), unknown as never)).toThrow(
      /the model gives nothing for the scales \[x\]/,
    );
  });

  test("losses that do not fit the parts are refused with their scales", () => {
    const side = 32;
    const values = Float64Array.from({ length: side * side }, (_, i) => ((i * 7919) % 1009) / 1009);
    const image = po.tensor(values, { shape: [1, 1, side, side], dtype: "float64" });
    const model = new po.models.PortillaSimoncelli([side, side], { nScales: 2, spatialCorrWidth: 3 });
    for (const lossFunction of [
      po.loss.portillaSimoncelliLossFactory(model, image),
      po.loss.groupwiseRelativeL2NormFactory(model, image),
    ]) {
      expect(() => new po.Metamer(image, model, { lossFunction })).not.toThrow();
      expect(() => new po.MetamerCTF(image, model, { lossFunction })).toThrow(po.validate.ValidationError);
      expect(() => new po.MetamerCTF(image, model, { lossFunction })).toThrow(
        /the loss must fit the parts of the representation too; for the scales \[pixel_statistics\]: the loss cannot be used on/,
      );
    }
  });
});

describe("refusals", () => {
  test.each<[object, RegExp]>([
    [{ coarseToFine: "apart" }, /coarseToFine is "apart"; it must be "together" or "separate"/],
    [{ coarseToFine: null }, /coarseToFine is null/],
    [{ penaltyLambda: -1 }, /MetamerCTF: penaltyLambda is -1; it must be a finite number, 0 or more/],
    [{ penaltyFunction: 3 }, /the penalty is 3/],
    [{ lossFunction: "mse" }, /the loss is "mse"/],
    [{ coarsetofine: "together" }, /no option "coarsetofine"; did you mean "coarseToFine"\? Its options are /],
  ])("new MetamerCTF(image, model, %o)", (options, message) => {
    expect(() => new po.MetamerCTF(picture(), new Blocks(), options)).toThrow(message);
  });

  test("options that are no object, images that are none", () => {
    expect(() => new po.MetamerCTF(picture(), new Blocks(), "separate" as never)).toThrow(
      /options are given as one object, not "separate"/,
    );
    expect(() => new po.MetamerCTF([1] as never, new Blocks())).toThrow(/the image is \[1\]/);
  });

  test.each<[object, RegExp]>([
    [{ changeScaleCriterion: 0 }, /changeScaleCriterion is 0; it must be a number above 0, or null/],
    [{ changeScaleCriterion: -1 }, /changeScaleCriterion is -1/],
    [{ changeScaleCriterion: Number.NaN }, /changeScaleCriterion is NaN/],
    [{ changeScaleCriterion: "1" }, /changeScaleCriterion is "1"; it must be a number/],
    [{ ctfItersToCheck: 0 }, /ctfItersToCheck is 0; it must be a whole number, 1 or more/],
    [{ ctfItersToCheck: 2.5 }, /ctfItersToCheck is 2.5/],
    [{ stopCriterion: 0.01 }, /stopCriterion is 0.01 and changeScaleCriterion 0.01; the first must be smaller/],
    [
      { changeScaleCriterion: 1e-5 },
      /stopCriterion is 0.0001 and changeScaleCriterion 0.00001; the first must be smaller/,
    ],
  ])("synthesize(%o) without a trace", async (options, message) => {
    const m = new po.MetamerCTF(picture(), new Blocks());
    const before = po.defaultGenerator().getState();
    await expect(m.synthesize(options)).rejects.toThrow(message);
    expect(po.defaultGenerator().getState()).toEqual(before);
    expect(m.losses).toHaveLength(0);
  });

  test("with stopRtol alone, changeScaleCriterion may be as small as one likes", async () => {
    const m = new po.MetamerCTF(picture(), new Blocks());
    await m.synthesize({ maxIter: 2, stopRtol: 1e-3, changeScaleCriterion: 1e-9 });
    await m.synthesize({ maxIter: 2, stopCriterion: 1, changeScaleCriterion: null });
    expect(m.numIter).toBe(4);
  });

  test("it draws two images, as Python does, and then the start", async () => {
    po.setSeed(7);
    const m = new po.MetamerCTF(picture(), new Blocks());
    await m.setup();
    const generator = new po.TorchGenerator(7);
    generator.rand(144, "float64");
    // Python tries the scales in float32, whatever the image.
    generator.rand(144, "float32");
    const drawn = generator.rand(144, "float64");
    expect(po.defaultGenerator().getState()).toEqual(generator.getState());
    const [low, high] = [Math.min(...drawn), Math.max(...drawn)];
    expect([...m.metamer.dataSync()]).toEqual(Array.from(drawn, (x) => (x - low) / (high - low)));
  });
});

describe("a file is of its object", () => {
  const options = { changeScaleCriterion: null, ctfItersToCheck: 2, stopCriterion: -1 };
  const make = (more: po.MetamerCTFOptions = {}, model = new Blocks(), image = picture()) =>
    new po.MetamerCTF(image, model, more);
  const saved = async (): Promise<Uint8Array> => {
    const m = make();
    await m.synthesize({ maxIter: 3, ...options });
    return m.toBytes();
  };
  const renamed = Object.assign(new Blocks(), { name: "bricks" });
  const halved: Blocks = Object.assign(new Blocks(), {
    forward: (image: po.Tensor, o: object) => new Blocks().forward(image, o).mul(0.5),
  });

  test.each<[string, () => po.MetamerCTF, RegExp]>([
    ["image", () => make({}, undefined, picture(1)), /the saved image differs/],
    ["penalty weight", () => make({ penaltyLambda: 0.2 }), /saved penalty weight \(penaltyLambda\) is 0\.1/],
    [
      "coarseToFine",
      () => make({ coarseToFine: "separate" }),
      /saved coarseToFine is together, that of this object separate/,
    ],
    [
      "loss",
      () => make({ lossFunction: (x, y) => x.sub(y).square().mean().mul(2) }),
      /output of the loss function differs/,
    ],
    [
      "loss of another name",
      () => make({ lossFunction: po.loss.l2Norm }),
      /saved loss function is plenoptic\.loss\.mse/,
    ],
    ["penalty", () => make({ penaltyFunction: (x) => x.square().sum() }), /output of the penalty function differs/],
    ["model", () => make({}, halved), /output of the model differs/],
    [
      "model of another name",
      () => make({}, renamed),
      /saved model is __main__\.blocks, that of this object __main__\.bricks/,
    ],
  ])("another %s is refused, or told", async (_, other, message) => {
    const bytes = await saved();
    const strict = other();
    await expect(strict.load(bytes)).rejects.toThrow(po.LoadError);
    if (!/another name/.test(_)) await expect(strict.load(bytes)).rejects.toThrow(message);
    expect([strict.losses.length, strict.metamer.size, strict.scalesFinished.length]).toEqual([0, 0, 0]);
    expect(warned).toEqual([]);
    const tolerant = other();
    await tolerant.load(bytes, { raiseOnChecks: false });
    expect(warned.map(({ name }) => name)).toEqual(warned.map(() => "LoadWarning"));
    expect(warned.map(({ message: text }) => text).join("\n")).toMatch(message);
    expect(tolerant.losses).toHaveLength(4);
    expect(tolerant.scalesFinished).toEqual(["lo"]);
    await tolerant.synthesize({ maxIter: 5, ...options });
    expect(tolerant.scales).toEqual(["all"]);
  });

  test("warnings come in Python's order; the file's values are kept, and this object's functions", async () => {
    const bytes = await saved();
    const other = make(
      {
        coarseToFine: "separate",
        penaltyLambda: 3,
        lossFunction: po.loss.l2Norm,
        penaltyFunction: (x) => x.square().sum(),
      },
      Object.assign(halved, { name: "halved" }),
      picture(9),
    );
    await other.load(bytes, { raiseOnChecks: false });
    const subjects = [
      /the saved image differs/,
      /penaltyLambda/,
      /coarseToFine/,
      /output of the loss function/,
      /output of the penalty function/,
      /output of the model/,
      /the saved loss function is/,
      /the saved model is/,
    ];
    expect(warned).toHaveLength(subjects.length);
    warned.forEach(({ message }, i) => {
      expect(message).toMatch(subjects[i]);
      expect(message).toMatch(i < 3 ? /kept is that of the file$/ : /kept is that of this object$/);
    });
    expect([other.coarseToFine, other.penaltyLambda]).toEqual(["together", 0.1]);
    expect(other.image.dataSync()).toEqual(picture().dataSync());
    expect(other.lossFunction).toBe(po.loss.l2Norm);
    expect(String(other)).toContain("coarseToFine: together");
  });

  test("another dtype is refused always, and so are other scales", async () => {
    const bytes = await saved();
    const single = make({}, undefined, picture(0, "float32"));
    await expect(single.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/use to\("float64"\)/);
    const others = make({}, new Blocks(["a", "b", "c"]));
    await expect(others.load(bytes, { raiseOnChecks: false })).rejects.toThrow(
      /its scales are lo, mid, all, those of this object a, b, all/,
    );
    const metamer = new po.Metamer(picture(), new Blocks());
    await expect(metamer.load(bytes)).rejects.toThrow(
      /it holds a plenoptic\.MetamerCTF, and this is a plenoptic\.Metamer/,
    );
  });

  test.each<[string, PtValue, RegExp]>([
    ["_scales", 3n, /_scales is the int 3; it must be a list of scales/],
    ["_scales", [], /its scales are lo, those of this object/],
    ["_scales_finished", [1.5], /_scales_finished is the float 1\.5/],
    ["_scales_timing", [], /_scales_timing is a list of 0; it must be a dict/],
    ["_scales_timing", new Map([["lo", 3n]]), /_scales_timing is the int 3; it must be a dict of lists/],
    ["_scales_loss", "none", /_scales_loss is the str "none"/],
    ["_coarse_to_fine", "sideways", /_coarse_to_fine is the str "sideways"; it must be "together" or "separate"/],
    ["_initial_lr", 0.1, /_initial_lr is the float 0\.1; it must be a list of numbers/],
    ["_metamer", PtTensor.of("int32", [1], Int32Array.of(1)), /_metamer is int32/],
  ])("a damaged %s is told", async (key, value, message) => {
    const dict = readPt(await saved()).value as Map<string, PtValue>;
    dict.set(key, value);
    const m = make();
    await expect(m.load(writePt(dict))).rejects.toThrow(message);
    expect(m.losses).toHaveLength(0);
  });

  test("the file has what Python's has: the target of the scales in use, and the first rates", async () => {
    const dictOf = async (m: po.MetamerCTF) => readPt(await m.toBytes()).value as Map<string, PtValue>;
    const m = make();
    expect((await dictOf(m)).get("_initial_lr")).toBe(null);
    await m.setup({ optimizer: po.optim.SGD({ lr: 0.25 }), scheduler: po.optim.ExponentialLR({ gamma: 0.5 }) });
    expect((await dictOf(m)).get("_ctf_target_representation")).toBe(null);
    await m.synthesize({ maxIter: 3, ...options });
    const dict = await dictOf(m);
    expect(dict.get("_initial_lr")).toEqual([0.25]);
    const target = toTensor(dict.get("_ctf_target_representation") as PtTensor);
    expect(target.dataSync()).toEqual(new Blocks().forward(picture(), { scales: ["mid", "lo"] }).dataSync());
    await m.synthesize({ maxIter: 3, ...options });
    expect((await dictOf(m)).get("_ctf_target_representation")).toBe(null);
  });
});

test("its recipe says how the scales were gone through", async () => {
  const m = new po.MetamerCTF(picture(), new Blocks(), { coarseToFine: "separate" });
  await m.synthesize({ maxIter: 2, changeScaleCriterion: null, ctfItersToCheck: 7 });
  await m.synthesize({ maxIter: 1 });
  expect(await m.recipe()).toMatchObject({
    method: "MetamerCTF",
    model: { name: "blocks" },
    options: { coarseToFine: "separate", penaltyLambda: 0.1 },
    calls: [
      { call: "setup" },
      { call: "synthesize", options: { maxIter: 2, changeScaleCriterion: null, ctfItersToCheck: 7 } },
      { call: "synthesize", options: { maxIter: 1, changeScaleCriterion: 1e-2, ctfItersToCheck: 50 } },
    ],
    result: { iterations: 3 },
  });
});
