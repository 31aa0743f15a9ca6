// Programs: state that entries update, outputs, constants, and what is refused.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { MemoryError } from "../../src/compile/memoryError.ts";
import { constantBoundary, constantNodes, type EntryPlan, planEntry } from "../../src/compile/plan.ts";
import { Program, type ProgramSpec } from "../../src/compile/program.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { topological } from "../../src/graph/node.ts";
import { type ArrayValue, type Node, type Shape, sizeOf } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { layoutOf } from "../../src/wasm/layout.ts";

const f64 = (shape: Shape, of: (i: number) => number): ArrayValue => ({
  dtype: "float64",
  shape,
  re: Float64Array.from({ length: sizeOf(shape) }, (_, i) => of(i)),
});
const one = (x: number): Node => ops.literal(x, "float64");
const list = (program: Program, name: string): number[] => Array.from(program.get(name).re);

describe("updates use the old values", () => {
  const a = inputLeaf([5], "float64");
  const b = inputLeaf([5], "float64");
  const start = { a: f64([5], (i) => i), b: f64([5], (i) => 10 * i) };

  function after(spec: ProgramSpec, runs = 1): Program {
    const program = new Program(spec);
    program.set("a", start.a);
    program.set("b", start.b);
    for (let i = 0; i < runs; i++) program.run("step");
    return program;
  }

  it("when two buffers are swapped", () => {
    const spec = { buffers: { a, b }, entries: { step: { updates: { a: b, b: a } } } };
    const once = after(spec);
    expect(list(once, "a")).toEqual([0, 10, 20, 30, 40]);
    expect(list(once, "b")).toEqual([0, 1, 2, 3, 4]);
    expect(list(after(spec, 2), "a")).toEqual([0, 1, 2, 3, 4]);
  });

  it("when two buffers are swapped in reverse", () => {
    const spec = { buffers: { a, b }, entries: { step: { updates: { a: ops.flip(b, [0]), b: ops.flip(a, [0]) } } } };
    const program = after(spec);
    expect(list(program, "a")).toEqual([40, 30, 20, 10, 0]);
    expect(list(program, "b")).toEqual([4, 3, 2, 1, 0]);
  });

  it("when an update reads another updated buffer", () => {
    const a2 = ops.add(a, one(1));
    const program = after({
      buffers: { a, b },
      entries: { step: { updates: { a: a2, b: ops.add(a, b) } } },
    });
    expect(list(program, "a")).toEqual([1, 2, 3, 4, 5]);
    expect(list(program, "b")).toEqual([0, 11, 22, 33, 44]);
  });

  it("when an update uses another update's value and its own neighbours", () => {
    const a2 = ops.add(a, one(1));
    const b2 = ops.add(ops.flip(b, [0]), ops.add(a2, ops.sum(b)));
    const program = after({ buffers: { a, b }, entries: { step: { updates: { a: a2, b: b2 } } } });
    expect(list(program, "a")).toEqual([1, 2, 3, 4, 5]);
    expect(list(program, "b")).toEqual([141, 132, 123, 114, 105]);
  });

  it("when one value goes into two buffers", () => {
    const sum = ops.add(a, b);
    const program = after({ buffers: { a, b }, entries: { step: { updates: { a: sum, b: sum } } } }, 2);
    expect(list(program, "a")).toEqual([0, 22, 44, 66, 88]);
    expect(list(program, "b")).toEqual([0, 22, 44, 66, 88]);
  });

  it("when an output is read from a buffer after its update was computed", () => {
    const program = after({
      buffers: { a, b },
      entries: {
        step: { outputs: { old: ops.flip(a, [0]), sum: ops.sum(a) }, updates: { a: ops.square(a) } },
      },
    });
    expect(list(program, "a")).toEqual([0, 1, 4, 9, 16]);
    expect(list(program, "step.old")).toEqual([4, 3, 2, 1, 0]);
    expect(program.getNumber("step.sum")).toBe(10);
  });

  it("when an output is also an update", () => {
    const next = ops.add(a, one(1));
    const spec = { buffers: { a, b }, entries: { step: { outputs: { next }, updates: { a: next } } } };
    const program = after(spec, 3);
    expect(list(program, "step.next")).toEqual([3, 4, 5, 6, 7]);
    expect(list(program, "a")).toEqual([3, 4, 5, 6, 7]);
    program.set("a", start.a);
    expect(list(program, "step.next")).toEqual([3, 4, 5, 6, 7]);
  });

  it("when a buffer gets a constant, or keeps its value", () => {
    const constant = arrayLeaf(f64([5], (i) => -i));
    const program = after({
      buffers: { a, b },
      entries: { step: { updates: { a: constant, b } }, zero: { updates: { a: ops.full([5], 0, "float64") } } },
    });
    expect(list(program, "a")).toEqual([-0, -1, -2, -3, -4]);
    expect(list(program, "b")).toEqual([0, 10, 20, 30, 40]);
    program.run("zero");
    expect(list(program, "a")).toEqual([0, 0, 0, 0, 0]);
  });

  it("over rows, where loops read and write the same array", () => {
    // 70 columns: padded rows with a tail.
    const shape = [9, 70];
    const x = inputLeaf(shape, "float64");
    const m = inputLeaf(shape, "float64");
    const m2 = ops.add(ops.mul(m, one(0.5)), x);
    const y = ops.sub(ops.sub(x, ops.mul(m2, one(0.25))), ops.reshape(ops.mean(m, [1]), [9, 1]));
    const program = new Program({
      buffers: { x, m },
      entries: { step: { outputs: { size: ops.sum(ops.square(ops.sub(y, x))) }, updates: { x: y, m: m2 } } },
    });
    const xs = f64(shape, (i) => (i * 37) % 101);
    const ms = f64(shape, (i) => (i * 53) % 89);
    program.set("x", xs);
    program.set("m", ms);
    const wantX = Array.from(xs.re);
    const wantM = Array.from(ms.re);
    for (let run = 0; run < 3; run++) {
      program.run("step");
      for (let r = 0; r < 9; r++) {
        // The mean of 70 numbers by hand, in the order of the numeric contract: two lanes, then their sum.
        const lanes = [0, 0];
        for (let j = 0; j < 70; j++) lanes[j % 2] += wantM[r * 70 + j];
        const mean = (lanes[0] + lanes[1]) / 70;
        for (let j = 0; j < 70; j++) {
          const i = r * 70 + j;
          wantM[i] = wantM[i] * 0.5 + wantX[i];
          wantX[i] = wantX[i] - wantM[i] * 0.25 - mean;
        }
      }
      expect(list(program, "m")).toEqual(wantM);
      expect(list(program, "x")).toEqual(wantX);
    }
  });
});

