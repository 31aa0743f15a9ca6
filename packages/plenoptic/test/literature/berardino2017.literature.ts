// A. Berardino, J. Ballé, V. Laparra and E. P. Simoncelli, "Eigen-distortions of hierarchical representations", NIPS 2017: of their four
// models, which changes of an image each sees best, and which least.

import { beforeAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { Output } from "./output.ts";

const MODELS = {
  LN: () => new po.models.LinearNonlinear(31, { pretrained: true }),
  LG: () => new po.models.LuminanceGainControl(31, { pretrained: true }),
  LGG: () => new po.models.LuminanceContrastGainControl(31, { pretrained: true }),
  OnOff: () => new po.models.OnOff(31, { pretrained: true }),
};
type Name = keyof typeof MODELS;
const NAMES = Object.keys(MODELS) as Name[];
/** Below this part of the largest eigenvalue it is taken for 0. */
const ZERO = 1e-12;

beforeAll(() => po.setThreads(po.availableThreads()));

/** The square of that side in the middle of a photograph. */
async function middle(name: "house" | "sheep" | "boats", side: number): Promise<po.Tensor<"float64">> {
  const from = (256 - side) / 2;
  const image = await po.data[name]({ dtype: "float64" });
  return image
    .slice(2, from, from + side)
    .slice(3, from, from + side)
    .detach();
}

describe("the spectrum at 32x32", () => {
  const output = new Output("spectra", ["model", "largest", "smallest", "ratio", "by Krylov: largest", "smallest"]);
  test.each(NAMES)("%s: singular values of J, and Krylov", async (name) => {
    const model = MODELS[name]();
    const image = await middle("house", 32);
    po.setSeed(0);
    const eig = new po.Eigendistortion(image, model);
    const { s } = await po.linalg.svd(await eig.computeJacobian());
    const values = Array.from(await s.data(), (sigma) => sigma * sigma);
    const [largest, smallest] = [values[0], values[values.length - 1]];
    await eig.synthesize({ k: 1, stopCriterion: 0, maxIter: 20_000 });
    const found = await (eig.eigenvalues as po.Tensor).data();
    const isZero = smallest < ZERO * largest;
    output.row([
      name,
      largest,
      isZero ? "numerically 0" : smallest,
      isZero ? "none" : largest / smallest,
      found[0],
      isZero ? `at most ${found[1].toPrecision(2)}` : found[1],
    ]);
    expect(Math.abs(found[0] / largest - 1)).toBeLessThan(1e-6);
    // What is found there is a bound, and is not called an eigenvalue that is known and above 0.
    if (isZero) expect(eig.search?.verdicts[1]).not.toBe("converged");
    else expect(Math.abs(found[0] / found[1] / (largest / smallest) - 1)).toBeLessThan(1e-6);
  });
});

describe("what a change along an eigenvector does", () => {
  const STRENGTH = 0.01;
  const pictures: po.Tensor[][] = [];
  const output = new Output("changes", [
    "model",
    "eigenvalue",
    "change of the response",
    "strength times root",
    "apart by",
  ]);
  test.each(NAMES)("%s: a root of lambda for each unit of strength", async (name) => {
    const model = MODELS[name]();
    const image = await middle("sheep", 128);
    po.setSeed(0);
    const eig = new po.Eigendistortion(image, model);
    await eig.synthesize({ k: 3 });
    const values = await (eig.eigenvalues as po.Tensor).data();
    const before = model.forward(image);
    for (const [i, value] of values.entries()) {
      if (!(value > 1e-10 * values[0])) continue;
      const vector = (eig.eigendistortions as po.Tensor<"float64">).slice(0, i, i + 1);
      const change = model
        .forward(image.add(vector.mul(STRENGTH)))
        .sub(before)
        .norm()
        .itemSync();
      const expected = STRENGTH * Math.sqrt(value);
      output.row([name, value, change, expected, `${(100 * Math.abs(change / expected - 1)).toPrecision(2)} %`]);
      expect(Math.abs(change / expected - 1)).toBeLessThan(0.01);
    }
    const all = eig.eigendistortions as po.Tensor<"float64">;
    const ends = [0, values.length - 1].map((i) => all.slice(0, i, i + 1));
    pictures.push([image, ...ends.map((end) => end.mul(6).add(0.5)), ...ends.map((end) => image.add(end.mul(4)))]);
    output.picture("ends", pictures);
  });
});
