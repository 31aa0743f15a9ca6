// Tensors in hand: large graphs are compiled, small ones interpreted, with the same bits and one program per structure.

import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { madeSoFar } from "../../src/compile/counts.ts";
import { evaluateGraph } from "../../src/compile/eager.ts";
import { arrayLeaf } from "../../src/graph/build.ts";
import { topological } from "../../src/graph/node.ts";
import { correlateSeparable, gradient, tensor, trace } from "../../src/index.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { outputAt, settled } from "../../src/settled.ts";

const pixels = (seed: number, side = 128) =>
  tensor(
    Float64Array.from({ length: side * side }, (_, i) => ((i * 7919 + seed) % 1009) / 1009),
    { shape: [1, 1, side, side] },
  );

function blurred(seed: number, side?: number) {
  const image = pixels(seed, side);
  const taps = tensor(
    Array.from({ length: 21 }, (_, i) => (i + 1) / 231),
    { dtype: "float64" },
  );
  const blur = correlateSeparable(image, taps, taps, { padMode: "reflect" });
  return gradient(blur.square().sum(), image);
}

const leaves = (y: ReturnType<typeof blurred>) =>
  new Map(
    topological([y.node])
      .filter((node) => node.value)
      .map((node) => [node, node.value!]),
  );

describe("eager evaluation", () => {
  it("gives a large graph the interpreter's bits", () => {
    const y = blurred(0);
    const [fast] = evaluateGraph([y.node], leaves(y));
    const [slow] = interpret([y.node]);
    expect(bitsOf(fast)).toBe(bitsOf(slow));
  });

  it("runs the same computation on other data, with the same program", async () => {
    const a = await blurred(1).data();
    const before = madeSoFar().programs;
    const b = await blurred(2).data();
    expect(madeSoFar().programs).toBe(before);
    expect(bitsOf({ dtype: "float64", shape: [1, 1, 128, 128], re: b })).toBe(bitsOf(interpret([blurred(2).node])[0]));
    expect(a).not.toEqual(b);
  });

  it("compiles once for each structure", async () => {
    const before = madeSoFar().programs;
    await blurred(1, 130).data();
    expect(madeSoFar().programs - before).toBe(1);
    await blurred(1, 132).data();
    expect(madeSoFar().programs - before).toBe(2);
    await blurred(2, 130).data();
    expect(madeSoFar().programs - before).toBe(2);
  });

  it("computes what is settled once, whatever is made of it", async () => {
    const before = madeSoFar().programs;
    const [y, z] = await settled([blurred(3, 134), blurred(4, 134)]);
    expect(madeSoFar().programs - before).toBe(1);
    const difference = await y.sub(z).abs().max().item();
    expect(difference).toBe(await blurred(3, 134).sub(blurred(4, 134)).abs().max().item());
    expect(madeSoFar().programs - before).toBe(2);
  });

  it("gives a traced function's output with one program for all inputs", () => {
    const before = madeSoFar().programs;
    const a = pixels(1, 768);
    const distance = () => trace((x, y) => x.sub(y).square().mean(), [a, a]);
    const values = [2, 3].map((seed) => outputAt(distance(), [a, pixels(seed, 768)]).itemSync());
    expect(madeSoFar().programs - before).toBe(1);
    expect(values).toEqual([2, 3].map((seed) => a.sub(pixels(seed, 768)).square().mean().itemSync()));
  });

  it("stops at values that are known", () => {
    const x = arrayLeaf({ dtype: "float64", shape: [2], re: Float64Array.of(1, 2) });
    const y = tensor([5, 7], { dtype: "float64" });
    const sum = y.add(1);
    const known = new Map([[sum.node, x.value!]]);
    expect(Array.from(evaluateGraph([sum.node], known)[0].re)).toEqual([1, 2]);
  });
});