describe("outputs", () => {
  const x = inputLeaf([3], "float64");
  const data = f64([3], (i) => i + 1);

  it("may be leaves", () => {
    const program = new Program({
      buffers: { x },
      entries: { main: { outputs: { x, array: arrayLeaf(f64([2], (i) => i + 7)), number: one(-0) } } },
    });
    program.set("x", data);
    program.run("main");
    program.set(
      "x",
      f64([3], () => 0),
    );
    expect(list(program, "main.x")).toEqual([1, 2, 3]);
    expect(list(program, "main.array")).toEqual([7, 8]);
    expect(list(program, "main.number")).toEqual([-0]);
  });

  it("may be the same node twice, or equal nodes", () => {
    const y = ops.square(x);
    const program = new Program({
      buffers: { x },
      entries: { main: { outputs: { y, again: y, equal: ops.square(x), view: ops.reshape(y, [3, 1]) } } },
    });
    program.set("x", data);
    program.run("main");
    for (const name of ["y", "again", "equal", "view"]) expect(list(program, `main.${name}`)).toEqual([1, 4, 9]);
    expect(program.get("main.view").shape).toEqual([3, 1]);
  });

  it("stay until their entry runs again", () => {
    const program = new Program({
      buffers: { x },
      entries: {
        square: { outputs: { y: ops.square(x) } },
        other: { outputs: { y: ops.neg(x) }, updates: { x: ops.add(ops.flip(ops.sqrt(x), [0]), one(1)) } },
      },
    });
    program.set("x", data);
    program.run("square");
    for (let i = 0; i < 3; i++) program.run("other");
    expect(list(program, "square.y")).toEqual([1, 4, 9]);
    program.run("square");
    expect(list(program, "square.y")).not.toEqual([1, 4, 9]);
  });

  it("may be empty, complex, bool or int32", () => {
    const program = new Program({
      buffers: { x },
      entries: {
        main: {
          outputs: {
            none: ops.slice(x, [0], [0], [1]),
            complex: ops.complex(x, ops.neg(x)),
            bool: ops.lt(x, one(2)),
            int: ops.cast(x, "int32"),
          },
        },
      },
    });
    program.set("x", data);
    program.run("main");
    expect(program.get("main.none")).toEqual({ dtype: "float64", shape: [0], re: new Float64Array(0) });
    expect(program.get("main.complex")).toEqual({
      dtype: "complex128",
      shape: [3],
      re: Float64Array.of(1, 2, 3),
      im: Float64Array.of(-1, -2, -3),
    });
    expect(program.get("main.bool").re).toEqual(Uint8Array.of(1, 0, 0));
    expect(program.get("main.int").re).toEqual(Int32Array.of(1, 2, 3));
    expect(program.getNumber("main.int")).toBe(1);
    expect(program.getNumber("main.bool")).toBe(1);
    expect(() => program.getNumber("main.none")).toThrow(/no element/);
  });
});

