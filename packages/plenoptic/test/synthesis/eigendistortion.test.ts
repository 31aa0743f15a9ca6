// Eigendistortions of models whose spectrum is known: by all methods; options; what the object promises.

import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const warnings: string[] = [];
afterAll(po.warnings.on(({ code }) => warnings.push(code)));

/** A vector image all of 0.5, and the model that multiplies each pixel by one number. */
const diagonal = (factors: number[], dtype: "float32" | "float64" = "float64"): po.Eigendistortion => {
  const weights = po.tensor(factors, { dtype });
  return new po.Eigendistortion(
    po.full([factors.length], 0.5, { dtype }),
    po.model("diagonal", (x) => x.mul(weights)),
  );
};

/** y = W x, with x a vector. */
const matrix = (w: po.Tensor): po.Eigendistortion =>
  new po.Eigendistortion(
    po.full([w.shape[1]], 0.5, { dtype: "float64" }),
    po.model("matrix", (x) => w.matmul(x.reshape([-1, 1])).reshape([-1])),
  );

const values = (eig: po.Eigendistortion): number[] => Array.from((eig.eigenvalues as po.Tensor).dataSync());
const index = (eig: po.Eigendistortion): number[] => Array.from((eig.eigenindex as po.Tensor).dataSync());

function vectors(eig: po.Eigendistortion): Float64Array[] {
  const data = Float64Array.from((eig.eigendistortions as po.Tensor).dataSync() as Float64Array);
  const n = eig.image.size;
  return Array.from({ length: data.length / n }, (_, i) => data.slice(i * n, (i + 1) * n));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from({ length: a.length }, (_, i) => a[i] * b[i]).reduce((sum, x) => sum + x, 0);

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, error: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    expect(Math.abs(got[i] - want[i]), `entry ${i}: ${got[i]}, expected ${want[i]}`).toBeLessThanOrEqual(error);
  }
}

function expectOrthonormal(list: readonly Float64Array[], error: number): void {
  list.forEach((a, i) => {
    list.forEach((b, j) => {
      expect(Math.abs(dot(a, b) - (i === j ? 1 : 0)), `vectors ${i} and ${j}`).toBeLessThanOrEqual(error);
    });
  });
}

/** 25 pixels to 10 outputs, with the weights 0.4 u - 0.2 for 250 float32 numbers u of seed 0. */
function linearWeights(): po.Tensor<"float64"> {
  po.setSeed(0);
  return po.rand([10, 25], { dtype: "float32" }).cast("float64").mul(0.4).sub(0.2);
}
const LINEAR = [0.79875, 0.50059, 0.46679, 0.37195, 0.33091, 0.23481, 0.21769, 0.14948, 0.11488, 0.09777];

