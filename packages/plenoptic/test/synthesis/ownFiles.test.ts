// Files that releases of this package wrote: every later one opens them, and goes on to the bits that were right then.
// data/own holds a folder for each release; `UPDATE_OWN_FILES=1` writes what that of the version at hand lacks, for a release.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hashTensor } from "@plenoptic-js/tensor";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { VERSION } from "../../src/version.ts";
import { Blocks, type Float, imageOf, type Synthesis } from "./methods.ts";

const root = fileURLToPath(new URL("../data/own/", import.meta.url));

const SIDE = 16;
const picture = (salt: number, dtype: Float): po.Tensor => {
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  return po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype });
};

/** What is known of an object: in expected.json as it must be after load() and going on. */
type Known = Readonly<Record<string, string | readonly number[]>>;

interface Sample<T extends { toBytes(): Promise<Uint8Array>; load(path: string): Promise<void> }> {
  readonly name: string;
  make(): T;
  /** To where it is saved. */
  begin(object: T): Promise<unknown>;
  /** From there. */
  goOn(object: T): Promise<unknown>;
  known(object: T): Promise<Known>;
  /** What a verification needs that files of 0.1.0 do not hold. */
  readonly given: po.replay.ReplayGiven;
}

const iterative = (
  name: string,
  make: () => Synthesis,
  setup: object,
  options: object = {},
  given: po.replay.ReplayGiven = {},
): Sample<Synthesis> => {
  const goOn = (object: Synthesis): Promise<unknown> =>
    object.synthesize({ maxIter: 3, storeProgress: 2, stopCriterion: -1, ...options });
  return {
    name,
    make,
    async begin(object) {
      await object.setup({ initialImage: picture(77, object.image.dtype), ...setup });
      await goOn(object);
    },
    goOn,
    async known(object) {
      expect(object.numIter).toBe(6);
      return { sha256: await hashTensor(imageOf(object)), losses: [...object.losses] };
    },
    given: { initialImage: picture(77, "float64"), ...given },
  };
};

const metamer = (dtype: Float) => (): po.Metamer =>
  new po.Metamer(picture(0, dtype), new po.models.Gaussian(5, { std: 1.5 }));
const ctf = (dtype: Float, coarseToFine: po.CoarseToFine) => (): po.MetamerCTF =>
  new po.MetamerCTF(picture(0, dtype), new Blocks(), { lossFunction: po.loss.l2Norm, coarseToFine });
const mad = (dtype: Float, minmax: po.MinMax, options: po.MADCompetitionOptions) => (): po.MADCompetition =>
  new po.MADCompetition(picture(0, dtype), po.metric.mse, po.metric.oneMinusSsim, minmax, options);

/** Every change of a scale after two iterations. */
const scales = { changeScaleCriterion: null, ctfItersToCheck: 2 };

const iterativeSamples: readonly Sample<Synthesis>[] = [
  iterative("adam", metamer("float32"), { optimizer: po.optim.Adam({ amsgrad: true }), scheduler: null }),
  iterative("sgd", metamer("float64"), {
    optimizer: po.optim.SGD({ lr: 2, momentum: 0.9 }),
    scheduler: po.optim.StepLR({ stepSize: 2, gamma: 0.5 }),
  }),
  iterative("lbfgs", metamer("float64"), {
    optimizer: po.optim.LBFGS({ maxIter: 3, historySize: 2, lineSearchFn: "strong_wolfe" }),
    scheduler: po.optim.ReduceLROnPlateau({ patience: 0, threshold: 0.5 }),
  }),
  iterative("ctf-together", ctf("float64", "together"), { optimizer: po.optim.Adam({ lr: 0.02 }) }, scales, {
    model: new Blocks(),
  }),
  iterative(
    "ctf-separate",
    ctf("float32", "separate"),
    { optimizer: po.optim.SGD({ lr: 2, momentum: 0.9 }), scheduler: po.optim.StepLR({ stepSize: 1, gamma: 0.5 }) },
    scales,
    { model: new Blocks() },
  ),
  iterative("mad-weighted", mad("float32", "max", { metricTradeoffLambda: 0.1 }), {
    optimizer: po.optim.Adam({ lr: 0.02, amsgrad: true }),
  }),
  iterative("mad-constrained", mad("float64", "min", { constrained: true }), {}),
  // Its start is drawn: the file needs nothing else to be verified.
  {
    ...iterative("drawn-start", metamer("float64"), {}),
    async begin(object) {
      po.setSeed(12);
      await object.setup({ optimizer: po.optim.NAdam({ lr: 0.02 }) });
      await object.synthesize({ maxIter: 3, storeProgress: 2, stopCriterion: -1 });
    },
    given: {},
  },
];