/** The kernels of an entry's steps, and of those that compute its constants. */
function stepsOf(outputs: readonly Node[], buffers: readonly Node[]): { once: string[]; everyRun: string[] } {
  const order = topological(outputs);
  const boundary = constantBoundary(order, constantNodes(order), outputs);
  const arrays = order.filter((node) => node.op.name === "array");
  const names = (plan: EntryPlan): string[] => plan.steps.map((step) => step.kernel.key.split(" ")[0].split("/")[0]);
  return {
    once: names(planEntry(boundary, new Map(), new Set(arrays))),
    everyRun: names(planEntry(outputs, new Map(), new Set([...buffers, ...arrays, ...boundary]))),
  };
}

describe("constants", () => {
  const x = inputLeaf([8, 8], "float64");
  const image = arrayLeaf(f64([8, 8], (i) => (i * 7) % 11));
  const taps = arrayLeaf(f64([3], (i) => [0.25, 0.5, 0.25][i]));
  const blur = (y: Node): Node => ops.correlate1d(y, taps, 1);

  it("are computed once", () => {
    const target = ops.square(blur(image));
    const loss = ops.sum(ops.square(ops.sub(ops.slice(x, [0, 0], [8, 6], [1, 1]), target)));
    const { once, everyRun } = stepsOf([loss], [x]);
    expect(once).toEqual(["convolution", "loop"]);
    expect(everyRun).not.toContain("convolution");
    const program = new Program({ buffers: { x }, entries: { main: { outputs: { loss, target } } } });
    program.set(
      "x",
      f64([8, 8], () => 0),
    );
    const fresh = program.get("main.target");
    program.run("main");
    // Computed when the program was made, and the same after a run.
    expect(Array.from(program.get("main.target").re)).toEqual(Array.from(fresh.re));
    let sum = 0;
    for (const value of fresh.re) sum += value * value;
    expect(sum).toBeGreaterThan(0);
    expect(program.getNumber("main.loss")).toBeCloseTo(sum, 6);
  });

  it("made of literals are computed once if they take a kernel", () => {
    const flat = ops.correlate1d(ops.full([8, 8], 3, "float64"), ops.full([3], 0.5, "float64"), 1);
    const { once, everyRun } = stepsOf([ops.mul(ops.slice(x, [0, 0], [8, 6], [1, 1]), flat)], [x]);
    expect(once).toContain("convolution");
    expect(everyRun).toEqual(["loop"]);
  });

  it("are shared by entries", () => {
    const target = blur(image);
    const inner = ops.slice(x, [0, 0], [8, 6], [1, 1]);
    const program = new Program({
      buffers: { x },
      entries: {
        sum: { outputs: { y: ops.add(inner, target) } },
        product: { outputs: { y: ops.mul(inner, target), z: ops.neg(target) } },
      },
    });
    program.set(
      "x",
      f64([8, 8], () => 2),
    );
    program.run("product");
    program.run("sum");
    program.run("product");
    const want = Array.from({ length: 48 }, (_, i) => {
      const at = Math.floor(i / 6) * 8 + (i % 6);
      const [p, q, r] = [0, 1, 2].map((k) => ((at + k) * 7) % 11);
      return 0.25 * p + 0.5 * q + 0.25 * r;
    });
    expect(list(program, "sum.y")).toEqual(want.map((v) => v + 2));
    expect(list(program, "product.y")).toEqual(want.map((v) => v * 2));
    expect(list(program, "product.z")).toEqual(want.map((v) => -v));
  });
});