describe("a diagonal model", () => {
  test("exact gives all pairs", async () => {
    const eig = diagonal([1, 0.5, 4, 5, 2, 3]);
    const summary = await eig.synthesize({ method: "exact" });
    expectClose(values(eig), [25, 16, 9, 4, 1, 0.25], 1e-13);
    expect(index(eig)).toEqual([0, 1, 2, 3, 4, 5]);
    // The entry of largest size is positive.
    expectClose(vectors(eig)[0], [0, 0, 0, 1, 0, 0], 1e-14);
    expectClose(vectors(eig)[5], [0, 1, 0, 0, 0, 0], 1e-14);
    expect(summary.verdicts).toEqual(Array.from({ length: 6 }, () => "converged"));
    expect(summary.groups.every(({ first, last }) => first === last)).toBe(true);
  });

  test.each([1, 2, 3])("krylov, %i of each end", async (k) => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    const summary = await eig.synthesize({ k });
    const all = [25, 16, 9, 4, 1, 0.25];
    expectClose(values(eig), [...all.slice(0, k), ...all.slice(6 - k)], 1e-12);
    expect(index(eig)).toEqual([0, 1, 2, 3, 4, 5].filter((i) => i < k || i >= 6 - k));
    expectOrthonormal(vectors(eig), 1e-12);
    expect(summary.converged).toBe(true);
    expect(eig.search).toBe(summary);
  });

  test("power takes the reference's way and corrects its order", async () => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    po.setSeed(0);
    await eig.synthesize({ method: "power", k: 2, maxIter: 2000, stopCriterion: 1e-12 });
    expectClose(values(eig), [25, 16, 1, 0.25], 1e-5);
    expect(index(eig)).toEqual([0, 1, 4, 5]);
    expectClose(vectors(eig)[3].map(Math.abs), [0, 0, 0, 0, 0, 1], 1e-3);
  });

  test("power, the reference's numbers for seed 0", async () => {
    // The reference sets the seed before it makes the object, whose check draws an image.
    po.setSeed(0);
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    await eig.synthesize({ method: "power" });
    expectClose(values(eig), [24.99999995, 0.2500014846], 5e-9);
    po.setSeed(0);
    const short = diagonal([5, 4, 3, 2, 1, 0.5]);
    await short.synthesize({ method: "power", maxIter: 3 });
    expectClose(values(short), [24.01290717, 9.084549835], 5e-9);
    expectClose(vectors(short)[0].slice(0, 4), [0.943898918, 0.329021579, -0.028271007, -0.000618588], 5e-9);
  });

  test("randomized_svd finds the largest", async () => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    const summary = await eig.synthesize({ method: "randomized_svd", k: 1 });
    expect(eig.eigenvalues?.shape).toEqual([1]);
    expectClose(values(eig), [25], 1e-9);
    expect(index(eig)).toEqual([0]);
    // Six random vectors span all of the space.
    expect(summary.error).toBeLessThan(1e-9);
  });

  test("3 x has eigenvalue 9 everywhere, in one group", async () => {
    const eig = diagonal([3, 3, 3, 3, 3]);
    const summary = await eig.synthesize({ k: 2 });
    expectClose(values(eig), [9, 9, 9, 9], 1e-12);
    expectOrthonormal(vectors(eig), 1e-12);
    expect(summary.groups).toMatchObject([{ first: 0, last: 3, verdict: "converged", dimension: 5 }]);
    expect(summary.words).toMatch(/cannot be told apart/);
  });

  test("repeated eigenvalues are found as often as they are there", async () => {
    const eig = diagonal([2, 1, 5, 1, 5, 5, 3, 1]);
    const summary = await eig.synthesize({ k: 4 });
    expectClose(values(eig), [25, 25, 25, 9, 4, 1, 1, 1], 1e-12);
    expect(summary.groups.map(({ first, last }) => [first, last])).toEqual([
      [0, 2],
      [3, 3],
      [4, 4],
      [5, 7],
    ]);
  });

  test("more than a block holds", async () => {
    const factors = Array.from({ length: 60 }, (_, i) => 1 + i / 10);
    const eig = diagonal(factors);
    await eig.synthesize({ k: 12 });
    const all = factors.map((f) => f * f).reverse();
    expectClose(values(eig), [...all.slice(0, 12), ...all.slice(-12)], 1e-5);
    expectOrthonormal(vectors(eig), 1e-9);
  });
});

