// Files that hold their model: loaded, gone on with, saved and verified without the code that made it, to the same bits.

import { fileURLToPath } from "node:url";
import { readPt } from "@plenoptic-js/formats";
import { hashTensor } from "@plenoptic-js/tensor";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { StoredModel } from "../../src/models/storedModel.ts";
import { Blocks, type Float, imageOf, picture, record, type Synthesis } from "../synthesis/methods.ts";

const DTYPES = ["float64", "float32"] as const;
let warned: po.warnings.AnyWarning[] = [];
afterAll(
  po.warnings.on((warning) => {
    if (!/^(image|metric)-range$/.test(warning.code)) warned.push(warning);
  }),
);
beforeEach(() => {
  po.setSeed(0);
  warned = [];
});

/** Of a person's own, with constants of several types. */
const kernel = (dtype: Float): po.Tensor =>
  po.tensor(
    Float64Array.from({ length: 9 }, (_, i) => Math.sqrt(i) / 5),
    { shape: [1, 1, 3, 3], dtype },
  );
const energy = (dtype: Float): po.Model => {
  const [k, mask] = [kernel(dtype), picture(3, dtype).sub(0.5).sign().add(1).cast("bool").detach()];
  return po.model("energy-v1", (x) => {
    const spectrum = po
      .fft2(po.where(mask, x, x.mul(0.5)).cast(SAME_COMPLEX[dtype]))
      .mul(picture(5, dtype).cast(SAME_COMPLEX[dtype]));
    return po.concat([po.conv2d(x, k).square().reshape([-1]), spectrum.abs().reshape([-1]).clip(0, 3)], 0);
  });
};
const SAME_COMPLEX = { float32: "complex64", float64: "complex128" } as const;
const distance = (x: po.Tensor, y: po.Tensor): po.Tensor => x.sub(y).abs().add(0.01).sqrt().sum();
const peaks = (x: po.Tensor): po.Tensor => x.square().max();
const metric = (x: po.Tensor, y: po.Tensor): po.Tensor => x.sub(y).square().square().sum();
const other = (x: po.Tensor, y: po.Tensor): po.Tensor => po.avgPool2d(x.sub(y), 2).square().mean();

interface Kind {
  readonly name: string;
  readonly make: (dtype: Float) => Synthesis;
  readonly load: (bytes: Uint8Array) => Promise<Synthesis>;
  readonly options?: object;
}

const own = { lossFunction: distance, penaltyFunction: peaks, penaltyLambda: 0.3 };
const kinds: readonly Kind[] = [
  {
    name: "Metamer",
    make: (dtype) => new po.Metamer(picture(0, dtype), energy(dtype), own),
    load: (bytes) => po.Metamer.load(bytes),
  },
  ...(["together", "separate"] as const).map(
    (coarseToFine): Kind => ({
      name: `MetamerCTF, ${coarseToFine}`,
      make: (dtype) => new po.MetamerCTF(picture(0, dtype), new Blocks(), { ...own, coarseToFine }),
      load: (bytes) => po.MetamerCTF.load(bytes),
      options: { changeScaleCriterion: null, ctfItersToCheck: 2 },
    }),
  ),
  {
    name: "MADCompetition",
    make: (dtype) =>
      new po.MADCompetition(picture(0, dtype), metric, other, "min", {
        metricTradeoffLambda: 2,
        penaltyFunction: peaks,
      }),
    load: (bytes) => po.MADCompetition.load(bytes),
  },
  {
    name: "MADCompetition, constrained",
    make: (dtype) =>
      new po.MADCompetition(picture(0, dtype), metric, other, "max", { constrained: true, allowedRange: [0, 1.5] }),
    load: (bytes) => po.MADCompetition.load(bytes),
  },
  {
    name: "Metamer with the library's model",
    make: (dtype) => new po.Metamer(picture(0, dtype), new po.models.Gaussian(5, { std: 1.5 })),
    load: (bytes) => po.Metamer.load(bytes),
  },
];

/** The texts of all graphs in a file, and what else the dictionary of its model holds. */
function modelIn(bytes: Uint8Array): ReadonlyMap<unknown, unknown> {
  const metadata = (readPt(bytes).value as Map<unknown, unknown>).get("save_metadata") as Map<unknown, unknown>;
  return metadata.get("plenoptic_js_model") as Map<unknown, unknown>;
}

