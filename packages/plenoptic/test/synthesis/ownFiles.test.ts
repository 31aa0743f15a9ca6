// Files that releases of this package wrote: every later one opens them, and goes on to the bits that were right then.
// data/own holds a folder for each release; `UPDATE_OWN_FILES=1` writes that of the version at hand, once, for a release.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hashTensor } from "@plenoptic-js/tensor";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { VERSION } from "../../src/version.ts";

const root = fileURLToPath(new URL("../data/own/", import.meta.url));

const SIDE = 16;
const picture = (salt: number, dtype: "float32" | "float64"): po.Tensor => {
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  return po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype });
};

interface Sample {
  readonly name: string;
  readonly dtype: "float32" | "float64";
  readonly optimizer: po.optim.Optimizer;
  readonly scheduler?: po.optim.Scheduler;
}

const samples: readonly Sample[] = [
  { name: "adam", dtype: "float32", optimizer: po.optim.Adam({ amsgrad: true }) },
  {
    name: "sgd",
    dtype: "float64",
    optimizer: po.optim.SGD({ lr: 2, momentum: 0.9 }),
    scheduler: po.optim.StepLR({ stepSize: 2, gamma: 0.5 }),
  },
  {
    name: "lbfgs",
    dtype: "float64",
    optimizer: po.optim.LBFGS({ maxIter: 3, historySize: 2, lineSearchFn: "strong_wolfe" }),
    scheduler: po.optim.ReduceLROnPlateau({ patience: 0, threshold: 0.5 }),
  },
];

const make = (dtype: Sample["dtype"]): po.Metamer =>
  new po.Metamer(picture(0, dtype), new po.models.Gaussian(5, { std: 1.5 }));
const run = (metamer: po.Metamer) => metamer.synthesize({ maxIter: 3, storeProgress: 2, stopCriterion: -1 });

interface Expected {
  readonly sha256: string;
  readonly losses: readonly number[];
}

const folder = `${root}${VERSION}`;
if (process.env.UPDATE_OWN_FILES === "1") {
  mkdirSync(folder, { recursive: true });
  const expected: Record<string, Expected> = {};
  for (const { name, dtype, optimizer, scheduler } of samples) {
    const metamer = make(dtype);
    await metamer.setup({ initialImage: picture(77, dtype), optimizer, scheduler: scheduler ?? null });
    await run(metamer);
    writeFileSync(`${folder}/${name}.pt`, await metamer.toBytes());
    await run(metamer);
    expected[name] = { sha256: await hashTensor(metamer.metamer), losses: [...metamer.losses] };
  }
  writeFileSync(`${folder}/expected.json`, `${JSON.stringify(expected, null, 2)}\n`);
}

describe.each(readdirSync(root).sort())("files of %s", (release) => {
  const expected = JSON.parse(readFileSync(`${root}${release}/expected.json`, "utf8")) as Record<string, Expected>;
  test.each(Object.keys(expected))("%s", async (name) => {
    const { dtype } = samples.find((sample) => sample.name === name) as Sample;
    const metamer = make(dtype);
    await metamer.load(`${root}${release}/${name}.pt`);
    expect(metamer.numIter).toBe(3);
    await run(metamer);
    expect([...metamer.losses]).toEqual(expected[name].losses);
    expect(await hashTensor(metamer.metamer)).toBe(expected[name].sha256);
  });
});

test("the version at hand has its files, and is that of package.json", () => {
  const { version } = JSON.parse(
    readFileSync(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8"),
  ) as { readonly version: string };
  expect(VERSION).toBe(version);
  expect(po.version).toBe(version);
  expect(existsSync(`${folder}/expected.json`)).toBe(true);
});
