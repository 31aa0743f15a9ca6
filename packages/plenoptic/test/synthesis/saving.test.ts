// save, load and to: files of Python's plenoptic go on to its numbers, our own to the same bits, and what does not fit is
// refused without a trace.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PtTensor, PtTuple, type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { checkLoaded, savedFiles } from "@plenoptic-js/proof/conformance/saved/saved";
import { objectOf } from "@plenoptic-js/proof/conformance/saved/savedObjects";
import { hashTensor } from "@plenoptic-js/tensor";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const pt = fileURLToPath(new URL("../../../formats/test/data/pt", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "saving-"));
afterAll(() => rmSync(folder, { recursive: true }));

let warned: po.warnings.AnyWarning[] = [];
afterAll(po.warnings.on((warning) => warned.push(warning)));
beforeEach(() => {
  warned = [];
});

describe("files of Python's plenoptic load and go on to its numbers", () => {
  test.each(savedFiles(pt).map((file) => [file.name, file] as const))("%s", async (name, file) => {
    const warnings = await checkLoaded(pt, file);
    // Penalties, the final loss, and for metamers the loss function; before 1.2 the model.
    const notes: Readonly<Record<string, number>> = { "1.0": 3, "1.1": 3, "1.2": 3, "1.3.0": 3, "1.3.1": 2 };
    const [release] = name.split("/");
    const known = notes[release] ?? notes[release.slice(0, 3)] ?? 0;
    const expected =
      file.kind === "eig"
        ? Number(/^1\.[01]/.test(release))
        : known - Number(file.kind === "mad" && /^1\.[23]/.test(release));
    expect(warnings.filter((w) => w.name === "FutureWarning")).toHaveLength(expected);
    // Where Python has lost the optimizer, one starts anew, and that is said. SSIM speaks of pixels outside [0, 1].
    const others = warnings.filter((w) => w.name !== "FutureWarning" && w.code !== "metric-range");
    expect(others.map(({ code }) => code)).toEqual(name.includes("resaved") ? ["lost-optimizer"] : []);
  });
});

const SIDE = 16;
const picture = (salt: number, dtype: "float32" | "float64"): po.Tensor => {
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  return po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype });
};
const blur = new po.models.Gaussian(5, { std: 1.5 });
const make = (dtype: "float32" | "float64" = "float64", options: po.MetamerOptions = {}): po.Metamer =>
  new po.Metamer(picture(0, dtype), blur, options);

interface Way {
  readonly name: string;
  readonly optimizer: po.optim.Optimizer;
  readonly scheduler?: po.optim.Scheduler;
}

const ways: readonly Way[] = [
  { name: "Adam", optimizer: po.optim.Adam({ amsgrad: true }) },
  { name: "AdamW and StepLR", optimizer: po.optim.AdamW({ lr: 0.05 }), scheduler: po.optim.StepLR({ stepSize: 2 }) },
  {
    name: "SGD and ExponentialLR",
    optimizer: po.optim.SGD({ lr: 5, momentum: 0.9, nesterov: true }),
    scheduler: po.optim.ExponentialLR({ gamma: 0.9 }),
  },
  {
    name: "NAdam and OneCycleLR",
    optimizer: po.optim.NAdam({ lr: 0.05 }),
    scheduler: po.optim.OneCycleLR({ maxLr: 0.05, totalSteps: 9 }),
  },
  {
    name: "ASGD and CosineAnnealingLR",
    optimizer: po.optim.ASGD({ lr: 5, t0: 2 }),
    scheduler: po.optim.CosineAnnealingLR({ tMax: 4, etaMin: 1 }),
  },
  {
    name: "Adagrad and MultiStepLR",
    optimizer: po.optim.Adagrad({ lr: 0.1, initialAccumulatorValue: 0.1 }),
    scheduler: po.optim.MultiStepLR({ milestones: [2, 5, 5], gamma: 0.5 }),
  },
  { name: "L-BFGS", optimizer: po.optim.LBFGS({ maxIter: 4, historySize: 3 }) },
  {
    name: "L-BFGS with a search and ReduceLROnPlateau",
    optimizer: po.optim.LBFGS({ maxIter: 5, lineSearchFn: "strong_wolfe" }),
    scheduler: po.optim.ReduceLROnPlateau({ patience: 0, threshold: 0.9, factor: 0.5 }),
  },
];

