// The verdict of eigendistortions of models whose eigenvalues are known.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { wordsFor } from "../../src/synthesis/eigendistortion/summary.ts";
import { changed, type Dict, found, loaded } from "./eigendistortionFiles.ts";

const image = po.tensor([0.5, 0.5, 0.5, 0.9], { shape: [1, 1, 2, 2], dtype: "float64" });

/** Multiplies each pixel by a number of its own: eigenvalues are their squares. */
const gains = (...values: readonly number[]): po.Model => ({
  name: "gains",
  forward: (x) => x.mul(po.tensor(values, { shape: [1, 1, 2, 2], dtype: "float64" })),
});

test("gaps, and what adding each does, of a linear model", async () => {
  const eig = new po.Eigendistortion(image, gains(4, 3, 2, 1));
  await expect(eig.summary()).rejects.toThrow(/summary\(\) has nothing to judge yet/);
  await eig.synthesize({ method: "exact" });
  const verdict = await eig.summary({ strength: 0.2 });
  expect(verdict.verdict).toBe("converged");
  expect(verdict.search).toBe(eig.search);
  expect(Array.from(verdict.gaps, (x) => Number(x.toFixed(12)))).toEqual([7 / 16, 5 / 16, 3 / 16]);
  expect(verdict.effects.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  verdict.effects.forEach(({ eigenvalue, response, predicted, mostPixel, rmsPixel, leaving }, i) => {
    expect(eigenvalue).toBeCloseTo((4 - i) * (4 - i), 10);
    expect(response).toBeCloseTo(0.2 * (4 - i), 10);
    expect(predicted).toBeCloseTo(0.2 * (4 - i), 10);
    expect(mostPixel).toBeCloseTo(0.2, 10);
    expect(rmsPixel).toBeCloseTo(0.1, 10);
    // Only 0.9 + 0.2 leaves the range.
    expect(leaving).toBe(i === 3 ? 0.25 : 0);
  });
  expect(verdict.text).toMatch(/^Converged: all 4 eigenvalues that were looked for are known\.\n/);
  expect(verdict.text).toMatch(
    /Neighbours are apart by 0\.188 of the largest eigenvalue or more \(between eigenvalues 2 and 3\)/,
  );
  expect(verdict.text).toMatch(/the model sees the first 4 times as strongly as the last/);
  expect(verdict.text).not.toMatch(/no small change any more/);
  expect(verdict.text).toMatch(/With eigendistortion 3, 25 % of the pixels leave the range/);
});

describe("no ratio where there is none to be told", () => {
  const uneven = po.linspace(0.1, 0.9, 64, { dtype: "float64" }).reshape([1, 1, 8, 8]);

  test.each([
    ["every change is seen alike", "float64", (x: po.Tensor) => x.mul(2)],
    ["and the response is rounding", "float32", (x: po.Tensor) => x.mul(0.01).add(1e5)],
  ] as const)("%s", async (_, dtype, forward) => {
    const eig = new po.Eigendistortion(uneven.cast(dtype).detach(), forward);
    await eig.synthesize({ method: "exact" });
    const { text, effects } = await eig.summary({ strength: 1 });
    expect(text).toMatch(/\nThe model sees the first as strongly as the last, as far as can be told: /);
    expect(text).not.toMatch(/times as strongly/);
    expect(effects.some(({ isRounding }) => isRounding)).toBe(dtype === "float32");
    expect(/changes the response by|the response by [\d.e-]+, which is no more than rounding/.test(text)).toBe(
      dtype === "float32",
    );
  });

  test("eigenvalues that differ, and a response to the last that is rounding", async () => {
    const weights = po.linspace(1, 0.01, 64, { dtype: "float32" }).reshape([1, 1, 8, 8]);
    const eig = new po.Eigendistortion(uneven.cast("float32").detach(), (x) => x.mul(weights).add(1e5));
    await eig.synthesize({ method: "exact", k: 1 });
    const { text, effects } = await eig.summary({ strength: 1 });
    expect(effects.map(({ isRounding }) => isRounding)).toEqual([false, true]);
    expect(text).toMatch(
      /How many times as strongly .* is not known: at this strength, the response to the last changes/,
    );
    expect(text).not.toMatch(/So the model sees/);
  });
});

test("a response that bends is told", async () => {
  const eig = new po.Eigendistortion(image, { forward: (x) => x.square() });
  await eig.synthesize({ method: "exact", k: 1 });
  const { effects, gaps, text } = await eig.summary({ strength: 2 });
  // 2 x 0.9 times 2, and with the square of the change 4 more.
  expect(effects[0].predicted).toBeCloseTo(3.6, 10);
  expect(effects[0].response).toBeCloseTo(7.6, 10);
  expect(text).toMatch(
    /no small change any more: by its eigenvalue, eigendistortion 0 would change the response by 3\.6\./,
  );
  // The two between were not looked for.
  expect(Array.from(gaps)).toEqual([Number.NaN]);
});

test("a model that sees nothing is told in the first line", async () => {
  const eig = new po.Eigendistortion(image, gains(0, 0, 0, 0));
  await eig.synthesize({ method: "exact" });
  const { verdict, text } = await eig.summary();
  expect(verdict).toBe("converged");
  expect(text).toMatch(/^Converged, but there is nothing to tell apart: the model sees no small change of this image/);
});

test("what is not resolved is told in the first line", async () => {
  po.setSeed(0);
  const large = po.rand([1, 1, 32, 32], { dtype: "float64" });
  const eig = new po.Eigendistortion(large, new po.models.Gaussian(9, { std: 2 }));
  await eig.synthesize({ k: 1, maxIter: 30 });
  const { verdict, text } = await eig.summary();
  expect(verdict).toBe("not converged");
  expect(text).toMatch(/^Not converged: [12] of 2 eigenvalues (is|are) not known well enough\./);
  expect(text).toMatch(/How many times as strongly the model sees the first as the last is not known/);
  expect(text).not.toMatch(/So the model sees/);
});

describe("long lists of what is not resolved are one sentence for each end", () => {
  /** Each a group of its own: those of the largest, then those of the smallest of 100. */
  function words(top: readonly number[], bottom: readonly number[], method: po.EigendistortionMethod): string[] {
    const values = [...top, ...bottom];
    const index = values.map((_, i) => (i < top.length ? i : 100 - values.length + i));
    const residuals = values.map((_, i) => (i + 1) / 1000);
    const groups = values.map((value, i) => {
      const verdict = i === 0 ? ("converged" as const) : ("unresolved" as const);
      return { first: i, last: i, high: value, low: value, verdict, dimension: 1 };
    });
    const sizes = { pixels: 100, outputs: 100 };
    const measure = { largest: top[0], tolerance: 1e-6, rounding: 0 };
    return wordsFor({ values, residuals }, groups, index, measure, sizes, method).split("\n");
  }

  test("of both ends", () => {
    expect(words([9, 8, 7], [3e-8, 2e-8, 1e-9], "krylov")).toEqual([
      "1 of 6 eigenvalues is resolved to 1e-6 of the largest, 9.",
      '2 of the 3 largest are not resolved: 8 to 7, with residuals up to 0.003. Each is at least that large. More products (maxIter), or method: "exact" for a small image, may tell.',
      'None of the 3 smallest is resolved: 3e-8 to 1e-9, with residuals up to 0.006. Each is at most that large. More products (maxIter), or method: "exact" for a small image, may tell.',
    ]);
  });

  test("values that do not decrease, and no bounds, of the power method; one alone is told alone", () => {
    const [, largest, smallest] = words([9, 7, 8], [0.5], "power");
    expect(largest).toMatch(
      /^2 of the 3 largest are not resolved: 8 to 7, with residuals up to 0\.003\. More iterations/,
    );
    expect(smallest).toMatch(/^Eigenvalue 99 is not resolved: 0\.5, with residuals up to 0\.004\. More iterations/);
  });

  test("of all there are", () => {
    expect(words([9, 8, 7], [], "randomized_svd")[1]).toMatch(/^2 of all that were found are not resolved: 8 to 7, /);
  });
});

test("results of a file that says nothing of their quality have effects, and no residuals", async () => {
  const eig = await found();
  const bytes = await changed((dict) => (dict.get("save_metadata") as Dict).delete("plenoptic_js"), eig);
  const again = await loaded(bytes);
  const { verdict, search, effects, text } = await again.summary();
  expect([verdict, search]).toEqual(["not known", null]);
  expect(effects).toEqual((await eig.summary()).effects);
  expect(text).toMatch(/^Not known how good these are/);
  expect(text).not.toMatch(/So the model sees/);
});

test("a strength that is none is refused", async () => {
  const eig = new po.Eigendistortion(image, gains(4, 3, 2, 1));
  await eig.synthesize({ method: "exact" });
  await expect(eig.summary({ strength: 0 })).rejects.toThrow(/strength is 0; it must be a number above 0/);
  await expect(eig.summary({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});

test("to a last one of eigenvalue 0 the model is blind: there is no ratio", async () => {
  const eig = new po.Eigendistortion(image, gains(4, 3, 2, 0));
  await eig.synthesize({ method: "exact", k: 1 });
  const { verdict, text } = await eig.summary();
  expect(verdict).toBe("converged");
  expect(text).toMatch(
    /\nTo small changes along the last, 3, the model is blind, as far as can be told: its eigenvalue is 0\./,
  );
  expect(text).not.toMatch(/as strongly/);
});

test("randomized_svd looks for the largest only, and says nothing of the least", async () => {
  po.setSeed(0);
  const eig = new po.Eigendistortion(
    po.rand([1, 1, 8, 8], { dtype: "float64" }),
    new po.models.Gaussian(5, { std: 1 }),
  );
  await eig.synthesize({ method: "randomized_svd", k: 3 });
  const { effects, text } = await eig.summary();
  expect(effects).toHaveLength(3);
  expect(text).not.toMatch(/as strongly|the least|blind|is not known:/);
});

test.each(["float32", "float64"] as const)("rounding of a linear model is no large change, in %s", async (dtype) => {
  po.setSeed(0);
  const large = po.rand([1, 1, 16, 16], { dtype });
  // It sees no constant.
  const eig = new po.Eigendistortion(large, { forward: (x) => x.sub(x.mean()) });
  await eig.synthesize({ method: "exact", k: 2 });
  const { effects, text } = await eig.summary();
  const last = effects[3];
  expect(last.predicted).toBeGreaterThan(0);
  expect(Math.abs(last.response - last.predicted)).toBeGreaterThan(0.1 * last.predicted);
  expect(text).not.toMatch(/no small change any more|order is another/);
});

test("an order that the strength turns around is told", async () => {
  const black = po.tensor([0, 0, 0, 0], { shape: [1, 1, 2, 2], dtype: "float64" });
  const { forward: linear } = gains(2, 1, 0.5, 0.25);
  const { forward: bent } = gains(0, 3, 0, 0);
  const eig = new po.Eigendistortion(black, { forward: (x) => linear(x).add(bent(x.square())) });
  await eig.synthesize({ method: "exact" });
  // 2 against 1 + 3; at a tenth of it 0.2 against 0.1 + 0.03.
  const { text } = await eig.summary({ strength: 1 });
  expect(text).toMatch(
    /At this strength the order is another .*: eigendistortion 1 changes the response by 4, more than eigendistortion 0 does, 2\./,
  );
  expect((await eig.summary({ strength: 0.1 })).text).not.toMatch(/order is another/);
});

test("of many groups of equal eigenvalues five are told, and no gap of 0", async () => {
  const pixels = po.tensor(new Float64Array(16).fill(0.5), { shape: [1, 1, 4, 4], dtype: "float64" });
  const times = (values: readonly number[]): po.Model => ({
    name: "times",
    forward: (x) => x.mul(po.tensor(values, { shape: [1, 1, 4, 4], dtype: "float64" })),
  });
  const pairs = new po.Eigendistortion(pixels, times(Array.from({ length: 16 }, (_, i) => 8 - Math.floor(i / 2))));
  await pairs.synthesize({ method: "exact" });
  const { text } = await pairs.summary();
  expect(text.match(/cannot be told apart \(/g)).toHaveLength(5);
  expect(text).toMatch(/Eigenvalues 8 to 9 cannot be told apart .*\nSo it is with 3 more groups of neighbours\.\n/);
  // From 2 to 1: 3 of 64.
  expect(text).toMatch(
    /Other neighbours are apart by 0\.0469 of the largest eigenvalue or more \(between eigenvalues 13 and 14\)/,
  );
  const same = new po.Eigendistortion(pixels, times(new Array(16).fill(2)));
  await same.synthesize({ method: "exact" });
  expect((await same.summary()).text).not.toMatch(/apart by/);
});
