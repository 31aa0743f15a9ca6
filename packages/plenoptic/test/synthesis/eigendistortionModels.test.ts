// Eigendistortions of the library's own models at photographs: methods against each other, null spaces, spectra without a gap.

import { dot } from "@plenoptic-js/tensor/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

afterAll(po.warnings.on(() => {}));

/** A crop of the sheep, with its top left corner at row 64, column 96. */
async function sheep(side: number, dtype: "float32" | "float64" = "float64"): Promise<po.Tensor> {
  const image = await po.data.sheep({ dtype });
  return image
    .slice(2, 64, 64 + side)
    .slice(3, 96, 96 + side)
    .detach();
}

function rows(eig: po.Eigendistortion): Float64Array[] {
  const data = Float64Array.from((eig.eigendistortions as po.Tensor).dataSync() as Float64Array);
  const n = eig.image.size;
  return Array.from({ length: data.length / n }, (_, i) => data.slice(i * n, (i + 1) * n));
}

const product = (a: Float64Array, b: Float64Array): number => dot(a, 0, b, 0, a.length);

/** |F v - lambda v| with F from the Jacobian. */
async function residuals(eig: po.Eigendistortion): Promise<number[]> {
  const jacobian = (await eig.computeJacobian()).cast("float64");
  const v = (eig.eigendistortions as po.Tensor).cast("float64").reshape([-1, eig.image.size]).permute([1, 0]);
  const fv = jacobian.permute([1, 0]).matmul(jacobian.matmul(v));
  const values = (eig.eigenvalues as po.Tensor).cast("float64");
  const rest = fv.sub(v.mul(values)).square().sum(0).sqrt();
  return Array.from(await rest.data());
}

describe("OnOff", () => {
  const model = new po.models.OnOff([31, 31], { pretrained: true });
  let exact: po.Eigendistortion;
  let spectrum: Float64Array;

  beforeAll(async () => {
    exact = new po.Eigendistortion(await sheep(20), model);
    spectrum = (await exact.synthesize({ method: "exact" })).eigenvalues;
  });

  test("krylov finds what exact finds", async () => {
    po.setSeed(0);
    const eig = new po.Eigendistortion(await sheep(20), model);
    const summary = await eig.synthesize({ k: 3 });
    const n = spectrum.length;
    const positions = [0, 1, 2, n - 3, n - 2, n - 1];
    expect(summary.converged).toBe(true);
    expect(Array.from(eig.eigenindex?.dataSync() ?? [])).toEqual(positions);
    positions.forEach((p, i) => {
      // An eigenvalue is within the residual, and much nearer to the Rayleigh quotient.
      expect(Math.abs(summary.eigenvalues[i] - spectrum[p])).toBeLessThan(1e-9 * spectrum[0]);
    });
    const [want, got] = [rows(exact), rows(eig)];
    positions.forEach((p, i) => {
      const gap = Math.min(...[p - 1, p + 1].filter((q) => q in want).map((q) => Math.abs(spectrum[q] - spectrum[p])));
      const sine = Math.sqrt(Math.max(0, 1 - product(want[p], got[i]) * product(want[p], got[i])));
      expect(sine, `vector ${p}`).toBeLessThan((2 * summary.residuals[i]) / gap + 1e-7);
    });
    const again = await residuals(eig);
    again.forEach((r, i) => {
      expect(r).toBeLessThanOrEqual(1e-6 * spectrum[0]);
      expect(r).toBeLessThanOrEqual(Math.max(0.1 * summary.eigenvalues[i], 1e-12));
      expect(Math.abs(r - summary.residuals[i])).toBeLessThan(1e-12);
    });
    const pairs = got.flatMap((a, i) => got.slice(0, i).map((b) => Math.abs(product(a, b))));
    expect(Math.max(...pairs)).toBeLessThan(1e-10);
  });

  test("stages and restarts: a larger image", async () => {
    po.setSeed(0);
    const eig = new po.Eigendistortion(await sheep(40), model);
    const summary = await eig.synthesize({ k: 2 });
    expect(summary.converged).toBe(true);
    const again = await residuals(eig);
    for (const r of again) expect(r).toBeLessThanOrEqual(1e-6 * summary.eigenvalues[0]);
    // The smallest is far below the others: there is nothing below it that was missed.
    const check = await eig.synthesize({ k: 2, stopCriterion: 1e-9 });
    check.eigenvalues.forEach((value, i) => {
      expect(Math.abs(value - summary.eigenvalues[i])).toBeLessThan(1e-9 * check.eigenvalues[0]);
    });
  });

  test("float32", async () => {
    po.setSeed(0);
    const eig = new po.Eigendistortion(await sheep(20, "float32"), model);
    const summary = await eig.synthesize({ k: 2 });
    expect(summary.converged).toBe(true);
    for (const [i, p] of [0, 1, spectrum.length - 2, spectrum.length - 1].entries()) {
      expect(Math.abs(summary.eigenvalues[i] - spectrum[p])).toBeLessThan(1e-6 * spectrum[0]);
    }
    // Rounding to float32 alone leaves this much.
    for (const r of await residuals(eig)) expect(r).toBeLessThan(1e-4 * spectrum[0]);
  });

  test("the answer does not depend on the start", async () => {
    const found: Float64Array[] = [];
    for (const seed of [1, 2, 3]) {
      po.setSeed(seed);
      const eig = new po.Eigendistortion(await sheep(32), model);
      found.push((await eig.synthesize({ k: 3 })).eigenvalues);
    }
    for (const other of found.slice(1)) {
      other.forEach((value, i) => {
        expect(Math.abs(value - found[0][i])).toBeLessThan(1e-9 * found[0][0]);
      });
    }
  });
});