describe.each(kinds.map((kind) => [kind.name, kind] as const))("%s", (_, { make, load, options }) => {
  const run = (object: Synthesis, maxIter: number): Promise<unknown> =>
    object.synthesize({ maxIter, stopCriterion: null, storeProgress: 2, ...options });

  test.each(DTYPES)("goes on from the file alone to the same bits (%s)", async (dtype) => {
    const made = make(dtype);
    await run(made, 5);
    const bytes = await made.toBytes({ withModel: true });
    po.rand([3]);
    const state = po.defaultGenerator().getState();
    const loaded = await load(bytes);
    expect(po.defaultGenerator().getState()).toEqual(state);
    expect(loaded.fingerprints).toEqual(made.fingerprints);
    expect(await loaded.recipe()).toEqual(await made.recipe());
    await run(made, 6);
    await run(loaded, 6);
    expect(await record(loaded)).toEqual(await record(made));
    expect(await loaded.recipe()).toEqual(await made.recipe());
    expect(warned).toEqual([]);
  });

  test("is verified without the code, and is the same file when it is saved again", async () => {
    const made = make("float64");
    await run(made, 3);
    const bytes = await made.toBytes({ withModel: true });
    expect(await po.replay.verify(bytes)).toMatchObject({ verdict: "identical", steps: 3 });
    const loaded = await load(bytes);
    const again = await loaded.toBytes({ withModel: true });
    expect(modelIn(again)).toEqual(modelIn(bytes));
    expect(await po.replay.verify(again)).toMatchObject({ verdict: "identical", steps: 3 });
    const callables = (file: Uint8Array): unknown =>
      [...(readPt(file).value as Map<string, unknown>)].filter(([key]) => /function|model|metric$/.test(key));
    expect(callables(again)).toEqual(callables(bytes));
  });

  test("before setup() too", async () => {
    const loaded = await load(await make("float64").toBytes({ withModel: true }));
    expect(loaded.isSetUp).toBe(false);
    po.setSeed(4);
    await run(loaded, 2);
    po.setSeed(4);
    const made = make("float64");
    po.setSeed(4);
    await run(made, 2);
    expect(await hashTensor(imageOf(loaded))).toBe(await hashTensor(imageOf(made)));
  });

  test("loads into an object made with the same arguments as before, and is larger by what was told", async () => {
    const made = make("float64");
    await run(made, 2);
    const [plain, bytes] = [await made.toBytes(), await made.toBytes({ withModel: true })];
    const told = made.modelSize();
    const more = bytes.length - plain.length;
    // Entries of the archive have heads, and begin at multiples of 64.
    const around = 2000 + 300 * (modelIn(bytes).get("constants") as Map<unknown, unknown>).size;
    expect(more).toBeGreaterThanOrEqual(told.bytes);
    expect(more).toBeLessThan(told.bytes + around);
    const into = make("float64");
    await into.load(bytes);
    expect(await record(into)).toEqual(await record(made));
  });
});

describe("eigendistortions", () => {
  const make = (dtype: Float): po.Eigendistortion => new po.Eigendistortion(picture(0, dtype), energy(dtype));

  test.each(DTYPES)("are found by the model of the file with the same bits (%s)", async (dtype) => {
    const made = make(dtype);
    const bytes = await made.toBytes({ withModel: true });
    const loaded = await po.Eigendistortion.load(bytes);
    expect(loaded.fingerprints).toEqual(made.fingerprints);
    for (const object of [made, loaded]) {
      po.setSeed(7);
      await object.synthesize({ k: 2 });
    }
    expect(await hashTensor(loaded.eigendistortions!)).toBe(await hashTensor(made.eigendistortions!));
    expect(await hashTensor(await loaded.computeJacobian())).toBe(await hashTensor(await made.computeJacobian()));
    expect(made.modelSize().graphs).toBe(1);
  });

  test("are verified without the code", async () => {
    const made = make("float64");
    await made.synthesize({ k: 1 });
    const bytes = await made.toBytes({ withModel: true });
    expect(await po.replay.verify(await made.toBytes())).toMatchObject({ verdict: "cannot", reason: "model" });
    expect(await po.replay.verify(bytes)).toMatchObject({ verdict: "identical" });
    const loaded = await po.Eigendistortion.load(bytes);
    expect(loaded.search?.words).toBe(made.search?.words);
    expect(modelIn(await loaded.toBytes({ withModel: true }))).toEqual(modelIn(bytes));
  });
});

