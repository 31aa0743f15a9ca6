// Programs of which nothing outlives a run: what they are given and what they give lies among the intermediate arrays.

import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { afterEach, expect, it } from "vitest";
import { checkFits } from "../../src/compile/fits.ts";
import { Program } from "../../src/compile/program.ts";
import { inputLeaf } from "../../src/graph/build.ts";
import { correlateSeparable, Tensor, tensor } from "../../src/index.ts";
import type { ArrayValue } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { setMemories } from "../../src/wasm/memory/data.ts";
import { MemoryPool } from "../../src/wasm/memory/pool.ts";

afterEach(() => setMemories());

const SHAPE = [1, 1, 96, 128];
const taps = tensor([0.25, 0.5, 0.25], { dtype: "float64" });

function blur(shape = SHAPE) {
  const x = inputLeaf(shape, "float64");
  const y = correlateSeparable(new Tensor(x), taps, taps, { padMode: "reflect" }).node;
  return { x, y, spec: { buffers: { x }, entries: { main: { outputs: { y } } } } };
}

const image = (seed: number): ArrayValue => ({
  dtype: "float64",
  shape: SHAPE,
  re: Float64Array.from({ length: 96 * 128 }, (_, i) => ((i * 7919 + seed) % 1009) / 1009),
});

it("a filter along columns and rows takes two images, and four where they are to stay", () => {
  const { spec } = blur([1, 1, 2048, 2048]);
  const bytes = 8 * 2048 * 2048;
  expect(checkFits(spec) / bytes).toBeCloseTo(4, 1);
  expect(checkFits({ ...spec, isPassing: true }) / bytes).toBeCloseTo(2, 1);
});

it("programs that take turns in one memory give the interpreter's bits", () => {
  const pool = new MemoryPool({ most: 1 });
  setMemories(pool);
  const { x, y, spec } = blur();
  const [one, other] = [1, 2].map(() => new Program({ ...spec, isPassing: true }));
  for (const seed of [3, 4]) {
    for (const program of [one, other]) {
      program.run("main", { x: image(seed) });
      expect(bitsOf(program.get("main.y"))).toBe(bitsOf(interpret([y], new Map([[x, image(seed)]]))[0]));
    }
  }
  expect(pool.evictions).toBeGreaterThan(2);
});

it("a buffer that no step reads may be given, and an output may be a constant", () => {
  const [x, unread] = [inputLeaf([2], "float64"), inputLeaf([3], "float64")];
  const outputs = { y: new Tensor(x).add(1).node, constant: tensor([7], { dtype: "float64" }).mul(2).node };
  const program = new Program({ buffers: { x, unread }, entries: { main: { outputs } }, isPassing: true });
  const given = (re: number[]): ArrayValue => ({ dtype: "float64", shape: [re.length], re: Float64Array.from(re) });
  for (const value of [1, 5]) {
    program.run("main", { x: given([value, 2]), unread: given([9, 9, 9]) });
    expect([...program.get("main.y").re, ...program.get("main.constant").re]).toEqual([value + 1, 3, 14]);
  }
});

it("what would be lost is refused", () => {
  const { x, y, spec } = blur();
  const program = new Program({ ...spec, isPassing: true });
  expect(() => program.set("x", image(0))).toThrow("program: nothing outlives a run; give x to run()");
  expect(() => program.run("main")).toThrow("program: nothing outlives a run, and x was not given");
  const entries = { main: { outputs: { y } }, again: { outputs: { y } } };
  expect(() => new Program({ buffers: { x }, entries, isPassing: true })).toThrow(/there must be one entry/);
  const updates = { main: { updates: { x: y } } };
  expect(() => new Program({ buffers: { x }, entries: updates, isPassing: true })).toThrow(/without updates/);
});