describe.each(ways)("$name", ({ optimizer, scheduler = null }) => {
  const begin = async (dtype: "float32" | "float64"): Promise<po.Metamer> => {
    const metamer = make(dtype);
    await metamer.setup({ initialImage: picture(77, dtype), optimizer, scheduler });
    return metamer;
  };
  const run = (metamer: po.Metamer, maxIter: number) =>
    metamer.synthesize({ maxIter, storeProgress: 2, stopCriterion: -1 });

  test.each(["float32", "float64"] as const)(
    "7 iterations are 3, save, load and 4, bit for bit (%s)",
    async (dtype) => {
      const once = await begin(dtype);
      await run(once, 7);
      const first = await begin(dtype);
      await run(first, 3);
      const path = join(folder, `${optimizer.name}-${dtype}.pt`);
      await first.save(path);
      const second = make(dtype);
      await second.load(path);
      for (const name of ["losses", "penalties", "gradientNorm", "pixelChangeNorm"] as const) {
        expect(second[name]).toEqual(first[name]);
      }
      await run(second, 4);
      expect(await hashTensor(second.metamer)).toBe(await hashTensor(once.metamer));
      expect(await hashTensor(second.savedMetamer)).toBe(await hashTensor(once.savedMetamer));
      for (const name of ["losses", "penalties", "gradientNorm", "pixelChangeNorm"] as const) {
        expect(second[name]).toEqual(once[name]);
      }
      expect(second.learningRates.slice(3)).toEqual(once.learningRates.slice(3));
      expect(warned).toEqual([]);
    },
  );

  test("load and save at once loses nothing", async () => {
    const metamer = await begin("float64");
    await run(metamer, 3);
    const bytes = await metamer.toBytes();
    const loaded = make();
    await loaded.load(bytes);
    const again = readPt(await loaded.toBytes()).value as Map<PtValue, PtValue>;
    const before = readPt(bytes).value as Map<PtValue, PtValue>;
    expect(again.get("_loaded")).toBe(true);
    for (const key of ["_optimizer", "_scheduler", "_losses", "_store_progress", "_scheduler_step_arg"]) {
      expect(writePt(again.get(key) as PtValue), key).toEqual(writePt(before.get(key) as PtValue));
    }
    const third = make();
    await third.load(await loaded.toBytes());
    await run(third, 4);
    const once = await begin("float64");
    await run(once, 7);
    expect(await hashTensor(third.metamer)).toBe(await hashTensor(once.metamer));
  });

  test("to another precision and on", async () => {
    const metamer = await begin("float64");
    await run(metamer, 3);
    const before = metamer.losses;
    metamer.to("float32");
    expect([metamer.image.dtype, metamer.metamer.dtype, metamer.savedMetamer.dtype]).toEqual(Array(3).fill("float32"));
    expect(metamer.losses.slice(0, 3)).toEqual(before.slice(0, 3));
    await run(metamer, 3);
    const straight = await begin("float64");
    await run(straight, 6);
    // It moves, and to where it would have gone.
    expect(metamer.pixelChangeNorm[5]).toBeGreaterThan(0);
    expect(Math.abs(metamer.losses[6] - straight.losses[6])).toBeLessThan(1e-2 * straight.losses[6] + 1e-9);
    metamer.to("float64");
    await run(metamer, 1);
    expect(metamer.numIter).toBe(7);
  });
});