describe("null spaces", () => {
  test.each(["exact", "krylov"] as const)("%s finds zeros, as one group", async (method) => {
    const eig = diagonal([5, 4, 3, 0, 0, 0]);
    const summary = await eig.synthesize({ method, k: 2 });
    expectClose(values(eig), [25, 16, 0, 0], 1e-12);
    for (const v of vectors(eig).slice(2)) expectClose(v.slice(0, 3), [0, 0, 0], 1e-7);
    expectOrthonormal(vectors(eig), 1e-12);
    expect(summary.verdicts).toEqual(["converged", "converged", "zero", "zero"]);
    expect(summary.groups[2]).toMatchObject({ first: 2, last: 3, verdict: "zero", dimension: 2 });
    expect(summary.words).toMatch(/0 as far as can be told.*any vector of that space will do/);
  });

  test("power loses them, and says so", async () => {
    const eig = diagonal([5, 4, 3, 0, 0, 0]);
    warnings.length = 0;
    await eig.synthesize({ method: "power" });
    expect(values(eig)[1]).toBeGreaterThan(8.9);
    expect(warnings).toContain("power-missed");
  });

  test("a power iteration that finds the smallest does not warn", async () => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    warnings.length = 0;
    await eig.synthesize({ method: "power", maxIter: 2000, stopCriterion: 1e-14 });
    expect(warnings.filter((code) => code.startsWith("power"))).toEqual([]);
  });

  test.each(["exact", "krylov", "power", "randomized_svd"] as const)("a zero Jacobian, by %s", async (method) => {
    const eig = diagonal([0, 0, 0, 0]);
    const summary = await eig.synthesize({ method, k: 1 });
    expect(values(eig).every((value) => value === 0)).toBe(true);
    expect(
      vectors(eig)
        .flatMap((v) => Array.from(v))
        .every(Number.isFinite),
    ).toBe(true);
    // The two runs of power know nothing of each other.
    if (method === "power") for (const v of vectors(eig)) expectOrthonormal([v], 1e-12);
    else expectOrthonormal(vectors(eig), 1e-12);
    expect(summary.verdicts.every((verdict) => verdict === "zero")).toBe(true);
  });

  test.each(["exact", "krylov"] as const)("rank 1, by %s", async (method) => {
    const eig = matrix(po.tensor([[1, 2, 2, 0]], { dtype: "float64" }));
    const summary = await eig.synthesize({ method, k: 2 });
    expectClose(values(eig), [9, 0, 0, 0], 1e-12);
    expectClose(vectors(eig)[0], [1 / 3, 2 / 3, 2 / 3, 0], 1e-9);
    expect(summary.groups).toMatchObject([
      { first: 0, last: 0 },
      { first: 1, last: 3, verdict: "zero", dimension: 3 },
    ]);
  });

  test("a linear model of 25 pixels and 10 outputs", async () => {
    const eig = matrix(linearWeights());
    await eig.synthesize({ method: "exact" });
    expectClose(values(eig), [...LINEAR, ...new Array<number>(15).fill(0)], 5.1e-6);
    expectOrthonormal(vectors(eig), 1e-12);
    expect(eig.groups?.[10]).toMatchObject({ first: 10, last: 24, verdict: "zero", dimension: 15 });
    expect(eig.search?.words).toMatch(/at least 15 dimensions \(25 pixels, 10 outputs\)/);
    const exactVectors = vectors(eig);

    const krylov = matrix(linearWeights());
    await krylov.synthesize({ k: 3 });
    expectClose(values(krylov), [...LINEAR.slice(0, 3), 0, 0, 0], 5.1e-6);
    for (let i = 0; i < 3; i++) expectClose(vectors(krylov)[i], exactVectors[i], 1e-4);
    // In the space of exact's zeros.
    for (const v of vectors(krylov).slice(3)) {
      const inside = exactVectors.slice(10).reduce((sum, z) => sum + dot(z, v) * dot(z, v), 0);
      expect(Math.abs(inside - 1)).toBeLessThan(1e-6);
    }
    expect(krylov.groups?.at(-1)).toMatchObject({ verdict: "zero", dimension: 15 });
  });

  test("exact, with fewer outputs than pixels and some of each end", async () => {
    const full = matrix(linearWeights());
    await full.synthesize({ method: "exact" });
    for (const k of [1, 9, 12, 16]) {
      const some = matrix(linearWeights());
      await some.synthesize({ method: "exact", k });
      const bottom = Math.min(k, 25 - k);
      const all = values(full);
      expectClose(values(some), [...all.slice(0, k), ...all.slice(25 - bottom)], 1e-12);
      expectOrthonormal(vectors(some), 1e-12);
    }
  });
});