describe("what a file holds", () => {
  test("one graph for each scale, and constants once", async () => {
    const size = (scales: readonly string[], sizes: readonly number[]) => {
      const made = new po.MetamerCTF(picture(), new Blocks(scales, sizes));
      return made.modelSize();
    };
    // The model for each scale and for all, a loss for each of these sizes, and the penalty.
    expect(size(["lo", "hi"], [2, 1]).graphs).toBe(2 + 2 + 1);
    expect(size(["lo", "mid", "hi"], [4, 2, 1]).graphs).toBe(3 + 3 + 1);
    const big = kernel("float64");
    const twice = new po.Metamer(picture(), (x) => po.conv2d(po.conv2d(x, big), big.add(0).detach()));
    expect(twice.modelSize().constantBytes).toBe(9 * 8);
  });

  test("a start of another shape: the model for both shapes", async () => {
    const pooled = po.model("mean", (x) => x.square().mean([2, 3]));
    const made = new po.Metamer(picture(), pooled, { penaltyFunction: peaks });
    await made.setup({ initialImage: picture(9).slice(2, 0, 8).slice(3, 0, 10).detach() });
    await made.synthesize({ maxIter: 3, stopCriterion: null });
    const bytes = await made.toBytes({ withModel: true });
    const loaded = await po.Metamer.load(bytes);
    for (const object of [made, loaded]) await object.synthesize({ maxIter: 3, stopCriterion: null });
    expect(await hashTensor(loaded.metamer)).toBe(await hashTensor(made.metamer));
    expect(await po.replay.verify(bytes)).toMatchObject({ verdict: "identical" });
  });

  test("after another precision, the functions for both, so that all of it is made again", async () => {
    const model = po.model("energy-v2", (x) => po.conv2d(x, kernel("float64").cast(x.dtype)).square());
    const made = new po.Metamer(picture(), model);
    await made.synthesize({ maxIter: 2, stopCriterion: null });
    made.to("float32");
    await made.synthesize({ maxIter: 2, stopCriterion: null });
    const bytes = await made.toBytes({ withModel: true });
    expect(await po.replay.verify(bytes, { image: picture() })).toMatchObject({ verdict: "identical", steps: 4 });
    const loaded = await po.Metamer.load(bytes);
    expect(loaded.image.dtype).toBe("float32");
    loaded.to("float64");
    for (const object of [made, loaded]) await object.synthesize({ maxIter: 2, stopCriterion: null });
    expect(loaded.metamer.dtype).toBe("float64");
  });

  test("a model of the library is that of the library again, and knows its groups", async () => {
    const image = po.tensor(
      Float64Array.from({ length: 64 * 64 }, (_, i) => ((i * 7919) % 251) / 250),
      { shape: [1, 1, 64, 64] },
    );
    const model = new po.models.PortillaSimoncelli([64, 64], { nScales: 2, spatialCorrWidth: 3 });
    const lossFunction = po.loss.portillaSimoncelliLossFactory(model, image);
    const made = new po.Metamer(image, model, { lossFunction });
    await made.synthesize({ maxIter: 2, stopCriterion: null });
    const bytes = await made.toBytes({ withModel: true });
    const loaded = await po.Metamer.load(bytes);
    expect(loaded.model).toBeInstanceOf(po.models.PortillaSimoncelli);
    expect((await loaded.summary()).groups.map(({ name }) => name)).toEqual(
      (await made.summary()).groups.map(({ name }) => name),
    );
    await made.synthesize({ maxIter: 2, stopCriterion: null });
    await loaded.synthesize({ maxIter: 2, stopCriterion: null });
    expect(await hashTensor(loaded.metamer)).toBe(await hashTensor(made.metamer));
    expect(await po.replay.verify(bytes)).toMatchObject({ verdict: "identical" });
  });

  test("a model that only calls itself as one of the library's is the one of the file", async () => {
    const liar = { name: "Gaussian", options: {}, forward: (x: po.Tensor) => x.square() };
    const made = new po.Metamer(picture(), liar);
    await made.synthesize({ maxIter: 2, stopCriterion: null });
    const bytes = await made.toBytes({ withModel: true });
    const loaded = await po.Metamer.load(bytes);
    expect(loaded.model).toBeInstanceOf(StoredModel);
    expect(loaded.fingerprints.model).toBe(made.fingerprints.model);
    expect(await po.replay.verify(bytes)).toMatchObject({ verdict: "identical" });
  });

  test("a file of Python's plenoptic: nothing", async () => {
    const path = "../../../formats/test/data/pt/2.0.0/metamer_adam_plain_noamsgrad_f32.pt";
    const file = fileURLToPath(new URL(path, import.meta.url));
    await expect(po.Metamer.load(file)).rejects.toThrow(/it holds no model\. Make an object/);
  });
});

