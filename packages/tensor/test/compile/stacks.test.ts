// Stacks: entries see the slots that their windows show.

import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { Program, type ProgramSpec } from "../../src/compile/program.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import type { ArrayValue, DType, Shape } from "../../src/ops/definition.ts";
import { sizeOf } from "../../src/ops/definition.ts";

const SHAPE = [70, 66];

function value(shape: Shape, dtype: DType, seed: number): ArrayValue {
  const numbers = (from: number): Float64Array =>
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919 + from * 104729) % 1009) / 1009 - 0.3);
  if (dtype === "complex128") return { dtype, shape, re: numbers(seed), im: numbers(seed + 31) };
  return { dtype, shape, re: dtype === "float32" ? Float32Array.from(numbers(seed)) : numbers(seed) };
}

function doubled({ re, im, ...rest }: ArrayValue): ArrayValue {
  const twice = <T extends ArrayValue["re"]>(plane: T): T => plane.map((v) => 2 * v) as T;
  return { ...rest, re: twice(re), ...(im && { im: twice(im) }) };
}

describe.each<DType>(["float64", "float32", "complex128"])("a stack of %s", (dtype) => {
  const s = inputLeaf(SHAPE, dtype);
  const t = inputLeaf(SHAPE, dtype);
  const x = inputLeaf(SHAPE, dtype);
  const spec: ProgramSpec = {
    buffers: { s, t, x },
    stacks: { history: { slots: 3, windows: ["s", "t"] } },
    entries: {
      push: { updates: { s: x } },
      double: { updates: { s: ops.add(s, s) } },
      sum: { outputs: { all: ops.sum(ops.add(s, t)) } },
      take: { updates: { x: ops.sub(s, t) } },
    },
  };

  it.each([1, 2])("keeps its slots apart, with %i threads", (threads) => {
    const program = new Program(spec, { threads, grain: 200 });
    for (const slot of [0, 1, 2]) {
      program.set("x", value(SHAPE, dtype, slot));
      program.select("s", slot);
      program.run("push");
    }
    program.select("s", 1);
    program.run("double");
    for (const slot of [0, 1, 2]) {
      program.select("t", slot);
      const pushed = value(SHAPE, dtype, slot);
      const expected = slot === 1 ? doubled(pushed) : pushed;
      expect(bitsOf(program.get("t")), `slot ${slot}`).toBe(bitsOf(expected));
    }
  });

  it("gives entries the slots of both windows", () => {
    const program = new Program(spec);
    const slots = [10, 20, 30].map((seed) => value(SHAPE, dtype, seed));
    slots.forEach((slot, i) => {
      program.select("t", i);
      program.set("t", slot);
    });
    const plain = new Program({
      buffers: { s, t },
      entries: { main: { outputs: { all: ops.sum(ops.add(s, t)), difference: ops.sub(s, t) } } },
    });
    for (const [i, j] of [
      [0, 1],
      [2, 0],
      [1, 2],
      [2, 2],
    ]) {
      program.select("s", i);
      program.select("t", j);
      program.run("sum");
      program.run("take");
      plain.set("s", slots[i]);
      plain.set("t", slots[j]);
      plain.run("main");
      expect(bitsOf(program.get("sum.all")), `slots ${i}, ${j}`).toBe(bitsOf(plain.get("main.all")));
      expect(bitsOf(program.get("x"))).toBe(bitsOf(plain.get("main.difference")));
    }
  });
});

describe("what is refused", () => {
  const s = inputLeaf([4], "float64");
  const x = inputLeaf([5], "float64");
  const make = (stacks: ProgramSpec["stacks"]): Program =>
    new Program({ buffers: { s, x }, ...(stacks && { stacks }), entries: { main: { outputs: { y: ops.neg(s) } } } });

  it("stacks that make no sense", () => {
    expect(() => make({ h: { slots: 0, windows: ["s"] } })).toThrow(/stack h has 0 slots/);
    expect(() => make({ h: { slots: 2, windows: [] } })).toThrow(/stack h has no window/);
    expect(() => make({ h: { slots: 2, windows: ["y"] } })).toThrow(/window y of stack h is no buffer/);
    expect(() => make({ h: { slots: 2, windows: ["s", "x"] } })).toThrow(/differ in shape/);
    expect(() => make({ h: { slots: 2, windows: ["s"] }, k: { slots: 2, windows: ["s"] } })).toThrow(/on two stacks/);
  });

  it("slots and windows that do not exist", () => {
    const program = make({ h: { slots: 2, windows: ["s"] } });
    expect(() => program.select("s", 2)).toThrow(/slot 2 of s; it must be a whole number from 0 to 1/);
    expect(() => program.select("x", 0)).toThrow(/x is no window; there are s/);
    expect(() => make({}).select("s", 0)).toThrow(/there are none/);
  });
});