describe("images and models of every kind", () => {
  const nonlinear = po.model("nonlinear", (x) => x.square().mul(x.add(1).sqrt()));

  test("colour images keep their shape", async () => {
    po.setSeed(1);
    const eig = new po.Eigendistortion(po.rand([1, 3, 4, 5], { dtype: "float64" }), nonlinear);
    await eig.synthesize({ k: 2 });
    expect(eig.eigendistortions?.shape).toEqual([4, 3, 4, 5]);
    expect(eig.imageFlat.shape).toEqual([60, 1]);
    expect(eig.representationFlat.shape).toEqual([60, 1]);
  });

  test("two axes are height and width", async () => {
    const eig = new po.Eigendistortion(po.full([3, 4], 0.25, { dtype: "float64" }), nonlinear);
    await eig.synthesize();
    expect(eig.eigendistortions?.shape).toEqual([2, 3, 4]);
    expect(eig.eigendistortions?.dtype).toBe("float64");
  });

  test("vectors, and models with one number of output", async () => {
    const eig = new po.Eigendistortion(
      po.tensor([0.6, 0.8, 0], { dtype: "float64" }),
      po.model("norm", (x) => x.norm()),
    );
    await eig.synthesize();
    expect(eig.eigendistortions?.shape).toEqual([2, 3]);
    expectClose(values(eig), [1, 0], 1e-12);
    expectClose(vectors(eig)[0], [0.6, 0.8, 0], 1e-9);
    expect((await eig.computeJacobian()).shape).toEqual([1, 3]);
  });

  test("complex outputs count as two numbers each", async () => {
    const model = po.model("complex", (x) => po.complex(x.mul(2), x.flip(0).mul(3)));
    const eig = new po.Eigendistortion(po.tensor([0.1, 0.2, 0.3], { dtype: "float64" }), model);
    const jacobian = await eig.computeJacobian();
    expect(jacobian.shape).toEqual([6, 3]);
    expect(Array.from(jacobian.dataSync())).toEqual([2, 0, 0, 0, 0, 3, 0, 2, 0, 0, 3, 0, 0, 0, 2, 3, 0, 0]);
    await eig.synthesize();
    expectClose(values(eig), [13, 13], 1e-12);
  });

  test("float32", async () => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5], "float32");
    const summary = await eig.synthesize({ k: 2 });
    expect(eig.eigendistortions?.dtype).toBe("float32");
    expect(eig.eigenvalues?.dtype).toBe("float32");
    expectClose(values(eig), [25, 16, 1, 0.25], 1e-4);
    expect(summary.converged).toBe(true);
    await eig.synthesize({ method: "exact" });
    expectClose(values(eig), [25, 16, 9, 4, 1, 0.25], 1e-4);
  });

  test("a batch is refused", () => {
    expect(() => new po.Eigendistortion(po.full([2, 1, 4, 4], 0.5), nonlinear)).toThrow(/first axis must have size 1/);
  });

  test("a derivative that is not finite is told, and changes nothing", async () => {
    const eig = new po.Eigendistortion(
      po.tensor([0, 0.5], { dtype: "float64" }),
      po.model("root", (x) => x.sqrt()),
    );
    await expect(eig.synthesize()).rejects.toThrow(po.NonFiniteError);
    await expect(eig.synthesize({ method: "exact" })).rejects.toThrow(/derivative of output 0 by pixel 0/);
    expect(eig.eigenvalues).toBeNull();
    expect(eig.jacobian).toBeNull();
  });
});