describe("what is refused", () => {
  const x = inputLeaf([2, 2], "float64");
  const n = inputLeaf([], "int32");
  const flag = inputLeaf([], "bool");
  const z = inputLeaf([], "complex64");
  const make = (): Program =>
    new Program({ buffers: { x, n, flag, z }, entries: { main: { outputs: { y: ops.neg(x) } } } });

  it("unknown names, with those there are", () => {
    const program = make();
    expect(() => program.run("step")).toThrow(/no entry step; there are main/);
    expect(() => program.get("y")).toThrow(/no y; there are x, n, flag, z, main\.y/);
    expect(() => program.getNumber("w")).toThrow(RangeError);
    expect(() =>
      program.set(
        "w",
        f64([2, 2], () => 0),
      ),
    ).toThrow(/no buffer w; buffers are x, n, flag, z/);
    expect(() =>
      program.set(
        "main.y",
        f64([2, 2], () => 0),
      ),
    ).toThrow(/main\.y is an output/);
  });

  it("data of another shape or dtype, and the buffer stays as it was", () => {
    const program = make();
    program.set(
      "x",
      f64([2, 2], (i) => i),
    );
    expect(() =>
      program.set(
        "x",
        f64([4], () => 9),
      ),
    ).toThrow(/x is float64 \[2, 2\], the data float64 \[4\]/);
    const single: ArrayValue = { dtype: "float32", shape: [2, 2], re: new Float32Array(4) };
    expect(() => program.set("x", single)).toThrow(/the data float32 \[2, 2\]/);
    expect(() => program.setNumber("x", 1)).toThrow(/not one real number/);
    expect(() => program.setNumber("z", 1)).toThrow(/not one real number/);
    expect(list(program, "x")).toEqual([0, 1, 2, 3]);
  });

  it("numbers that a dtype cannot hold", () => {
    const program = make();
    program.setNumber("n", -7);
    program.setNumber("flag", 1);
    for (const bad of [1.5, 2147483648, Number.NaN]) expect(() => program.setNumber("n", bad)).toThrow(/cannot hold/);
    expect(() => program.setNumber("flag", 2)).toThrow(/cannot hold 2/);
    expect(program.getNumber("n")).toBe(-7);
    expect(program.getNumber("flag")).toBe(1);
  });

  it("requests that make no sense", () => {
    const entries = { main: { outputs: { y: ops.neg(x) } } };
    expect(() => new Program({ buffers: {}, entries })).toThrow(/input of float64 \[2, 2\] is used that is no buffer/);
    expect(() => new Program({ buffers: { x: ops.neg(x) }, entries })).toThrow(/buffer x is neg; it must be an input/);
    expect(() => new Program({ buffers: { x, w: x }, entries })).toThrow(/buffers x and w are the same input/);
    expect(() => new Program({ buffers: { x, "main.y": n }, entries })).toThrow(/both a buffer and an output/);
    expect(() => new Program({ buffers: { x }, entries: { main: { updates: { w: x } } } })).toThrow(
      /updates w, which is no buffer; there are x/,
    );
    expect(() => new Program({ buffers: { x }, entries: { main: { updates: { x: ops.sum(x) } } } })).toThrow(
      /updates x \(float64 \[2, 2\]\) with float64 \[\]/,
    );
    for (const threads of [0, 1.5, 65, Number.NaN]) {
      expect(() => new Program({ buffers: { x }, entries }, { threads })).toThrow(
        `program: threads is ${threads}; it must be a whole number from 1 to 64`,
      );
    }
  });

  it("what does not fit 32-bit memory, before any of it is taken", () => {
    const before = process.memoryUsage();
    const huge = inputLeaf([1, 1, 60000, 60000], "float64");
    const simple: ProgramSpec = { buffers: { huge }, entries: { main: { outputs: { y: ops.sum(huge) } } } };
    expect(() => new Program(simple)).toThrow(MemoryError);
    expect(() => new Program(simple)).toThrow(
      /needs 26\.9\d GiB of memory, and WebAssembly has at most 4 GiB\. Make its arrays smaller or fewer/,
    );
    // Buffers fit, what lies between them does not.
    const large = inputLeaf([16000, 16000], "float64");
    const turned = ops.correlate1d(large, arrayLeaf(f64([2], () => 1)), 0);
    const between: ProgramSpec = {
      buffers: { large },
      entries: { main: { outputs: { y: ops.sum(ops.correlate1d(turned, arrayLeaf(f64([2], () => 1)), 1)) } } },
    };
    expect(() => new Program(between)).toThrow(/needs 5\.7\d GiB/);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(256 * 1024 * 1024);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(256 * 1024 * 1024);
  });
});

/** Where a step reads and writes: pieces of the shared region, and places of their own. */
interface Use {
  readonly place: Node | "region";
  readonly from: number;
  readonly to: number;
  readonly write: boolean;
}

