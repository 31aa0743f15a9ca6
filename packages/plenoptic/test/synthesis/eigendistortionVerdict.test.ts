// The verdict of eigendistortions of models whose eigenvalues are known.

import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
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

test("what is not resolved is told in the first line", async () => {
  po.setSeed(0);
  const large = po.rand([1, 1, 32, 32], { dtype: "float64" });
  const eig = new po.Eigendistortion(large, new po.models.Gaussian(9, { std: 2 }));
  await eig.synthesize({ k: 1, maxIter: 30 });
  const { verdict, text } = await eig.summary();
  expect(verdict).toBe("not converged");
  expect(text).toMatch(/^Not converged: [12] of 2 eigenvalues (is|are) not known well enough\./);
});

test("results of a file that says nothing of their quality have effects, and no residuals", async () => {
  const eig = await found();
  const bytes = await changed((dict) => (dict.get("save_metadata") as Dict).delete("plenoptic_js"), eig);
  const again = await loaded(bytes);
  const { verdict, search, effects, text } = await again.summary();
  expect([verdict, search]).toEqual(["not known", null]);
  expect(effects).toEqual((await eig.summary()).effects);
  expect(text).toMatch(/^Not known how good these are/);
});

test("a strength that is none is refused", async () => {
  const eig = new po.Eigendistortion(image, gains(4, 3, 2, 1));
  await eig.synthesize({ method: "exact" });
  await expect(eig.summary({ strength: 0 })).rejects.toThrow(/strength is 0; it must be a number above 0/);
  await expect(eig.summary({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
