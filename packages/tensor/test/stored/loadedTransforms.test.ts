// A graph of transforms that was stored runs where nothing else has made transforms known: this file does without fourier.ts.

import { expect, it } from "vitest";
import { loadGraph, Program } from "../../src/engine.ts";
import type { ArrayValue } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { readGraph } from "../../src/stored/read.ts";

const value: ArrayValue = {
  dtype: "float64",
  shape: [2, 8, 16],
  re: Float64Array.from({ length: 256 }, (_, i) => (i * 37) % 101),
};

/** irfft2h(rfft2h(x), 8), as storeGraph() wrote it. */
const stored = {
  text: `plenoptic graph 1
0 input@0(){}:float64[2,8,16]
1 rfft2h(0){}:complex128[2,5,16]
2 irfft2h(1){rows=40200000:0}:float64[2,8,16]
out 2`,
  constants: new Map(),
  inputs: [{ shape: [2, 8, 16], dtype: "float64" as const }],
};

it("runs, to the bits of the interpreter", () => {
  expect(() => readGraph(stored, {})).toThrow(/there is no op rfft2h/);
  const { inputs, outputs } = loadGraph(stored);
  const program = new Program({ buffers: { x: inputs[0] }, entries: { main: { outputs: { y: outputs[0] } } } });
  program.set("x", value);
  program.run("main");
  expect(program.get("main.y")).toEqual(interpret(outputs, new Map([[inputs[0], value]]))[0]);
});
