// Chains: steps that go through images part by part have the bits of steps one after the other, wherever their arrays lie.

import { generator, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { fourierOps } from "../../src/compile/fourierKernels.ts";
import { planEntry } from "../../src/compile/plan.ts";
import { Program, release } from "../../src/compile/program.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import type { Node } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

type Dtype = "float32" | "float64";

interface Graph {
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
}

/** Bands of images, their means and magnitudes, and what is left of them elsewhere: one spectrum for all, a mask for each band. */
function bands(images: number, [height, width]: readonly [number, number], dtype: Dtype): Graph {
  const rows = Math.floor(height / 2) + 1;
  const shape = [images, 3, rows, width];
  const image = inputLeaf([images, height, width], dtype);
  const masks = [0, 1].map(() => inputLeaf([3, rows, width], dtype));
  const spectrum = ops.broadcastTo(ops.reshape(fourierOps().rfft2h(image), [images, 1, rows, width]), shape);
  const [re, im] = masks.map((mask) => fourierOps().irfft2h(ops.mul(spectrum, ops.broadcastTo(mask, shape)), height));
  const power = ops.add(ops.square(re), ops.square(im));
  const mean = ops.sum(power, [2, 3]);
  const other = fourierOps().rfft2h(ops.mul(power, re));
  const mixed = ops.mul(power, re);
  const padded = ops.gatherSum(
    mixed,
    3,
    Int32Array.from({ length: width + 3 }, (_, i) => Math.min(i, width)),
    Int32Array.from({ length: width }, (_, i) => i),
  );
  return { inputs: [image, ...masks], outputs: [mean, other, ops.sum(other, [1]), mixed, padded, ops.sum(mixed, [1])] };
}

/** Filtered images, read in other orders: chains may go on where an image is read for itself, and nowhere else. */
function moved([height, width]: readonly [number, number], dtype: Dtype): Graph[] {
  const x = inputLeaf([2, 3, height, width], dtype);
  const y = fourierOps().irfft2h(fourierOps().rfft2h(x), height);
  const all = [0, 0, 0, 0];
  const still = [1, 1, 1, 1];
  const others = [
    ops.slice(y, [0, 0, height - 1, 0], y.shape, [1, 1, -1, 1]),
    ops.slice(y, [0, 0, 0, width - 1], y.shape, [1, 1, 1, -1]),
    ops.slice(y, [0, 2, 0, 0], y.shape, [1, -1, 1, 1]),
    ops.slice(y, [1, 0, 0, 0], y.shape, [-1, 1, 1, 1]),
    ops.broadcastTo(ops.slice(y, all, [1, 3, height, width], still), y.shape),
    ops.broadcastTo(ops.slice(y, [0, 1, 0, 0], [2, 1, height, width], still), y.shape),
    ops.permute(ops.reshape(y, [3, 2, height, width]), [1, 0, 2, 3]),
    ops.reshape(ops.permute(y, [1, 0, 2, 3]), y.shape),
  ];
  return others.map((other) => ({
    inputs: [x],
    outputs: [fourierOps().rfft2h(ops.mul(other, ops.like(3, other))), ops.add(other, y)],
  }));
}

function check({ inputs, outputs }: Graph, threads: number, behind = 0): void {
  const draw = generator(3);
  const untouched = inputLeaf([32], "float64");
  const program = new Program(
    {
      buffers: { untouched, ...Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])) },
      stacks: { first: { slots: 1 + Math.round(behind / 256), windows: ["untouched"] } },
      entries: { main: { outputs: Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])) } },
    },
    { threads, grain: 0 },
  );
  const values = inputs.map(({ shape, dtype }) => randomArray(draw, shape, dtype, 0.001));
  values.forEach((value, i) => {
    program.set(`x${i}`, value);
  });
  const expected = interpret(outputs, new Map(inputs.map((x, i) => [x, values[i]])));
  for (let run = 0; run < 3; run++) {
    program.run("main");
    expected.forEach((value, i) => {
      expect(bitsOf(program.get(`main.y${i}`)), `output ${i}, run ${run}, behind ${behind}`).toBe(bitsOf(value));
    });
  }
  release(program);
}

const SIZES = [
  [8, 8],
  [16, 16],
  [16, 12],
  [9, 10],
  [12, 7],
  [6, 64],
] as const;

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  it.each([1, 2, 3])("has the interpreter's bits, %d threads", (threads) => {
    for (const size of SIZES) for (const images of [1, 2, 4]) check(bands(images, size, dtype), threads);
  });

  it.each([1, 2])("has them where images are read in another order, %d threads", (threads) => {
    for (const size of SIZES) for (const graph of moved(size, dtype)) check(graph, threads);
  });

  it("has them beyond 2 GiB, and across that address", () => {
    const graph = bands(2, [16, 16], dtype);
    for (const behind of [2.5 * 2 ** 30, 2 ** 31 - 30_000, 2 ** 31 - 15_000]) check(graph, 1, behind);
  });
});

it("makes chains, and keeps one part of what lives in one; only of large arrays, unless it is told to", () => {
  const plan = ([height, width]: readonly [number, number], grain: number, threads: number) => {
    const { inputs, outputs } = bands(2, [height, width], "float64");
    return planEntry(outputs, new Map(), new Set(inputs), { grain, threads });
  };
  const parts = ({ parts: all }: ReturnType<typeof plan>): number => Math.max(...all);
  // One image after the other, and its bands (batch.ts).
  const small = plan([16, 16], 0, 1);
  expect([parts(small), small.slim.size > 0]).toEqual([3, true]);
  // Threads work on several parts at once.
  const shared = plan([16, 16], 0, 2);
  expect([parts(shared), shared.slim.size]).toEqual([6, 0]);
  expect(small.bytes + small.localBytes).toBeLessThan(shared.bytes);
  expect(parts(plan([16, 16], 1000, 1))).toBe(1);
  expect(parts(plan([256, 256], 20_000, 2))).toBe(6);
  expect(parts(plan([512, 512], 20_000, 1))).toBe(3);
});

it("cuts many small arrays into no more parts than a program can have functions, one chain through all of them", () => {
  const weights = inputLeaf([96, 64, 3, 3], "float32");
  const doubled = ops.mul(weights, ops.like(2, weights));
  const padded = ops.gatherSum(doubled, 3, Int32Array.of(0, 0, 1, 2, 3, 3), Int32Array.of(0, 1, 2));
  const outputs = [ops.square(padded), ops.permute(padded, [1, 0, 2, 3])];
  // On one thread the first axis is taken for images: a loop over 96 of them, each in 64 parts.
  for (const [threads, most] of [
    [1, 64],
    [2, 96],
  ]) {
    const { parts } = planEntry(outputs, new Map(), new Set([weights]), { grain: 0, threads });
    expect(new Set(parts)).toEqual(new Set([1, most]));
    check({ inputs: [weights], outputs }, threads);
  }
});
