// A stored graph in the place of the function it was made of: the same graph, the same derivatives, the same bits.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { describe, expect, it } from "vitest";
import { callGraph, loadGraph, sizeOfGraph, storeGraph } from "../../src/engine.ts";
import { inputLeaf } from "../../src/graph/build.ts";
import { inlined } from "../../src/graph/inline.ts";
import { gradient, type Tensor, type TensorSpec, tensor, trace } from "../../src/index.ts";
import { fingerprint } from "../../src/stored/fingerprint.ts";

const x0: TensorSpec = { shape: [4, 6], dtype: "float64" };
const weights = tensor(
  Float64Array.from({ length: 18 }, (_, i) => Math.sqrt(i)),
  { shape: [6, 3] },
);

/** The function as a file would have it. */
function kept(f: (...x: Tensor[]) => Tensor, specs: readonly TensorSpec[]): (...x: Tensor[]) => Tensor {
  const { output, inputs } = trace(f, specs);
  const loaded = loadGraph(structuredClone(storeGraph([output], inputs)));
  return (...x) => callGraph(loaded, x);
}

const printOf = (f: (...x: Tensor[]) => Tensor, specs: readonly TensorSpec[]): string => trace(f, specs).fingerprint;

describe("callGraph", () => {
  const model = (x: Tensor): Tensor => x.matmul(weights).square().reshape([12, 1]);
  // What begins with a view, a sign or a factor is built into what it is given.
  const losses: readonly (readonly [name: string, f: (x: Tensor, y: Tensor) => Tensor])[] = [
    ["differences", (x, y) => x.sub(y).square().sum()],
    [
      "another shape",
      (x, y) =>
        x
          .reshape([3, 4])
          .sub(y.reshape([3, 4]))
          .abs()
          .mean(),
    ],
    [
      "several times",
      (x, y) =>
        x
          .add(tensor(0, { dtype: "float64" }).broadcastTo([12, 5]))
          .mul(y)
          .sum(),
    ],
    ["the other sign", (x, y) => x.neg().add(y).square().mean()],
  ];
  const models: readonly (readonly [name: string, f: (x: Tensor) => Tensor])[] = [
    ["a model", model],
    ["one that ends with a view", (x) => x.sum([1], { keepdims: true }).broadcastTo([4, 3]).reshape([12, 1])],
    ["one that ends with the other sign", (x) => model(x).neg()],
  ];

  it.each(losses)("composed with others, gives the graph of the functions: %s", (_, loss) => {
    for (const [name, one] of models) {
      const types: TensorSpec[] = [x0, { shape: [12, 1], dtype: "float64" }];
      const [storedModel, storedLoss] = [kept(one, [x0]), kept(loss, [types[1], types[1]])];
      const plain = (x: Tensor, y: Tensor): Tensor => loss(one(x), y);
      const stored = (x: Tensor, y: Tensor): Tensor => storedLoss(storedModel(x), y);
      expect(printOf(stored, types), name).toBe(printOf(plain, types));
      const slope = (f: typeof plain) => (x: Tensor, y: Tensor) => gradient(f(x, y).reshape([]), x);
      expect(printOf(slope(stored), types), name).toBe(printOf(slope(plain), types));
    }
  });

  it("keeps what depends on no input the very same", () => {
    const { output, inputs } = trace(model, [x0]);
    const { outputs, inputs: leaves } = loadGraph(storeGraph([output], inputs));
    const constants = (nodes: readonly { readonly value?: unknown }[]) =>
      nodes.filter(({ value }) => value !== undefined);
    const walk = (node: typeof output): (typeof output)[] => [node, ...node.inputs.flatMap(walk)];
    const again = inlined(outputs, leaves, [inputLeaf([4, 6], "float64")]);
    expect(constants(walk(again[0]))).toEqual(constants(walk(outputs[0])));
    expect(constants(walk(again[0]))[0]).toBe(constants(walk(outputs[0]))[0]);
  });

  it("gives the same graph for random graphs of all ops", () => {
    for (let seed = 0; seed < 200; seed++) {
      const { outputs, inputs } = randomGraph(seed);
      const leaves = [...inputs.keys()];
      const read = loadGraph(storeGraph(outputs, leaves));
      const fresh = leaves.map(({ shape, dtype }) => inputLeaf(shape, dtype));
      expect(fingerprint(inlined(read.outputs, read.inputs, fresh), fresh), `seed ${seed}`).toBe(read.fingerprint);
      // Equal arrays are one in what was read.
      const [{ constantBytes: bytes, ...size }, { constantBytes, ...own }] = [
        sizeOfGraph(read.outputs),
        sizeOfGraph(outputs),
      ];
      expect(size).toEqual(own);
      expect(bytes).toBeLessThanOrEqual(constantBytes);
    }
  });
});
