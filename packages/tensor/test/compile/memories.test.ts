// Programs that borrow their memory: set aside and back they have the same bits, whatever was in the memory before, and whoever
// else is alive.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { afterEach, describe, expect, it } from "vitest";
import { Execution } from "../../src/compile/execution.ts";
import { MemoryError } from "../../src/compile/memoryError.ts";
import { Program, type ProgramSpec, release } from "../../src/compile/program.ts";
import { deferred } from "../../src/deferred.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { definitions } from "../../src/graph/definitions.ts";
import { fourierDefinitions } from "../../src/graph/fourier.ts";
import { topological } from "../../src/graph/node.ts";
import type { ArrayValue, Node, Shape } from "../../src/ops/definition.ts";
import { sizeOf } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { ModuleBuilder } from "../../src/wasm/assembler/assembler.ts";
import { ProgramData, setMemories } from "../../src/wasm/memory/data.ts";
import { MemoryPool, type PoolOptions } from "../../src/wasm/memory/pool.ts";

function usePool(options: PoolOptions): MemoryPool {
  const pool = new MemoryPool(options);
  setMemories(pool);
  return pool;
}

afterEach(() => {
  setMemories();
});

function f64(shape: Shape, seed: number): ArrayValue {
  const re = Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919 + seed * 104729) % 1009) / 1009 - 0.3);
  return { dtype: "float64", shape, re };
}

/** Something that remembers: a buffer, a constant, an output, and a stack of two windows. */
function remembering(): ProgramSpec {
  const x = inputLeaf([40, 30], "float64");
  const s = inputLeaf([40, 30], "float64");
  const t = inputLeaf([40, 30], "float64");
  const constant = ops.exp(arrayLeaf(f64([40, 30], 5)));
  return {
    buffers: { x, s, t },
    stacks: { history: { slots: 6, windows: ["s", "t"] } },
    entries: {
      step: { outputs: { sum: ops.sum(x) }, updates: { x: ops.sin(ops.add(x, constant)), s: x } },
      look: { outputs: { sum: ops.sum(ops.mul(t, constant)) } },
    },
  };
}

const THREADS = [
  { threads: 1, grain: 0 },
  { threads: 2, grain: 0 },
] as const;

/** Something else that needs the memory, and leaves its traces in it. */
function intrude(threads: number): Program {
  const y = inputLeaf([200, 200], "float64");
  const program = new Program(
    { buffers: { y }, entries: { main: { outputs: { z: ops.sqrt(ops.neg(y)) } } } },
    { threads, grain: 0 },
  );
  program.set("y", f64([200, 200], 1));
  program.run("main");
  return program;
}

describe.each(THREADS)("a program that is set aside, $threads threads", ({ threads, grain }) => {
  it("goes on to the same bits, with its buffers, constants, outputs, stacks and windows", () => {
    const alone = new Program(remembering(), { threads, grain });
    const pool = usePool({ most: 1 });
    const program = new Program(remembering(), { threads, grain });
    const both = [alone, program];
    for (const each of both) each.set("x", f64([40, 30], 2));
    let seen = 0;
    for (let i = 0; i < 6; i++) {
      for (const each of both) {
        each.select("s", (i * 5) % 6);
        each.run("step");
      }
      const before = pool.evictions;
      if (i % 2 === 0) intrude(threads);
      if (i % 2 === 0) expect(pool.evictions).toBeGreaterThan(before);
      for (const each of both) each.select("t", i === 0 ? 0 : ((i - 1) * 5) % 6);
      for (const name of ["x", "s", "t", "step.sum", "look.sum"]) {
        expect(bitsOf(program.get(name)), `${name}, ${i}`).toBe(bitsOf(alone.get(name)));
      }
      expect(program.getNumber("step.sum")).toBe(alone.getNumber("step.sum"));
      for (const each of both) each.run("look");
      seen += program.getNumber("look.sum");
      expect(bitsOf(program.get("look.sum"))).toBe(bitsOf(alone.get("look.sum")));
    }
    expect(seen).not.toBe(0);
    expect(pool.made).toBe(1);
  });

  it("has the constants that others were made for while it was", () => {
    usePool({ most: 1 });
    const before = deferred(
      () => {
        intrude(threads);
        return f64([40, 30], 3).re as Float64Array;
      },
      { shape: [40, 30], dtype: "float64" },
    );
    const x = inputLeaf([40, 30], "float64");
    const sum = ops.sum(ops.mul(ops.add(before.node, arrayLeaf(f64([40, 30], 4))), x));
    const program = new Program({ buffers: { x }, entries: { main: { outputs: { sum } } } }, { threads, grain });
    program.set("x", f64([40, 30], 5));
    program.run("main");
    const plain = interpret([sum], new Map([[x, f64([40, 30], 5)]]))[0];
    expect(program.getNumber("main.sum")).toBe(plain.re[0]);
  });

  it("takes data, numbers and slots meanwhile, without a memory", () => {
    const n = inputLeaf([], "float64");
    const i = inputLeaf([], "int32");
    const empty = inputLeaf([0, 3], "float32");
    const s = inputLeaf([50], "float64");
    const pool = usePool({ most: 1 });
    const program = new Program(
      {
        buffers: { n, i, empty, s },
        stacks: { history: { slots: 4, windows: ["s"] } },
        entries: { main: { outputs: { y: ops.mul(ops.sum(s), n), none: ops.neg(empty) } } },
      },
      { threads, grain },
    );
    for (const kind of [1, 2]) intrude(kind);
    const before = pool.evictions;
    program.setNumber("n", 3);
    program.setNumber("i", 7);
    expect(program.getNumber("i")).toBe(7);
    expect(program.getNumber("main.y")).toBe(0);
    expect(program.get("empty").re.length + program.get("main.none").re.length).toBe(0);
    program.select("s", 2);
    // A slot that was never shown is zero.
    expect(program.getNumber("s")).toBe(0);
    program.set("s", { dtype: "float64", shape: [50], re: new Float64Array(50).fill(2) });
    program.select("s", 1);
    expect(program.getNumber("s")).toBe(0);
    program.select("s", 2);
    expect(pool.evictions).toBe(before);
    program.run("main");
    expect(program.getNumber("main.y")).toBe(300);
    expect(pool.evictions).toBe(before + 1);
  });
});