describe("derivatives", () => {
  const model = po.model("quartic", (x) =>
    po.concat([x.square().reshape([-1]), x.mul(x.flip(-1)).reshape([-1]).mul(0.3)], 0),
  );
  const image = (): po.Tensor<"float64"> => {
    po.setSeed(3);
    return po.rand([1, 1, 3, 4], { dtype: "float64" });
  };

  test("rows of J are columns of the pushforward, and central differences", async () => {
    const x = image();
    const jacobian = await new po.Eigendistortion(x, model).computeJacobian();
    expect(jacobian.shape).toEqual([24, 12]);
    const rows = jacobian.dataSync();
    const y = model.forward(x);
    const h = 1e-5;
    for (let j = 0; j < 12; j++) {
      const unit = po.tensor(
        Float64Array.from({ length: 12 }, (_, i) => (i === j ? 1 : 0)),
        { shape: [1, 1, 3, 4], dtype: "float64" },
      );
      const column = Array.from({ length: 24 }, (_, i) => rows[i * 12 + j]);
      expectClose(po.pushforward(y, x, unit).dataSync(), column, 1e-15);
      const moved = (by: number): po.Tensor => model.forward(x.add(unit.mul(by)));
      expectClose(
        moved(h)
          .sub(moved(-h))
          .div(2 * h)
          .dataSync(),
        column,
        1e-9,
      );
    }
  });

  test("pairs satisfy F v = lambda v with F from finite differences, and residuals are what they say", async () => {
    const x = image();
    const eig = new po.Eigendistortion(x, model);
    const { residuals } = await eig.synthesize({ k: 3 });
    const jacobian = (await eig.computeJacobian()).dataSync();
    vectors(eig).forEach((v, i) => {
      const h = 1e-5;
      const direction = po.tensor(v, { shape: [1, 1, 3, 4], dtype: "float64" });
      const moved = (by: number): po.Tensor => model.forward(x.add(direction.mul(by)));
      const jv = moved(h)
        .sub(moved(-h))
        .div(2 * h)
        .dataSync();
      const fv = Float64Array.from({ length: 12 }, (_, c) =>
        dot(
          Float64Array.from({ length: 24 }, (_, r) => jacobian[r * 12 + c]),
          jv,
        ),
      );
      const rest = fv.map((value, c) => value - values(eig)[i] * v[c]);
      expect(Math.abs(Math.sqrt(dot(rest, rest)) - residuals[i])).toBeLessThan(1e-8);
      expectClose(
        fv,
        v.map((value) => value * values(eig)[i]),
        1e-5,
      );
    });
  });

  test("all methods agree", async () => {
    const exact = new po.Eigendistortion(image(), model);
    await exact.synthesize({ method: "exact" });
    const krylov = new po.Eigendistortion(image(), model);
    await krylov.synthesize({ k: 4, stopCriterion: 1e-10 });
    const all = values(exact);
    expectClose(values(krylov), [...all.slice(0, 4), ...all.slice(-4)], 1e-10);
    const svd = new po.Eigendistortion(image(), model);
    await svd.synthesize({ method: "randomized_svd", k: 4, q: 10 });
    expectClose(values(svd), all.slice(0, 4), 1e-6);
  });
});