describe("a file is of its object", () => {
  const saved = async (): Promise<Uint8Array> => {
    const metamer = make();
    po.setSeed(1);
    await metamer.synthesize({ maxIter: 2 });
    return metamer.toBytes();
  };

  test.each<[string, () => po.Metamer, RegExp]>([
    ["image", () => new po.Metamer(picture(1, "float64"), blur), /the saved image differs.*more than rounding/s],
    [
      "model",
      () => new po.Metamer(picture(0, "float64"), new po.models.Gaussian(5, { std: 2 })),
      /output of the model/,
    ],
    [
      "model of another name",
      () =>
        new po.Metamer(
          picture(0, "float64"),
          po.model("blur", (x) => blur.forward(x)),
        ),
      /the saved model is plenoptic\.models\.naive\.Gaussian, that of this object __main__\.blur/,
    ],
    ["loss", () => make("float64", { lossFunction: po.loss.l2Norm }), /output of the loss function/],
    [
      "penalty",
      () => make("float64", { penaltyFunction: (x) => x.square().sum() }),
      /output of the penalty function differs/,
    ],
    [
      "penalty weight",
      () => make("float64", { penaltyLambda: 0.2 }),
      /saved penalty weight.*is 0\.1.*this object 0\.2/,
    ],
    [
      "shape",
      () => new po.Metamer(picture(0, "float64").reshape([1, 1, 8, 32]), blur),
      /\[1, 1, 16, 16\].*\[1, 1, 8, 32\]/,
    ],
  ])("another %s is refused, or told", async (_, other, message) => {
    const bytes = await saved();
    const strict = other();
    const text = String(strict);
    await expect(strict.load(bytes)).rejects.toThrow(po.LoadError);
    await expect(strict.load(bytes)).rejects.toThrow(message);
    // Nothing has changed.
    expect(String(strict)).toBe(text);
    expect(strict.losses).toHaveLength(0);
    expect(strict.metamer.size).toBe(0);
    expect(warned).toEqual([]);
    const tolerant = other();
    await tolerant.load(bytes, { raiseOnChecks: false });
    expect(warned.every((w) => w.name === "LoadWarning")).toBe(true);
    expect(warned.map((w) => w.message).join("\n")).toMatch(message);
    expect(tolerant.losses).toHaveLength(3);
  });

  test("another dtype is refused always, and to() helps", async () => {
    const bytes = await saved();
    const single = make("float32");
    await expect(single.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/use to\("float64"\)/);
    single.to("float64");
    // Rounded to float32, its image is no longer quite the saved one.
    await expect(single.load(bytes, { tensorEqualityRtol: 0 })).rejects.toThrow(/the saved image differs/);
    await single.load(bytes);
    expect(single.losses).toHaveLength(3);
  });

  test("the tolerance that would pass is named, and passes", async () => {
    const bytes = await saved();
    const near = (): po.Metamer => new po.Metamer(picture(0, "float64").add(1e-4).detach(), blur);
    const error = await near()
      .load(bytes)
      .catch((e: Error) => e);
    const rtol = Number(/tensorEqualityRtol: (\S+) would/.exec((error as Error).message)?.[1] ?? Number.NaN);
    const atol = Number(/tensorEqualityAtol: (\S+) would/.exec((error as Error).message)?.[1] ?? Number.NaN);
    expect([rtol, atol].some((x) => x > 0)).toBe(true);
    const named = rtol > 0 ? { tensorEqualityRtol: rtol } : { tensorEqualityAtol: atol };
    const next = await near()
      .load(bytes, named)
      .catch((e: Error) => e);
    // The image passes now; the next check may not.
    expect(String(next)).not.toMatch(/the saved image differs/);
  });

  const changed = async (change: (dict: Map<PtValue, PtValue>) => void): Promise<Uint8Array> => {
    const dict = readPt(await saved()).value as Map<PtValue, PtValue>;
    change(dict);
    return writePt(dict);
  };

  test.each<[string, (dict: Map<PtValue, PtValue>) => void, RegExp]>([
    ["a key too many", (d) => d.set("_extra", 1n), /it has _extra, which this object has not/],
    ["a key too few", (d) => d.delete("_gradient_norm"), /it lacks _gradient_norm/],
    [
      "another class",
      (d) => (d.get("save_metadata") as Map<PtValue, PtValue>).set("synthesis_object", "plenoptic.MADCompetition"),
      /it holds a plenoptic\.MADCompetition/,
    ],
    [
      "no class",
      (d) => (d.get("save_metadata") as Map<PtValue, PtValue>).delete("synthesis_object"),
      /it holds a synthesis whose class it does not name, and this is a plenoptic\.Metamer/,
    ],
    ["a wrong type", (d) => d.set("_losses", "many"), /_losses is the str "many"; it must be a list of numbers/],
    [
      "an image of whole numbers",
      (d) => d.set("_metamer", PtTensor.of("int32", [1], Int32Array.of(1))),
      /_metamer is int32/,
    ],
    [
      "a model without an output",
      (d) => d.set("_model", new PtTuple(["x"])),
      /_model is a tuple of 1; it must be a callable/,
    ],
  ])("%s", async (_, change, message) => {
    const metamer = make();
    await expect(metamer.load(await changed(change))).rejects.toThrow(message);
    expect(metamer.losses).toHaveLength(0);
    await metamer.synthesize({ maxIter: 1 });
  });

  test("an optimizer that is not available is kept, and cannot go on", async () => {
    const state = new Map<PtValue, PtValue>([
      ["state", new Map()],
      ["param_groups", [new Map<PtValue, PtValue>([["lr", 0.5]])]],
    ]);
    const bytes = await changed((d) => d.set("_optimizer", new PtTuple(["torch.optim._muon.Muon", state])));
    const metamer = make();
    await metamer.load(bytes);
    await expect(metamer.synthesize({ maxIter: 1 })).rejects.toThrow(/Muon, which is not available here/);
    const again = readPt(await metamer.toBytes()).value as Map<PtValue, PtValue>;
    expect(writePt(again.get("_optimizer") as PtValue)).toEqual(
      writePt((readPt(bytes).value as Map<PtValue, PtValue>).get("_optimizer") as PtValue),
    );
  });
});