describe("a program that has failed", () => {
  it("refuses to run after it was set aside, too", () => {
    const builder = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 65536, shared: false } });
    builder.func("trap", ["i32", "i32", "i32"], [], (f) => {
      // The last bytes of 4 GiB.
      f.store("i32.store", -4, 0);
    });
    const module = new WebAssembly.Module(builder.emit());
    const schedule = {
      functions: ["trap"],
      pieces: Int32Array.of(0, 0, 1),
      entries: [[{ first: 0, count: 1, shared: false, wakes: false }]],
    };
    const pool = usePool({ most: 1 });
    const broken = new Execution(module, { pages: 1, stateEnd: 1024, stacks: [], shared: false }, schedule, [1024]);
    expect(() => broken.run(0, broken)).toThrow(WebAssembly.RuntimeError);
    intrude(1);
    expect(pool.evictions).toBe(1);
    expect(() => broken.run(0, broken)).toThrow(/an earlier run failed/);
  });
});

describe("memory that others used", () => {
  it("is zero when it is lent", () => {
    for (const shared of [false, true]) {
      for (const end of ["leave", "release"] as const) {
        const pool = usePool({ most: 1 });
        const stacks = [
          { base: 4096, stride: 128, slots: 100 },
          { base: 20480, stride: 256, slots: 10 },
        ];
        const plan = { pages: 2, stateEnd: 65536, stacks, shared };
        const first = new ProgramData(plan, () => {});
        const { buffer } = first.enter({});
        stacks.forEach(({ base, stride }, i) => {
          first.touch(base, i);
          new Uint8Array(buffer, base, stride * (i + 1)).fill(255);
        });
        for (const [from, to] of [
          [0, 4096],
          [16896, 20480],
          [23040, 131072],
        ]) {
          new Uint8Array(buffer, from, to - from).fill(255);
        }
        if (end === "release") first.release();
        const second = new ProgramData({ ...plan, stacks: [] }, () => {});
        const memory = second.enter({});
        expect(Buffer.compare(new Uint8Array(memory.buffer), Buffer.alloc(131072))).toBe(0);
        expect(pool.made).toBe(1);
      }
    }
  });

  it("changes no bits of any kernel, even full of NaN that nobody wiped", () => {
    const kernels = new Set<string>();
    for (const [name, { kind }] of Object.entries({ ...definitions, ...fourierDefinitions }))
      if (kind === "kernel") kernels.add(name);
    const wanted = new Set<string>([...kernels, "reduce", "elementwise"]);
    const met = new Set<string>();
    for (const { threads, grain } of THREADS) {
      for (let seed = 50_000; seed < 50_400; seed++) {
        // A new memory, full of NaN, for every program.
        usePool({
          make: (descriptor) => {
            const memory = new WebAssembly.Memory(descriptor);
            new Uint8Array(memory.buffer).fill(255);
            return memory;
          },
        });
        const { inputs, outputs, operations } = randomGraph(seed);
        for (const { op } of topological(outputs)) met.add(op.kind === "kernel" ? op.name : op.kind);
        const names = new Map([...inputs.keys()].map((node, i) => [node, `b${i}`]));
        const program = new Program(
          {
            buffers: Object.fromEntries([...names].map(([node, name]) => [name, node])),
            entries: { main: { outputs: Object.fromEntries(outputs.map((node, i) => [`o${i}`, node])) } },
          },
          { threads, grain },
        );
        for (const [node, name] of names) program.set(name, inputs.get(node) as ArrayValue);
        program.run("main");
        interpret(outputs, inputs).forEach((expected, i) => {
          const same = bitsOf(program.get(`main.o${i}`)) === bitsOf(expected);
          expect(same, `seed ${seed}, output ${i}: ${operations.join(" ")}`).toBe(true);
        });
      }
    }
    expect([...wanted].filter((name) => !met.has(name))).toEqual([]);
  });
});