const eigendistortion = (
  name: string,
  dtype: Float,
  model: po.Model,
  options: po.EigendistortionOptions,
): Sample<po.Eigendistortion> => ({
  name,
  make: () => new po.Eigendistortion(picture(0, dtype), model),
  begin(object) {
    po.setSeed(0);
    return object.synthesize(options);
  },
  // What a file holds is the end of the search: nothing goes on from it.
  goOn: async () => {},
  async known({ eigendistortions, eigenvalues, eigenindex, jacobian, search }) {
    if (eigendistortions === null || eigenvalues === null || search === null) throw new Error("nothing is there");
    return {
      sha256: await hashTensor(eigendistortions),
      eigenvalues: [...eigenvalues.dataSync()],
      eigenindex: [...(eigenindex?.dataSync() ?? [])],
      jacobian: jacobian === null ? "none" : await hashTensor(jacobian),
      residuals: [...search.residuals],
      words: search.words,
    };
  },
  given: model.name === "energy" ? { model } : {},
});

const eigenSamples: readonly Sample<po.Eigendistortion>[] = [
  eigendistortion("eigendistortion-krylov", "float64", new po.models.Gaussian(5, { std: 1.5 }), { k: 2 }),
  // Of few outputs: the Jacobian is in the file.
  eigendistortion(
    "eigendistortion-exact",
    "float32",
    po.model("energy", (x) => po.avgPool2d(x.square(), 4)),
    { method: "exact", k: 2 },
  ),
];

/** Written before the bits were frozen, when `NUMERICS_VERSION` was 0. */
const BEFORE = "before-0.1.0";

/** Writes a sample; gives what must be known of it later. */
async function write<T extends Synthesis | po.Eigendistortion>(sample: Sample<T>, path: string): Promise<Known> {
  const object = sample.make();
  await sample.begin(object);
  writeFileSync(path, await object.toBytes());
  await sample.goOn(object);
  return sample.known(object);
}

async function read<T extends Synthesis | po.Eigendistortion>(sample: Sample<T>, path: string): Promise<Known> {
  const object = sample.make();
  await object.load(path);
  await sample.goOn(object);
  return sample.known(object);
}

type Expected = Readonly<Record<string, Known>>;
const expectedOf = (release: string): Expected => {
  const path = `${root}${release}/expected.json`;
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Expected) : {};
};

if (process.env.UPDATE_OWN_FILES === "1") {
  const folder = `${root}${VERSION}`;
  mkdirSync(folder, { recursive: true });
  const expected: Record<string, Known> = { ...expectedOf(VERSION) };
  for (const sample of [...iterativeSamples, ...eigenSamples]) {
    const path = `${folder}/${sample.name}.pt`;
    if (!existsSync(path)) expected[sample.name] = await write(sample as Sample<never>, path);
  }
  writeFileSync(`${folder}/expected.json`, `${JSON.stringify(expected, null, 2)}\n`);
}

describe.each(readdirSync(root).sort())("files of %s", (release) => {
  const expected = expectedOf(release);
  test.each(Object.keys(expected))("%s", async (name) => {
    const sample = [...iterativeSamples, ...eigenSamples].find((one) => one.name === name);
    expect(await read(sample as Sample<never>, `${root}${release}/${name}.pt`)).toEqual(expected[name]);
  });

  test.each(Object.keys(expected))("%s is what its recipe makes, under one numeric contract", async (name) => {
    const sample = [...iterativeSamples, ...eigenSamples].find((one) => one.name === name);
    const found = await po.replay.verify(`${root}${release}/${name}.pt`, sample?.given);
    if (release === BEFORE) expect(found).toMatchObject({ verdict: "cannot", reason: "numerics" });
    else expect(found.text).toMatch(/^identical: /);
  });
});

test("files from before the bits were frozen are among them", () => {
  const names = iterativeSamples.map(({ name }) => `${root}${BEFORE}/${name}.pt`);
  for (const path of names) expect(readFileSync(path, "latin1")).toContain('"numerics":0');
});

test("the version at hand has its files, and is that of package.json", () => {
  const { version } = JSON.parse(
    readFileSync(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8"),
  ) as { readonly version: string };
  expect(VERSION).toBe(version);
  expect(po.version).toBe(version);
  const names = [...iterativeSamples, ...eigenSamples].map(({ name }) => name);
  expect(Object.keys(expectedOf(VERSION)).sort()).toEqual(names.sort());
});
