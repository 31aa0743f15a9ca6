// L-BFGS whose pairs lie in several programs: the same bits as in one, and nothing of it is set aside for another part of it.

import { hashTensor } from "@plenoptic-js/tensor";
import { lbfgsOfAnyHistory } from "@plenoptic-js/tensor/engine";
import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
import type { LbfgsSnapshot, Objective } from "../../src/synthesis/frame/descent.ts";
import { LbfgsDescent } from "../../src/synthesis/frame/lbfgsDescent.ts";
import type { BankSizes } from "../../src/synthesis/frame/lbfgsPrograms.ts";

/** Smoothed, what an image of this side is to look like; curved, so that pairs differ. */
function objectiveOf(side: number, dtype: "float32" | "float64"): { start: po.Tensor; objective: Objective } {
  const model = new po.models.Gaussian(5, { std: 1.5 });
  const values = (salt: number) =>
    Float64Array.from({ length: side * side }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  const image = (salt: number) => po.tensor(values(salt), { shape: [1, 1, side, side], dtype });
  const target = model.forward(image(0));
  const terms = (x: po.Tensor) => ({
    loss: model.forward(x).sub(target).square().square().sum().add(x.sub(0.5).square().sum().mul(0.01)),
    penalty: x.sum().mul(0),
  });
  return { start: image(100), objective: { stages: 1, terms } };
}

/** Hash of the image, and of all that is remembered, after some steps. */
async function run(
  side: number,
  dtype: "float32" | "float64",
  options: po.optim.LBFGSOptions,
  steps: number,
  sizes?: BankSizes,
): Promise<{ hash: string; losses: number[]; snapshot: LbfgsSnapshot; kept: string[] }> {
  const { start, objective } = objectiveOf(side, dtype);
  const optimizer = lbfgsOfAnyHistory(options);
  const losses: number[] = [];
  let descent = new LbfgsDescent(start as po.Tensor<"float64">, optimizer, objective, null, sizes);
  for (let i = 0; i < steps; i++) {
    // In the middle, all goes through a snapshot.
    if (i === steps >> 1) descent = new LbfgsDescent(descent.image, optimizer, objective, descent.snapshot(), sizes);
    const step = descent.step({ lr: options.lr ?? 1 }, 0);
    let next = step.next();
    while (!next.done) next = step.next();
    losses.push(next.value.loss);
  }
  const snapshot = descent.snapshot();
  const flat = (values: Float32Array | Float64Array) => hashTensor(po.tensor(values, { dtype }));
  const last = snapshot.last as NonNullable<LbfgsSnapshot["last"]>;
  return {
    hash: await hashTensor(descent.image),
    losses,
    snapshot,
    kept: await Promise.all([...snapshot.pairs.flatMap(({ s, y }) => [s, y]), last.direction, last.gradient].map(flat)),
  };
}

const searching = { maxIter: 4, lineSearchFn: "strong_wolfe", historySize: 5 } as const;

test.each([
  ["float64", searching, { first: 2, others: 3 }],
  ["float64", searching, { first: 0, others: 3 }],
  ["float32", searching, { first: 0, others: 1 }],
  ["float32", { maxIter: 5, lr: 0.2, historySize: 4 }, { first: 1, others: 2 }],
  ["float64", { maxIter: 5, lr: 0.2, historySize: 3 }, { first: 2, others: 1 }],
] as const)("%s, %o in banks of %o", async (dtype, options, sizes) => {
  const [one, several] = [await run(24, dtype, options, 6), await run(24, dtype, options, 6, sizes)];
  // The history went round.
  expect(one.snapshot.iterations).toBeGreaterThan(2 * options.historySize);
  expect(one.snapshot.pairs.length).toBe(options.historySize);
  expect(several).toEqual(one);
});

test("a history as only files have it: banks come when pairs do, to the bits of one that is laid out at once", async () => {
  const options = { maxIter: 20, lr: 0.01, toleranceGrad: 0, toleranceChange: 0 };
  const [one, growing] = [
    await run(8, "float64", { ...options, historySize: 1000 }, 16),
    await run(8, "float64", { ...options, historySize: Number.MAX_SAFE_INTEGER }, 16),
  ];
  // More than the first program holds.
  expect(one.snapshot.pairs.length).toBeGreaterThan(280);
  expect(growing).toEqual(one);
});

test("256x256 in banks of 3 pairs, with the texture preset's line search", async () => {
  const options = { maxIter: 10, maxEval: 10, lineSearchFn: "strong_wolfe", historySize: 8 } as const;
  const [one, several] = [
    await run(256, "float64", options, 2),
    await run(256, "float64", options, 2, { first: 0, others: 3 }),
  ];
  expect(several).toEqual(one);
});

test("a history that no machine has room for is refused before anything is laid out, with the longest there is", async () => {
  const image = po.tensor(new Float64Array(1024 * 1024).fill(0.5), { shape: [1, 1, 1024, 1024], dtype: "float64" });
  const metamer = new po.Metamer(image, (x) => x.mean());
  await expect(metamer.setup({ optimizer: po.optim.LBFGS({ historySize: 10_000 }) })).rejects.toThrow(
    /^L-BFGS cannot remember 10000 steps of an image \[1, 1, 1024, 1024\], which takes 156 GiB\. For such an image its history is of 4095 steps at most/,
  );
  await metamer.setup();
});