describe("setup after load", () => {
  const bytes = async (): Promise<Uint8Array> => {
    const metamer = make();
    await metamer.setup({
      optimizer: po.optim.SGD({ lr: 2, momentum: 0.5 }),
      scheduler: po.optim.StepLR({ stepSize: 1 }),
    });
    await metamer.synthesize({ maxIter: 2 });
    return metamer.toBytes();
  };

  test("takes the kinds that were saved, with their own settings", async () => {
    const metamer = make();
    await metamer.load(await bytes());
    await metamer.setup({ optimizer: po.optim.SGD({ lr: 9 }), scheduler: po.optim.StepLR({ stepSize: 7 }) });
    expect(String(metamer.optimizer)).toMatch(/SGD\(lr: 0\.02\d*, momentum: 0\.5/);
    expect(String(metamer.scheduler)).toBe("StepLR(stepSize: 1, gamma: 0.1)");
    await expect(metamer.setup()).rejects.toThrow(/may be called once/);
  });

  test("refuses other kinds, another start, and a second load, and stays as it was", async () => {
    const metamer = make();
    await metamer.load(await bytes());
    await expect(metamer.setup({ optimizer: po.optim.Adam() })).rejects.toThrow(/saved optimizer is SGD, and Adam/);
    await expect(metamer.setup({ scheduler: po.optim.ExponentialLR({ gamma: 1 }) })).rejects.toThrow(
      /scheduler is StepLR/,
    );
    await expect(metamer.setup({ initialImage: picture(3, "float64") })).rejects.toThrow(/has its image/);
    await expect(metamer.load(await bytes())).rejects.toThrow(/load\(\) is for a new object/);
    await metamer.synthesize({ maxIter: 2 });
    expect(metamer.numIter).toBe(4);
    await expect(metamer.load(await bytes())).rejects.toThrow(/load\(\) is for a new object/);
  });

  test("a file from before setup() leaves everything open", async () => {
    const fresh = await make().toBytes();
    const metamer = make();
    await metamer.load(fresh);
    expect(metamer.metamer.size).toBe(0);
    await metamer.setup({ initialImage: picture(5, "float64") });
    await metamer.synthesize({ maxIter: 1 });
    expect(metamer.numIter).toBe(1);
  });
});

describe("what the file says of itself", () => {
  test("is the recipe of the run, also over a load", async () => {
    const recipeOf = (bytes: Uint8Array) => {
      const metadata = (readPt(bytes).value as Map<PtValue, PtValue>).get("save_metadata") as Map<PtValue, PtValue>;
      expect(metadata.get("synthesis_object")).toBe("plenoptic.Metamer");
      return JSON.parse(metadata.get("plenoptic_js") as string) as {
        file: number;
        recipe: null | { random: { torch: string }; calls: { call: string }[]; result: { sha256: string } };
      };
    };
    po.setSeed(4);
    const metamer = make();
    await metamer.synthesize({ maxIter: 2 });
    const first = recipeOf(await metamer.toBytes());
    expect(first.file).toBe(1);
    expect(first.recipe?.calls.map(({ call }) => call)).toEqual(["setup", "synthesize"]);
    expect(first.recipe?.result.sha256).toBe(await hashTensor(metamer.metamer));
    const second = make();
    await second.load(await metamer.toBytes());
    await second.synthesize({ maxIter: 1 });
    const later = recipeOf(await second.toBytes());
    expect(later.recipe?.random.torch).toBe(first.recipe?.random.torch);
    expect(later.recipe?.calls.map(({ call }) => call)).toEqual(["setup", "synthesize", "synthesize"]);
  });

  test("is silent on what Python's plenoptic began", async () => {
    const name = "HEAD/metamer_adam_plain_noamsgrad_f32";
    const metamer = objectOf("metamer", join(pt, `${name}.json`));
    await metamer.load(join(pt, `${name}.pt`));
    const metadata = (readPt(await metamer.toBytes()).value as Map<PtValue, PtValue>).get("save_metadata");
    expect(JSON.parse((metadata as Map<PtValue, PtValue>).get("plenoptic_js") as string).recipe).toBe(null);
  });
});