describe("where much is not seen", () => {
  test("a model of few outputs: a zero group of the right dimension", async () => {
    po.setSeed(0);
    const means = po.model("means of blocks", (x) => x.reshape([8, 8, 8, 8]).square().mean([1, 3]));
    const eig = new po.Eigendistortion(await sheep(64), means);
    const summary = await eig.synthesize({ k: 3 });
    expect(summary.verdicts).toEqual(["converged", "converged", "converged", "zero", "zero", "zero"]);
    expect(summary.groups.at(-1)).toMatchObject({ first: 3, last: 5, verdict: "zero", dimension: 4096 - 64 });
    expect(summary.words).toMatch(/at least 4032 dimensions \(4096 pixels, 64 outputs\)/);
    const jacobian = await eig.computeJacobian();
    for (const v of rows(eig).slice(3)) {
      const seen = jacobian.matmul(po.tensor(v, { shape: [4096, 1], dtype: "float64" })).norm();
      expect(seen.itemSync()).toBeLessThan(1e-3 * Math.sqrt(summary.eigenvalues[0]));
    }
    // Through the 64 x 64 matrix J J^T.
    const exact = await eig.synthesize({ method: "exact", k: 3 });
    expect(exact.verdicts).toEqual(summary.verdicts);
    for (let i = 0; i < 3; i++) expect(exact.eigenvalues[i]).toBeCloseTo(summary.eigenvalues[i], 12);
    for (const r of await residuals(eig)) expect(r).toBeLessThan(1e-15);
  });

  test("a blur: its smallest are zeros within the tolerance", async () => {
    po.setSeed(0);
    const eig = new po.Eigendistortion(await sheep(20), new po.models.Gaussian(31, { std: 3 }));
    const summary = await eig.synthesize({ k: 2 });
    expect(summary.verdicts).toEqual(["converged", "converged", "zero", "zero"]);
    expect(summary.groups.at(-1)).toMatchObject({ first: 2, last: 3, verdict: "zero", dimension: 2 });
  });

  test("too few products: what is not resolved is said, with bounds that hold", async () => {
    const model = new po.models.LuminanceGainControl([31, 31], { pretrained: true });
    const exact = new po.Eigendistortion(await sheep(20), model);
    const all = (await exact.synthesize({ method: "exact" })).eigenvalues;
    po.setSeed(0);
    const eig = new po.Eigendistortion(await sheep(20), model);
    const summary = await eig.synthesize({ k: 3, maxIter: 6 });
    expect(summary.converged).toBe(false);
    expect(summary.verdicts.slice(3)).toContain("unresolved");
    expect(summary.words).toMatch(/not resolved.*(It|Each) is at most that large/);
    // Rayleigh quotients are bounds; every residual has an eigenvalue within.
    [0, 1, 2].forEach((i) => {
      expect(summary.eigenvalues[i]).toBeLessThanOrEqual(all[i] * (1 + 1e-12));
      expect(summary.eigenvalues[3 + i]).toBeGreaterThanOrEqual(all[all.length - 3 + i] * (1 - 1e-12));
    });
    summary.eigenvalues.forEach((value, i) => {
      const nearest = Math.min(...all.map((x) => Math.abs(x - value)));
      expect(nearest).toBeLessThanOrEqual(summary.residuals[i] + 1e-15);
    });
  });
});
