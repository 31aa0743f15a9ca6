// Programs of one structure are planned, written and compiled once, whatever their arrays hold; others are compiled anew.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it, vi } from "vitest";
import { madeSoFar } from "../../src/compile/counts.ts";
import { Program, type ProgramOptions, type ProgramSpec } from "../../src/compile/program.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import type { ArrayValue, Node } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const SIDE = 37;

function values(seed: number, shape: readonly number[] = [SIDE, SIDE]): ArrayValue {
  const size = shape.reduce((n, side) => n * side, 1);
  return {
    dtype: "float64",
    shape,
    re: Float64Array.from({ length: size }, (_, i) => ((i * 7919 + seed) % 1009) / 997),
  };
}

/** A blend of an image with a constant one, which is squared before anything runs. */
function blend(seed: number, { by = 0.5, name = "x", output = "y", shape = [SIDE, SIDE] } = {}): ProgramSpec {
  const x = inputLeaf(shape, "float64");
  const constant = arrayLeaf(values(seed, shape));
  const y = ops.add(ops.mul(x, ops.full(shape, by, "float64")), ops.square(constant));
  return { buffers: { [name]: x }, entries: { main: { outputs: { [output]: y } } } };
}

/** What making a program takes. */
function taken(spec: ProgramSpec, options: ProgramOptions = {}) {
  const modules = vi.spyOn(WebAssembly, "Module");
  const before = madeSoFar();
  const program = new Program(spec, options);
  const after = madeSoFar();
  const compilations = modules.mock.calls.length;
  modules.mockRestore();
  return {
    program,
    plans: after.compiled - before.compiled,
    bytes: after.moduleBytes - before.moduleBytes,
    compilations,
  };
}

const NOTHING = { plans: 0, bytes: 0, compilations: 0 };

describe("a second program of a structure", () => {
  it("plans, writes and compiles nothing, and computes with arrays of its own", () => {
    const first = taken(blend(1));
    expect(first).toMatchObject({ plans: 1, compilations: 1 });
    expect(first.bytes).toBeGreaterThan(100);
    const second = taken(blend(2));
    expect(second).toMatchObject(NOTHING);
    [first, second].forEach(({ program }, i) => {
      program.set("x", values(9));
      program.run("main");
      const constant = values(i + 1).re;
      expect(program.get("main.y").re).toEqual(values(9).re.map((x, k) => x * 0.5 + constant[k] * constant[k]));
    });
  });

  it("is not taken for one that differs in a number, a name, a shape or the threads", () => {
    taken(blend(1, { by: 0.25 }));
    expect(taken(blend(2, { by: 0.25 }))).toMatchObject(NOTHING);
    for (const other of [
      { by: 0.125 },
      { by: 0.25, name: "z" },
      { by: 0.25, output: "z" },
      { by: 0.25, shape: [SIDE, SIDE + 1] },
    ]) {
      expect(taken(blend(1, other)), JSON.stringify(other)).toMatchObject({ plans: 1, compilations: 1 });
    }
    const zero = taken(blend(1, { by: 0 }));
    expect(zero.plans).toBe(1);
    expect(taken(blend(1, { by: -0 })).plans).toBe(1);
    expect(taken(blend(1, { by: 0.25 }), { threads: 2, grain: 0 }).plans).toBe(1);
  });

  it("is not taken for one whose arrays are shared otherwise", () => {
    const x = inputLeaf([SIDE], "float64");
    const [a, b] = [arrayLeaf(values(1, [SIDE])), arrayLeaf(values(2, [SIDE]))];
    const sumOf = (p: Node, q: Node): ProgramSpec => ({
      buffers: { x },
      entries: { main: { outputs: { y: ops.add(ops.mul(x, p), ops.mul(ops.neg(x), q)) } } },
    });
    expect(taken(sumOf(a, b)).plans).toBe(1);
    expect(taken(sumOf(a, a)).plans).toBe(1);
    expect(taken(sumOf(b, a))).toMatchObject(NOTHING);
  });

  it("is compiled again where many others came between", () => {
    expect(taken(blend(1, { by: 3 })).plans).toBe(1);
    expect(taken(blend(1, { by: 3 })).plans).toBe(0);
    for (let i = 0; i < 16; i++) taken(blend(1, { by: 100 + i }));
    expect(taken(blend(1, { by: 3 })).plans).toBe(1);
  });

  it("has the interpreter's bits, of any graph", () => {
    for (let seed = 70_000; seed < 70_060; seed++) {
      for (let time = 0; time < 2; time++) {
        // Drawn again, so that its nodes are new.
        const { inputs, outputs } = randomGraph(seed);
        const buffers = Object.fromEntries([...inputs.keys()].map((node, i) => [`b${i}`, node]));
        const made = taken({
          buffers,
          entries: { main: { outputs: Object.fromEntries(outputs.map((node, i) => [`o${i}`, node])) } },
        });
        if (time === 1) expect(made, `seed ${seed}`).toMatchObject(NOTHING);
        [...inputs.values()].forEach((value, i) => {
          made.program.set(`b${i}`, value);
        });
        made.program.run("main");
        interpret(outputs, inputs).forEach((expected, i) => {
          expect(bitsOf(made.program.get(`main.o${i}`)) === bitsOf(expected), `seed ${seed}, output ${i}`).toBe(true);
        });
      }
    }
  });
});