/** A random graph whose inputs are updated with whatever has their type. */
function randomState(seed: number): { inputs: Map<Node, ArrayValue>; outputs: Node[]; updates: Map<Node, Node> } {
  const { outputs, inputs } = randomGraph(seed);
  const type = (x: Node): string => `${x.dtype}${x.shape}`;
  const updates = new Map<Node, Node>();
  for (const buffer of inputs.keys()) {
    const values = topological(outputs).filter((x) => x !== buffer && type(x) === type(buffer));
    if (values.length > 0) updates.set(buffer, values[seed % values.length]);
  }
  return { inputs, outputs, updates };
}

describe("many programs alive", () => {
  it.each(THREADS)("agree with the interpreter in any order, $threads threads", async ({ threads, grain }) => {
    const pool = usePool({ most: 3 });
    const all = Array.from({ length: 40 }, (_, i) => {
      const { inputs, outputs, updates } = randomState(60_000 + i);
      const names = new Map([...inputs.keys()].map((node, k) => [node, `b${k}`]));
      const nameOf = (node: Node): string => names.get(node) as string;
      const program = new Program(
        {
          buffers: Object.fromEntries([...names].map(([node, name]) => [name, node])),
          entries: {
            main: {
              outputs: Object.fromEntries(outputs.map((node, k) => [`o${k}`, node])),
              updates: Object.fromEntries([...updates].map(([buffer, value]) => [nameOf(buffer), value])),
            },
          },
        },
        { threads, grain },
      );
      for (const [node, value] of inputs) program.set(nameOf(node), value);
      return { program, nameOf, outputs, updates, state: inputs, ran: null as ArrayValue[] | null };
    });
    let dice = 1;
    for (let turn = 0; turn < 600; turn++) {
      dice = (Math.imul(dice, 1103515245) + 12345) >>> 0;
      const each = all[(dice >>> 8) % all.length];
      if ((dice >>> 20) % 3 > 0) {
        each.ran = interpret(each.outputs, each.state);
        const changed = interpret([...each.updates.values()], each.state);
        each.state = new Map([
          ...each.state,
          ...[...each.updates.keys()].map((node, i) => [node, changed[i]] as const),
        ]);
        each.program.run("main");
      }
      for (const [node, value] of each.state) {
        expect(bitsOf(each.program.get(each.nameOf(node))) === bitsOf(value), `turn ${turn}`).toBe(true);
      }
      each.ran?.forEach((value, i) => {
        expect(bitsOf(each.program.get(`main.o${i}`)) === bitsOf(value), `turn ${turn}, output ${i}`).toBe(true);
      });
      if (turn % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(pool.made).toBeLessThanOrEqual(6);
    expect(pool.evictions).toBeGreaterThan(200);
  });

  it("more than there are memories cost no more of them", () => {
    const pool = usePool({});
    const programs = Array.from({ length: 50 }, () => new Program(remembering()));
    for (const program of programs) program.run("step");
    expect(pool.made).toBe(8);
  });
});

describe("an end", () => {
  it("of a program that is given back leaves its memory to the next, and it runs no more", () => {
    const pool = usePool({ most: 1 });
    const program = new Program(remembering());
    release(program);
    new Program(remembering()).run("step");
    expect([pool.made, pool.evictions]).toEqual([1, 0]);
    expect(() => program.run("step")).toThrow(/its memory was given back/);
  });

  it("for want of memory is a MemoryError that says how little it was, and what helps", () => {
    usePool({
      make: () => {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      },
    });
    const problem = /needs 1 MiB of memory, and this system does not give it\. That is little: end other workers/;
    expect(() => new Program(remembering())).toThrow(MemoryError);
    expect(() => new Program(remembering())).toThrow(problem);
    const large = inputLeaf([8192, 8192], "float64");
    expect(() => new Program({ buffers: { large }, entries: { main: { outputs: { y: ops.sum(large) } } } })).toThrow(
      /needs 515 MiB of memory, and this system does not give it\. End what else takes memory/,
    );
  });

  it("of memory while a program is set aside leaves its data readable", () => {
    let refuse = false;
    usePool({
      most: 1,
      make: (descriptor) => {
        if (refuse) throw new RangeError("no more");
        return new WebAssembly.Memory(descriptor);
      },
    });
    const program = new Program(remembering());
    program.set("x", f64([40, 30], 3));
    const expected = bitsOf(program.get("x"));
    // Someone whose memory is gone with it.
    const y = inputLeaf([2000, 2000], "float64");
    release(new Program({ buffers: { y }, entries: { main: { outputs: { z: ops.sum(y) } } } }));
    refuse = true;
    expect(() => program.run("step")).toThrow(MemoryError);
    expect(bitsOf(program.get("x"))).toBe(expected);
    refuse = false;
    program.run("step");
    expect(program.getNumber("step.sum")).not.toBe(0);
  });
});
