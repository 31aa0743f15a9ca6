// Batches: steps that go through one image after the other have the interpreter's bits, wherever images lie; and a batch moves as many
// bytes for an image as one image alone.

import { generator, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { fourierOps } from "../../src/compile/fourierKernels.ts";
import { type EntryPlan, planEntry } from "../../src/compile/plan.ts";
import { Program } from "../../src/compile/program.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import type { ArrayValue, Node } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { layoutOf } from "../../src/wasm/layout.ts";

const BANDS = 3;

/** A small texture model: bands of images, and their products over pixels. */
function statistics(image: Node, mask: Node): Node {
  const [images, , height, width] = image.shape;
  const half = fourierOps().rfft2h(image);
  const shape = [images, ...mask.shape];
  const filtered = ops.mul(ops.broadcastTo(half, shape), ops.broadcastTo(mask, shape));
  const bands = fourierOps().irfft2h(filtered, height);
  const means = ops.reshape(ops.mean(bands, [2, 3]), [images, BANDS, 1, 1]);
  const centred = ops.sub(bands, ops.broadcastTo(means, bands.shape));
  const rows = ops.reshape(centred, [images, BANDS, height * width]);
  return ops.reshape(ops.matmul(rows, rows, { transposeB: true }), [images, BANDS * BANDS]);
}

type Loss = "norm" | "sum";

/** The distance of a batch's statistics from those of others, and its gradient. */
function model(images: number, [height, width]: readonly [number, number], loss: Loss) {
  const x = inputLeaf([images, 1, height, width], "float64");
  const mask = inputLeaf([BANDS, Math.floor(height / 2) + 1, width], "complex128");
  const target = inputLeaf([images, BANDS * BANDS], "float64");
  const squares = ops.square(ops.sub(statistics(x, mask), target));
  const value = loss === "norm" ? ops.normRoot(ops.sum(squares)) : ops.sum(squares);
  const [slope] = gradient(ops, value, [x], ops.like(1, value));
  return { inputs: [x, mask, target], outputs: [value, slope] };
}

const values = (nodes: readonly Node[]): ArrayValue[] => {
  const draw = generator(7);
  return nodes.map(({ shape, dtype }) => randomArray(draw, shape, dtype, 0));
};

const bytesOf = ({ shape, dtype }: Node): number => layoutOf(shape, dtype).bytes;

/** Bytes that steps read and write for one image. */
function moved({ steps, loops }: EntryPlan, images: number): number {
  return steps.reduce((sum, { reads, writes }, i) => {
    const bytes = [...reads, ...writes].reduce((all, node) => all + bytesOf(node), 0);
    return sum + (loops[i] === undefined ? bytes / images : bytes);
  }, 0);
}

/** The largest array that a step reads or writes. */
const largest = ({ steps }: EntryPlan): number =>
  Math.max(...steps.flatMap(({ reads, writes }) => [...reads, ...writes].map(bytesOf)));

describe("a batch of large images", () => {
  const plan = (images: number, loss: Loss): EntryPlan => {
    const { inputs, outputs } = model(images, [256, 256], loss);
    return planEntry(outputs, new Map(), new Set(inputs), { grain: 20_000 });
  };

  it.each(["norm", "sum"] as const)("moves no more bytes for an image than one alone; distance: %s", (loss) => {
    const alone = plan(1, loss);
    expect(alone.loops.every((loop) => loop === undefined)).toBe(true);
    for (const images of [2, 4, 8]) {
      const batch = plan(images, loss);
      expect(moved(batch, images)).toBeLessThanOrEqual(moved(alone, 1));
      expect(largest(batch)).toBe(largest(alone));
    }
  });

  it("takes the memory of one image, where none waits for the others", () => {
    const [one, four] = [plan(1, "sum"), plan(4, "sum")];
    expect(four.bytes + four.localBytes).toBeLessThan(1.1 * one.bytes);
    // Behind a norm, each goes on from the bands that it left.
    expect(plan(4, "norm").bytes).toBeGreaterThan(3.9 * largest(one));
  });

  it("goes through the steps together where several threads share them, or a large weight is read", () => {
    const { inputs, outputs } = model(3, [256, 256], "sum");
    const isApart = (threads: number): boolean =>
      planEntry(outputs, new Map(), new Set(inputs), { grain: 20_000, threads }).loops.some((one) => one !== undefined);
    expect([1, 2, 3].map(isApart)).toEqual([true, false, false]);
    const x = inputLeaf([4, 64, 1024], "float64");
    const weight = inputLeaf([1024, 1024], "float64");
    const y = ops.matmul(ops.matmul(x, weight), weight);
    expect(planEntry([y], new Map(), new Set([x, weight]), { grain: 20_000 }).loops[0]).toBeUndefined();
  });
});

describe.each([1, 2, 3])("with %d threads, has the interpreter's bits", (threads) => {
  it.each(["norm", "sum"] as const)("of a model and its gradient; distance: %s", (loss) => {
    for (const images of [2, 3, 4]) {
      for (const size of [
        [8, 8],
        [9, 10],
        [6, 64],
      ] as const) {
        const { inputs, outputs } = model(images, size, loss);
        const spec = {
          buffers: Object.fromEntries(inputs.map((node, i) => [`x${i}`, node])),
          entries: { main: { outputs: { value: outputs[0], slope: outputs[1] } } },
        };
        const program = new Program(spec, { threads, grain: 0 });
        const data = values(inputs);
        data.forEach((value, i) => {
          program.set(`x${i}`, value);
        });
        const expected = interpret(outputs, new Map(inputs.map((node, i) => [node, data[i]])));
        for (let run = 0; run < 2; run++) {
          program.run("main");
          ["main.value", "main.slope"].forEach((name, i) => {
            expect(bitsOf(program.get(name)), `${name}, ${images} images`).toBe(bitsOf(expected[i]));
          });
        }
      }
    }
  });

  it("of windows, updates and constants that lie elsewhere", () => {
    const shape = [4, 2, 6, 10];
    const [x, past, next] = [1, 2, 3].map(() => inputLeaf(shape, "float64"));
    const [given, before, constant] = values([x, past, next]);
    const y = ops.add(fourierOps().irfft2h(fourierOps().rfft2h(ops.add(x, past)), 6), arrayLeaf(constant));
    const program = new Program(
      {
        buffers: { x, past, next },
        stacks: { history: { slots: 3, windows: ["past", "next"] } },
        entries: { main: { updates: { x: ops.sub(y, x), next: y } } },
      },
      { threads, grain: 0, shelf: 1 },
    );
    program.set("x", given);
    program.select("past", 1);
    program.select("next", 2);
    program.set("past", before);
    program.run("main");
    const known = new Map([
      [x, given],
      [past, before],
    ]);
    const [newX, newNext] = interpret([ops.sub(y, x), y], known);
    expect(bitsOf(program.get("x"))).toBe(bitsOf(newX));
    expect(bitsOf(program.get("next"))).toBe(bitsOf(newNext));
    expect(bitsOf(program.get("past"))).toBe(bitsOf(before));
  });
});
