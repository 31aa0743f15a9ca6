// Tensors in hand: large graphs are compiled, small ones interpreted, with the same bits and one program per structure.

import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { evaluateGraph } from "../../src/compile/eager.ts";
import { arrayLeaf } from "../../src/graph/build.ts";
import { topological } from "../../src/graph/node.ts";
import { correlateSeparable, gradient, tensor } from "../../src/index.ts";
import { interpret } from "../../src/reference/interpret.ts";

function blurred(seed: number) {
  const image = tensor(
    Float64Array.from({ length: 128 * 128 }, (_, i) => ((i * 7919 + seed) % 1009) / 1009),
    { shape: [1, 1, 128, 128] },
  );
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

  it("runs the same computation on other data", async () => {
    const a = await blurred(1).data();
    const b = await blurred(2).data();
    expect(bitsOf({ dtype: "float64", shape: [1, 1, 128, 128], re: b })).toBe(bitsOf(interpret([blurred(2).node])[0]));
    expect(a).not.toEqual(b);
  });

  it("stops at values that are known", () => {
    const x = arrayLeaf({ dtype: "float64", shape: [2], re: Float64Array.of(1, 2) });
    const y = tensor([5, 7], { dtype: "float64" });
    const sum = y.add(1);
    const known = new Map([[sum.node, x.value!]]);
    expect(Array.from(evaluateGraph([sum.node], known)[0].re)).toEqual([1, 2]);
  });
});