describe("refused", () => {
  const bytesOf = async (): Promise<Uint8Array> =>
    new po.Metamer(picture(), energy("float64")).toBytes({ withModel: true });

  test("a file without its model, and of another method", async () => {
    const plain = await new po.Metamer(picture(), energy("float64")).toBytes();
    await expect(po.Metamer.load(plain)).rejects.toThrow(
      /Metamer\.load: bytes in memory: it holds no model.*withModel: true/s,
    );
    await expect(po.Metamer.load(plain)).rejects.toThrow(po.LoadError);
    await expect(po.Eigendistortion.load(await bytesOf())).rejects.toThrow(
      /it holds a plenoptic\.Metamer; use Metamer\.load/,
    );
    await expect(po.MADCompetition.load(await bytesOf())).rejects.toThrow(/use Metamer\.load/);
  });

  test("another shape or dtype, with the way out", async () => {
    const loaded = await po.Metamer.load(await bytesOf());
    const stored = loaded.model as StoredModel;
    expect(() => stored.forward(picture(0, "float32"))).toThrow(po.DTypeError);
    const small = picture().slice(2, 0, 6).detach();
    expect(() => stored.forward(small)).toThrow(po.ShapeError);
    expect(() => stored.forward(small)).toThrow(
      "the model of bytes in memory is called on float64 [1, 1, 6, 12], and was stored for float64 [1, 1, 12, 12]. A stored model has " +
        "fixed shapes and dtypes: for others make the object with the model itself, as in new po.Metamer(image, model)",
    );
    expect(() => stored.forward(picture(), { scales: ["lo"] })).toThrow(
      /for the scales \[lo\], and was stored not at all/,
    );
    const before = loaded.image;
    expect(() => loaded.to("float32")).toThrow(/was stored for float64/);
    expect(loaded.image).toBe(before);
  });

  test("options that are none", async () => {
    const made = new po.Metamer(picture(), energy("float64"));
    await expect(made.toBytes({ withModel: 1 as never })).rejects.toThrow(/withModel/);
    await expect(made.toBytes({ withmodel: true } as never)).rejects.toThrow(/withmodel/);
  });

  test("what a file that another model was put into says", async () => {
    const made = new po.Metamer(picture(), energy("float64"));
    await made.synthesize({ maxIter: 1 });
    const file = await po.io.loadFile(await made.toBytes({ withModel: true }));
    const another = await po.io.loadFile(
      await new po.Metamer(picture(), (x) => x.square()).toBytes({ withModel: true }),
    );
    const key = "plenoptic_js_model";
    const metadata = (one: typeof file) => one.get("save_metadata") as Map<unknown, unknown>;
    metadata(file).set(key, metadata(another).get(key));
    const bytes = file.toBytes();
    const found = await po.replay.verify(bytes);
    expect(found).toMatchObject({ verdict: "cannot", reason: "model" });
    expect(found.text).toMatch(/the model in the file is another one than that of its recipe/);
    expect(await po.replay.verify(bytes, { model: energy("float64") })).toMatchObject({ verdict: "identical" });
    await expect(po.Metamer.load(bytes)).rejects.toThrow(po.LoadError);
  });
});
