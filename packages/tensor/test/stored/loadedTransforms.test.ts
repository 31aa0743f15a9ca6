// A graph of transforms that was stored runs where nothing else has built one: this file builds its nodes without fourier.ts.

import { expect, it } from "vitest";
import { loadGraph, Program, storeGraph } from "../../src/engine.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import type { ArrayValue } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const x = inputLeaf([2, 8, 16], "float64");
const value: ArrayValue = {
  dtype: "float64",
  shape: [2, 8, 16],
  re: Float64Array.from({ length: 256 }, (_, i) => (i * 37) % 101),
};
const back = ops.irfft2h(ops.rfft2h(x), 8);

it("runs, to the bits of the interpreter", () => {
  const program = (input = x, output = back): Program =>
    new Program({ buffers: { x: input }, entries: { main: { outputs: { y: output } } } });
  expect(() => program()).toThrow(/not one of the ops with a kernel/);
  const { inputs, outputs } = loadGraph(storeGraph([back], [x]));
  const loaded = program(inputs[0], outputs[0]);
  loaded.set("x", value);
  loaded.run("main");
  expect(loaded.get("main.y")).toEqual(interpret([back], new Map([[x, value]]))[0]);
});