function usesOf(plan: EntryPlan, i: number): Use[] {
  const step = plan.steps[i];
  const use = (node: Node, write: boolean): Use => {
    const { bytes } = layoutOf(node.shape, node.dtype);
    const own = plan.inPlace.get(node) ?? node;
    const from = plan.nodeOffsets.get(own);
    return from === undefined
      ? { place: own, from: 0, to: bytes, write }
      : { place: "region", from, to: from + bytes, write };
  };
  const temporaries = step.arguments.flatMap((a): Use[] => {
    if (a.of !== "temporary") return [];
    const from = plan.temporaryOffsets[a.id];
    return [{ place: "region", from, to: from + 1, write: true }];
  });
  return [...step.reads.map((n) => use(n, false)), ...step.writes.map((n) => use(n, true)), ...temporaries];
}

/** A random graph whose inputs are updated with whatever has their type. */
function randomState(
  seed: number,
  images?: number,
): { inputs: Map<Node, ArrayValue>; outputs: Node[]; updates: Map<Node, Node> } {
  const { outputs, inputs } = randomGraph(seed, images);
  const type = (x: Node): string => `${x.dtype}${x.shape}`;
  const updates = new Map<Node, Node>();
  for (const buffer of inputs.keys()) {
    const values = topological(outputs).filter((x) => x !== buffer && type(x) === type(buffer));
    if (values.length > 0) updates.set(buffer, values[seed % values.length]);
  }
  return { inputs, outputs: seed % 2 === 0 ? outputs : outputs.slice(1), updates };
}

describe("programs with state, on random graphs", () => {
  it.each([
    ["", 10_000, undefined],
    [", on batches of images", 10_300, 2],
  ] as const)("agree with the interpreter, run after run%s", (_, first, images) => {
    for (let seed = first; seed < first + 300; seed++) {
      const { inputs, outputs, updates } = randomState(seed, images);
      const names = new Map([...inputs.keys()].map((node, i) => [node, `b${i}`]));
      const nameOf = (node: Node): string => names.get(node) as string;
      const spec: ProgramSpec = {
        buffers: Object.fromEntries([...names].map(([node, name]) => [name, node])),
        entries: {
          main: {
            outputs: Object.fromEntries(outputs.map((node, i) => [`o${i}`, node])),
            updates: Object.fromEntries([...updates].map(([buffer, value]) => [nameOf(buffer), value])),
          },
        },
      };
      const programs = [
        new Program(spec),
        new Program(spec, { grain: 0 }),
        new Program(spec, { threads: 2, grain: 0 }),
      ];
      let state = inputs;
      for (const program of programs) for (const [node, value] of state) program.set(nameOf(node), value);
      for (let run = 0; run < 3; run++) {
        const expected = interpret(outputs, state);
        const changed = interpret([...updates.values()], state);
        state = new Map([...state, ...[...updates.keys()].map((node, i) => [node, changed[i]] as const)]);
        for (const program of programs) {
          program.run("main");
          const where = `seed ${seed}, run ${run}, ${program.threads} threads`;
          outputs.forEach((_, i) => {
            expect(bitsOf(program.get(`main.o${i}`)), `${where}, output ${i}`).toBe(bitsOf(expected[i]));
          });
          for (const [node, value] of state) {
            expect(bitsOf(program.get(nameOf(node))), `${where}, ${nameOf(node)}`).toBe(bitsOf(value));
          }
        }
      }
    }
  });
});

describe("steps that may run side by side", () => {
  it("never write what another of them uses", () => {
    let together = 0;
    let updated = 0;
    for (let seed = 10_000; seed < 10_400; seed++) {
      const { inputs, outputs, updates } = randomState(seed);
      const computed = (x: Node): Node => (x.op.kind === "leaf" ? ops.stopGradient(x) : x);
      const kept = outputs.map(computed);
      const changed = new Map([...updates].map(([buffer, value]) => [buffer, computed(value)]));
      const all = topological([...kept, ...changed.values()]);
      const available = new Set([...inputs.keys(), ...all.filter((x) => x.op.name === "array")]);
      const plan = planEntry(kept, changed, available, { threads: 2, grain: 0 });
      updated += plan.inPlace.size;
      for (let i = 1; i < plan.steps.length; i++) {
        // Those of a chain do: they run one after the other.
        if (plan.parts[i] > 1) continue;
        for (let j = i - 1; j >= 0 && plan.groups[j] === plan.groups[i]; j--) {
          together++;
          for (const a of usesOf(plan, i)) {
            for (const b of usesOf(plan, j)) {
              const apart = a.place !== b.place || a.to <= b.from || b.to <= a.from;
              if (!apart && (a.write || b.write)) expect.fail(`seed ${seed}: steps ${j} and ${i} meet`);
            }
          }
        }
      }
    }
    // The test saw what it is about.
    expect(together).toBeGreaterThan(100);
    expect(updated).toBeGreaterThan(50);
  });
});