describe("the object", () => {
  test("equal seeds give equal bits, on one thread or two", async () => {
    const run = async (threads: number): Promise<string[]> => {
      po.setThreads(threads);
      po.setSeed(7);
      const image = po.rand([1, 1, 40, 40], { dtype: "float64" });
      const eig = new po.Eigendistortion(image, new po.models.Gaussian(7, { std: 1 }));
      await eig.synthesize({ k: 2 });
      po.setThreads(1);
      const { eigendistortions, eigenvalues } = eig;
      return Promise.all([eigendistortions, eigenvalues].map((x) => po.hashTensor(x as po.Tensor)));
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).toEqual(first);
  });

  test("draws what it says, before it returns", async () => {
    const eig = diagonal([3, 2, 1, 0.5]);
    for (const [options, dtype, counts] of [
      [{ k: 2 }, "float64", [16]],
      [{ method: "power", k: 2 }, "float64", [8, 8]],
      [{ method: "randomized_svd", k: 2, p: 1 }, "float32", [12, 80]],
      [{ method: "exact" }, "float64", []],
    ] as const) {
      po.setSeed(2);
      const running = eig.synthesize(options);
      const after = po.rand([1], { dtype: "float64" }).itemSync();
      await running;
      po.setSeed(2);
      for (const count of counts) po.randn([count], { dtype });
      expect(after).toBe(po.rand([1], { dtype: "float64" }).itemSync());
    }
  });

  test("an aborted search leaves it as it was", async () => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    await eig.synthesize();
    const before = [eig.eigendistortions, eig.eigenvalues, eig.eigenindex, eig.search];
    for (const method of ["krylov", "exact", "power", "randomized_svd"] as const) {
      const controller = new AbortController();
      const running = eig.synthesize({
        method,
        k: 3,
        signal: controller.signal,
        onProgress: () => controller.abort(new Error("enough")),
      });
      await expect(running).rejects.toThrow("enough");
      expect([eig.eigendistortions, eig.eigenvalues, eig.eigenindex, eig.search]).toEqual(before);
      expect(eig.jacobian).toBeNull();
    }
    await eig.synthesize({ k: 2 });
    expectClose(values(eig), [25, 16, 1, 0.25], 1e-12);
  });

  test("one search at a time", async () => {
    const eig = diagonal([3, 2, 1]);
    const running = eig.synthesize();
    await expect(eig.synthesize()).rejects.toThrow(/at work/);
    expect(() => eig.to("float32")).toThrow(/at work/);
    await running;
  });

  test("more than there are: each once, with a warning", async () => {
    const eig = diagonal([3, 2, 1, 0.5, 0.25]);
    for (const method of ["krylov", "power", "exact"] as const) {
      warnings.length = 0;
      await eig.synthesize({ method, k: 4 });
      expect(index(eig)).toEqual([0, 1, 2, 3, 4]);
      expectClose(values(eig), [9, 4, 1, 0.25, 0.0625], 1e-3);
      expect(warnings).toContain("eigendistortion-count");
    }
    await expect(eig.synthesize({ k: 6 })).rejects.toThrow(/k is 6.*5 pixels/);
  });

  test("a large exact search is announced once, with all of its work", async () => {
    // 128 x 8192: above a million entries.
    const wide = po.tensor(new Float64Array(8192).fill(0.5), { shape: [1, 1, 64, 128], dtype: "float64" });
    const blind = (x: po.Tensor): po.Tensor => po.avgPool2d(x, 8).square();
    const eig = new po.Eigendistortion(wide, blind);
    const told: string[] = [];
    const off = po.warnings.on(({ code, message }) => told.push(`${code} ${message}`));
    try {
      await eig.synthesize({ method: "exact", k: 1 });
      expect(told).toEqual([
        expect.stringMatching(
          /^exact-size synthesize: the Jacobian of 128 outputs by 8192 pixels takes 8 MiB and about \d+ s, then about 1 s for the decomposition of a matrix of 128 x 128; method: "krylov" does without it$/,
        ),
      ]);
      await eig.synthesize({ method: "exact", k: 1 });
      expect(told.slice(1)).toEqual([
        'exact-size synthesize: method "exact" takes about 1 s for the decomposition of a matrix of 128 x 128',
      ]);
      await new po.Eigendistortion(wide, blind).computeJacobian();
      expect(told.slice(2)).toEqual([expect.stringMatching(/^jacobian-size computeJacobian: .* and about \d+ s; /)]);
    } finally {
      off();
    }
  });

  test.each(["krylov", "power", "exact"] as const)("as many as there are, without a word (%s)", async (method) => {
    const one = diagonal([2]);
    const eig = diagonal([3, 2, 1]);
    warnings.length = 0;
    await one.synthesize({ method });
    expect(warnings).toEqual([]);
    await eig.synthesize({ method, k: 3 });
    expect(index(eig)).toEqual([0, 1, 2]);
    expect(warnings).not.toContain("eigendistortion-count");
  });

  test.each([
    [{ method: "lanczos" }, /method is "lanczos".*krylov, exact, power, randomized_svd/],
    [{ k: 0 }, /k is 0/],
    [{ k: 1.5 }, /k is 1.5/],
    [{ maxIter: 0 }, /maxIter is 0/],
    [{ stopCriterion: Number.NaN }, /stopCriterion is NaN/],
    [{ method: "exact", maxIter: 5 }, /"exact" has no option "maxIter"/],
    [{ p: 5 }, /"krylov" has no option "p"/],
    [{ method: "randomized_svd", p: -1 }, /p is -1/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [{ onProgress: 1 }, /onProgress is 1/],
  ])("%j is refused", async (options, message) => {
    const eig = diagonal([3, 2, 1]);
    await expect(eig.synthesize(options as po.EigendistortionOptions)).rejects.toThrow(message);
    expect(eig.eigenvalues).toBeNull();
  });

  test("positions by index", async () => {
    const eig = diagonal([5, 4, 3, 2, 1, 0.5]);
    expect(() => eig.positionOf(0)).toThrow(/nothing is there yet/);
    await eig.synthesize({ k: 2 });
    expect([0, 1, 4, 5, -1, -2, -6].map((i) => eig.positionOf(i))).toEqual([0, 1, 2, 3, 3, 2, 0]);
    expect(() => eig.positionOf(2)).toThrow(/2 of 6 was not computed.*0, 1, 4, 5/);
    expect(() => eig.positionOf(6)).toThrow(/from -6 to 5/);
  });

  test("the Jacobian is computed once and used again", async () => {
    const eig = diagonal([3, 2]);
    expect(eig.jacobian).toBeNull();
    const jacobian = await eig.computeJacobian();
    expect(Array.from(jacobian.dataSync())).toEqual([3, 0, 0, 2]);
    expect(await eig.computeJacobian()).toBe(jacobian);
    await eig.synthesize({ method: "exact" });
    expect(eig.jacobian).toBe(jacobian);
  });

  test("another precision", async () => {
    const plain = new po.Eigendistortion(po.full([4], 0.5, { dtype: "float64" }), new po.models.Identity());
    await plain.synthesize({ method: "exact" });
    plain.to("float32");
    expect([plain.image, plain.eigenvalues, plain.eigendistortions, plain.jacobian].map((x) => x?.dtype)).toEqual(
      new Array(4).fill("float32"),
    );
    await plain.synthesize();
    expectClose(values(plain), [1, 1], 1e-6);
  });

  test("its text", async () => {
    const text = "Eigendistortion\n  image: Tensor float64 [2]\n  model: diagonal";
    const eig = diagonal([2, 2]);
    expect(String(eig)).toBe(text);
    await eig.synthesize();
    const found =
      "  eigenvalues: 4, 4\n  method: krylov, converged\n  groups: 1, 1 of several that cannot be told apart";
    expect(String(eig)).toBe(`${text}\n${found}`);
    const many = diagonal([12, 11, 10, 9, 8, 7, 6, 5, 4, 0]);
    await many.synthesize({ method: "exact" });
    expect(String(many).split("\n").slice(3)).toEqual([
      "  eigenvalues: 144, 121, 100, 81, (2 more), 36, 25, 16, 0",
      "  method: exact, converged",
      "  groups: 10; zeros in at least 1 dimensions",
    ]);
  });

  test("a stopCriterion of 0 asks for all that rounding allows", async () => {
    const { words, converged } = await diagonal([3, 2, 1]).synthesize({ stopCriterion: 0 });
    expect(converged).toBe(true);
    expect(words).toBe("All 2 eigenvalues are resolved to rounding; the largest is 9.");
  });

  test("further arguments are refused", () => {
    expect(() => new po.Eigendistortion(po.full([3], 0.5), new po.models.Identity(), { k: 2 } as never)).toThrow(
      "Eigendistortion(): an object with k is one argument too many; it takes image and model; options such as k and method go to synthesize()",
    );
  });

  test("a model whose constant has another precision: to() says so, and changes nothing", () => {
    const eig = diagonal([3, 2, 1]);
    expect(() => eig.to("float32")).toThrow(
      /^Eigendistortion: to\("float32"\): the model, .* cannot follow to float32: .*weights\.cast\(image\.dtype\)\. Nothing was changed\.$/,
    );
    expect(eig.image.dtype).toBe("float64");
  });
});
