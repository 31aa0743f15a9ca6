// Files of eigendistortions that the library saved: what `plenoptic convert` and `plenoptic inspect` make of them.

import { existsSync } from "node:fs";
import { hashTensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { beforeEach, expect, it, vi } from "vitest";
import { run } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const SIDE = 8;
const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => ((i * 7919) % 251) / 250);
const image = po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype: "float64" });
const create = (): po.Eigendistortion => new po.Eigendistortion(image, new po.models.Gaussian(3, { std: 1 }));

beforeEach(async () => {
  po.setSeed(0);
  const eig = create();
  await eig.synthesize({ method: "exact" });
  await eig.save("own.pt");
});

/** All of it. */
async function record(path: string): Promise<object> {
  const eig = create();
  await eig.load(path);
  const { representationFlat, jacobian, eigendistortions, eigenvalues, eigenindex, summary } = eig;
  const tensors = [eig.image, representationFlat, jacobian, eigendistortions, eigenvalues, eigenindex];
  expect(eigendistortions?.shape).toEqual([SIDE * SIDE, 1, SIDE, SIDE]);
  return { text: String(eig), hashes: await Promise.all(tensors.map(async (x) => x && hashTensor(x))), summary };
}

it("convert keeps all of it", async () => {
  const { code, out, err } = await run("convert", "own.pt", "new.pt");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(
    /a plenoptic\.Eigendistortion, saved by plenoptic-js \d+\.\d+\.\d+, as plenoptic 2\.1\.0 writes$/m,
  );
  expect(out).toMatch(/kept {2}everything/);
  expect(await record("new.pt")).toEqual(await record("own.pt"));
});

it("convert takes the arrays out", async () => {
  const { out } = await run("convert", "own.pt", "own.npz");
  expect(out).toMatch(/eigendistortions float64 \[64, 1, 8, 8\]/);
  expect(existsSync("own.npz")).toBe(true);
});

it("inspect says what the library says", async () => {
  const { code, out, err } = await run("inspect", "own.pt");
  expect([code, err]).toEqual([0, ""]);
  for (const part of ["plenoptic.Eigendistortion", "[64, 1, 8, 8]  -0.4", "eigenvalues", "jacobian"]) {
    expect(out).toContain(part);
  }
  const print = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const said = `${await po.io.examineSavedSynthesis("own.pt")}`;
    expect(out.slice(0, said.length)).toBe(said);
    expect(out.slice(said.length)).toMatch(/^\nRecipe\n {2}method +Eigendistortion\n/);
    expect(print).toHaveBeenCalledTimes(1);
  } finally {
    print.mockRestore();
  }
});
