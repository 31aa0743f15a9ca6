// Large constants: once in WebAssembly memory and once in JavaScript, however many programs have them, and nowhere when these are no
// more. No bit depends on it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { afterEach, describe, expect, it } from "vitest";
import { madeSoFar } from "../../src/compile/counts.ts";
import { type EntrySpec, Program, type ProgramSpec } from "../../src/compile/program.ts";
import { evaluateSync } from "../../src/evaluate.ts";
import { gradient } from "../../src/functions.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { definitions } from "../../src/graph/definitions.ts";
import { fourierDefinitions } from "../../src/graph/fourier.ts";
import { topological } from "../../src/graph/node.ts";
import { type ArrayValue, type Node, type Shape, sizeOf } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { Tensor } from "../../src/tensor.ts";
import { setMemories } from "../../src/wasm/memory/data.ts";
import { MemoryPool, type PoolOptions } from "../../src/wasm/memory/pool.ts";

const MB = 1_000_000;
const THREADS = [
  { threads: 1, grain: 0 },
  { threads: 2, grain: 0 },
] as const;

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

function usePool(options: PoolOptions = {}): MemoryPool {
  const pool = new MemoryPool(options);
  setMemories(pool);
  return pool;
}

afterEach(() => {
  setMemories();
});

function f32(shape: Shape, seed: number): ArrayValue {
  const re = new Float32Array(sizeOf(shape));
  for (let i = 0; i < re.length; i++) re[i] = ((i * 7919 + seed * 104729) % 1009) / 1009 - 0.3;
  return { dtype: "float32", shape, re };
}

/** Layers x -> x W / rows, of so many rows and columns, whose weights are kept by the nodes alone. */
function weights(layers: number, side: number, seed = 0): Node[] {
  return Array.from({ length: layers }, (_, i) => arrayLeaf(f32([side, side], seed + i)));
}

const forward = (x: Node, layers: readonly Node[]): Node =>
  layers.reduce((y, w) => ops.mul(ops.matmul(y, w), ops.full([1, w.shape[1]], 1 / 128, "float32")), x);

/** The same backwards, with weights that are turned first: constants that are made of constants. */
const backward = (x: Node, layers: readonly Node[]): Node =>
  [...layers]
    .reverse()
    .reduce(
      (y, w) =>
        ops.mul(ops.matmul(y, ops.flip(ops.permute(w, [1, 0]), [0])), ops.full([1, w.shape[0]], 0.5, "float32")),
      x,
    );

/** A program of a state that every run changes, and of an output. */
function program(
  layers: readonly Node[],
  make: (x: Node, layers: readonly Node[]) => Node,
  options: { threads: number; grain: number; shelf?: number; more?: number },
): Program {
  const x = inputLeaf([1, layers[0].shape[0]], "float32");
  const y = make(x, layers);
  const main: EntrySpec = { outputs: { sum: ops.sum(y) }, updates: { x: y } };
  const more = options.more ?? 0;
  const spec: ProgramSpec =
    more === 0
      ? { buffers: { x }, entries: { main } }
      : { buffers: { x, s: inputLeaf([more / 4], "float32") }, entries: { main } };
  const { threads, grain, shelf } = options;
  const made = new Program(spec, { threads, grain, ...(shelf !== undefined && { shelf }) });
  made.set("x", f32([1, layers[0].shape[0]], 5));
  return made;
}

const stateOf = (p: Program): string => `${bitsOf(p.get("x"))} ${p.getNumber("main.sum")}`;

const RUNS = 3;

/** What a program computes where there is no other. */
function alone(make: () => Program): string[] {
  usePool();
  return inTurn([make()])[0];
}

async function collected(done: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !done(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
}

/** Has programs take turns, and gives what each computes in its runs. */
function inTurn(programs: readonly Program[]): string[][] {
  const seen = programs.map((): string[] => []);
  for (let turn = 0; turn < RUNS; turn++) {
    programs.forEach((p, i) => {
      p.run("main");
      seen[i].push(stateOf(p));
    });
  }
  return seen;
}

describe.each(THREADS)("four programs over 200 MB, $threads threads", ({ threads, grain }) => {
  it("have them once in WebAssembly memory and once in JavaScript, to the bits that each has alone", async () => {
    const pool = usePool();
    gc();
    const before = process.memoryUsage().arrayBuffers;
    const used = (): number => process.memoryUsage().arrayBuffers - before;
    // 8 matrices of 25 MB.
    const held = { layers: weights(8, 2500), programs: [] as Program[] };
    const options = { threads, grain };
    const kinds: ((layers: Node[]) => Program)[] = [
      (layers) => program(layers, forward, options),
      (layers) => program(layers, (x, l) => ops.add(forward(x, l), x), options),
      (layers) => program(layers.slice(2), forward, options),
      (layers) => program([...layers].reverse(), forward, { ...options, more: 3 * MB }),
    ];
    held.programs = kinds.map((make) => make(held.layers));
    expect(held.programs.map((p) => p.threads)).toEqual(kinds.map(() => threads));
    const seen = inTurn(held.programs);
    expect([pool.size, pool.made]).toEqual([1, 1]);
    expect(pool.bytes).toBeGreaterThan(200 * MB);
    expect(pool.bytes).toBeLessThan(208 * MB);
    // The weights, and an array that nobody touches and that stands in for the shared memory.
    const most = 200 * MB + pool.bytes + 10 * MB;
    await collected(() => used() < most);
    expect(used()).toBeLessThan(most);

    expect(seen).toEqual(kinds.map((make) => alone(() => make(held.layers))));
    held.programs = [];
    await collected(() => pool.size === 0);
    expect([pool.size, pool.bytes]).toEqual([0, 0]);
    held.layers = [];
    await collected(() => used() < 10 * MB);
    expect(used()).toBeLessThan(10 * MB);
  });
});

describe.each(THREADS)("a program with constants on a shelf, $threads threads", ({ threads, grain }) => {
  it("has the interpreter's bits, of any graph, in turn with another, whatever was in the memory", () => {
    const wanted = ["reduce", "elementwise"];
    for (const [name, { kind }] of Object.entries({ ...definitions, ...fourierDefinitions }))
      if (kind === "kernel") wanted.push(name);
    const met = new Set<string>();
    let shared = 0;
    for (let seed = 80_000; seed < 81_000; seed++) {
      // A new memory, full of NaN, for every pair.
      const pool = usePool({
        make: (descriptor) => {
          const memory = new WebAssembly.Memory(descriptor);
          new Uint8Array(memory.buffer).fill(255);
          return memory;
        },
      });
      const { inputs, outputs } = randomGraph(seed);
      // All inputs but one become arrays.
      const copies = new Map<Node, Node>();
      [...inputs].forEach(([node, value], i) => {
        if (i !== seed % inputs.size) copies.set(node, arrayLeaf(value));
      });
      for (const node of topological(outputs)) {
        if (copies.has(node)) continue;
        const changed = node.inputs.some((x) => copies.get(x) !== x);
        copies.set(node, changed ? { ...node, inputs: node.inputs.map((x) => copies.get(x) as Node) } : node);
      }
      const results = outputs.map((node) => copies.get(node) as Node);
      const given = new Map([...inputs].filter(([node]) => copies.get(node) === node));
      const expected = interpret(results, given).map(bitsOf);
      const names = new Map([...given.keys()].map((node, i) => [node, `b${i}`]));
      const buffers = Object.fromEntries([...names].map(([node, name]) => [name, node]));
      const entries = { main: { outputs: Object.fromEntries(results.map((node, i) => [`o${i}`, node])) } };
      // More data in front of the constants, so that these move.
      const front = inputLeaf([40_000], "float64");
      const first = new Program({ buffers, entries }, { threads, grain, shelf: 0 });
      if (first.ownBytes === first.bytes) continue;
      const pair = [first, new Program({ buffers: { front, ...buffers }, entries }, { threads, grain, shelf: 0 })];
      expect(pool.size).toBe(1);
      shared++;
      for (const { op } of topological(outputs)) met.add(op.kind === "kernel" ? op.name : op.kind);
      for (let turn = 0; turn < 2; turn++) {
        for (const each of pair) {
          for (const [node, name] of names) each.set(name, given.get(node) as ArrayValue);
          each.run("main");
          const seen = expected.map((_, i) => bitsOf(each.get(`main.o${i}`)));
          expect(seen, `seed ${seed}, turn ${turn}`).toEqual(expected);
        }
      }
    }
    expect(wanted.filter((name) => !met.has(name))).toEqual([]);
    expect(shared).toBeGreaterThan(80);
  });

  it("has what constants are made of made once", () => {
    const pool = usePool();
    const layers = weights(4, 1024);
    const make = (n: number): Program => program(layers.slice(n), backward, { threads, grain });
    const first = make(0);
    // The matrices alone, turned: those that they are made of pass through the first program's region.
    const bytes = pool.bytes;
    expect(first.bytes).toBeGreaterThan(4 * 4 * 1024 * 1024);
    const others = [make(0), make(0)];
    expect([pool.size, pool.bytes]).toEqual([1, bytes]);
    const seen = inTurn([first, ...others]);
    expect([pool.size, pool.bytes]).toEqual([1, bytes]);
    const expected = alone(() => make(0));
    expect(seen).toEqual([expected, expected, expected]);
  });

  it("comes back to the same bits after its constants were set aside too", async () => {
    const pool = usePool({ most: 1 });
    const held = { layers: weights(4, 1024) };
    const both = (x: Node, l: readonly Node[]): Node => backward(forward(x, l), l);
    const expected = alone(() => program(held.layers, both, { threads, grain }));
    setMemories(pool);
    const programs = [0, 1].map(() => program(held.layers, both, { threads, grain }));
    const source = new WeakRef(held.layers[0].value as ArrayValue);
    const other = weights(5, 1024, 100);
    const seen = programs.map((): string[] => []);
    for (let turn = 0; turn < RUNS; turn++) {
      programs.forEach((p, i) => {
        p.run("main");
        seen[i].push(stateOf(p));
      });
      // Someone else's constants, in the only memory there may be.
      const before = pool.evictions;
      program(other, forward, { threads, grain });
      expect([pool.size, pool.evictions - before]).toEqual([1, 1]);
      // From now on they are nowhere else.
      held.layers = [];
      await collected(() => source.deref() === undefined);
      expect(source.deref()).toBe(undefined);
    }
    expect(seen).toEqual([expected, expected]);
  });
});

describe("a shelf", () => {
  const options = { threads: 1, grain: 0 };
  const four = (seed: number): Node[] => weights(4, 1024, seed);

  it("takes in another where a program has constants of both", () => {
    const pool = usePool();
    const [a, b] = [four(0), four(10)];
    const programs = [a, b].map((layers) => program(layers, forward, options));
    expect([pool.size, pool.made]).toEqual([2, 2]);
    programs.push(program([...a, ...b], forward, options));
    expect(pool.size).toBe(1);
    const bytes = pool.bytes;
    const seen = inTurn(programs);
    expect([pool.size, pool.bytes]).toEqual([1, bytes]);
    expect(seen).toEqual([a, b, [...a, ...b]].map((layers) => alone(() => program(layers, forward, options))));
  });

  it("goes to another memory where its own cannot grow", () => {
    const pool = usePool({ make: (d) => new WebAssembly.Memory({ ...d, maximum: d.initial + 20 }) });
    const layers = four(0);
    const makes = [
      () => program(layers, forward, options),
      () => program(layers, backward, options),
      () => program(layers, forward, { ...options, more: 8 * MB }),
    ];
    const programs = makes.map((make) => make());
    const seen = inTurn(programs);
    // Those that are turned lie in another, and know nothing of what they are made of.
    expect(pool.size).toBe(2);
    expect(pool.made).toBeGreaterThan(2);
    expect(seen).toEqual(makes.map((make) => alone(make)));
  });

  it("is in front of nothing of whoever was collected", async () => {
    const pool = usePool();
    const layers = four(0);
    const held = { programs: [0, 1].map(() => program(layers, forward, { ...options, more: MB })) };
    const seen = inTurn(held.programs);
    const gone = new WeakRef(held.programs[1]);
    held.programs = [held.programs[0]];
    await collected(() => gone.deref() === undefined);
    // The one that had the memory.
    expect([gone.deref(), pool.size]).toEqual([undefined, 1]);
    const x = inputLeaf([1, 1024], "float32");
    const s = inputLeaf([MB / 4], "float32");
    const fresh = new Program({ buffers: { x, s }, entries: { main: { outputs: { y: forward(x, layers) } } } });
    for (const name of ["x", "s"]) expect(fresh.get(name).re.every((value) => value === 0)).toBe(true);
    fresh.run("main");
    expect(fresh.get("main.y").re.every((value) => value === 0)).toBe(true);
    const again = program(layers, forward, { ...options, more: MB });
    expect(inTurn([again])).toEqual([seen[0]]);
    expect([pool.size, pool.made]).toEqual([1, 1]);
  });

  it("has room again for what is no more", async () => {
    const pool = usePool();
    const layers = four(0);
    const kept = program(layers, forward, options);
    let bytes = 0;
    for (let i = 0; i < 4; i++) {
      const held = { more: program([...layers, ...weights(2, 1024, 100 + 2 * i)], forward, options) };
      const gone = new WeakRef(held.more);
      bytes = Math.max(bytes, i === 0 ? pool.bytes : 0);
      expect(pool.bytes, `${i}`).toBe(bytes);
      held.more = kept;
      await collected(() => gone.deref() === undefined);
      // Who was collected is heard of in a later turn.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(pool.size).toBe(1);
  });
});

describe("evaluation of tensors in hand", () => {
  const layersOf = (layers: readonly Node[]): Tensor[] => layers.map((node) => new Tensor(node));
  const images = [1, 2, 3].map((seed) => new Tensor(arrayLeaf(f32([2, 1, 1024], seed))));
  const network = (image: Tensor, layers: readonly Tensor[]): Tensor =>
    layers.reduce((x, w) => x.matmul(w).div(128).relu(), image.reshape([2, 1024]));

  const check = ({ node }: Tensor): void => {
    expect(bitsOf(evaluateSync([node])[0])).toBe(bitsOf(interpret([node])[0]));
  };

  it("has large weights where programs have them, one program for all images, and the interpreter's bits", async () => {
    const pool = usePool();
    const held = { weights: weights(4, 1024), programs: [] as Program[] };
    const programs = madeSoFar().programs;
    for (const image of images) check(network(image, layersOf(held.weights)));
    expect(madeSoFar().programs - programs).toBe(1);
    const bytes = pool.bytes;
    expect(bytes).toBeLessThan(4 * 1024 * 1040 * 4 + MB);
    held.programs = [program(held.weights, forward, { threads: 2, grain: 0 })];
    expect([pool.size, pool.made]).toEqual([1, 1]);
    // The gradient reads them as they are.
    check(gradient(network(images[0], layersOf(held.weights)).sum(), images[0]));
    expect(pool.size).toBe(1);
    expect(pool.bytes).toBeLessThan(bytes + MB);
    // Evaluation keeps no weights that nobody has.
    held.weights = [];
    held.programs = [];
    await collected(() => pool.size === 0);
    expect(pool.size).toBe(0);
  });

  it("takes other weights of the same shapes with another program, and the same compiled one", () => {
    usePool();
    const all = [weights(4, 1024, 50), weights(4, 1024, 60)];
    const before = madeSoFar();
    for (const layers of [...all, ...all]) check(network(images[0], layersOf(layers)));
    const after = madeSoFar();
    expect(after.programs - before.programs).toBe(2);
    expect(after.compiled - before.compiled).toBeLessThan(2);
  });

  it("takes small weights, and other large arrays, as data", () => {
    usePool();
    const before = madeSoFar();
    for (const seed of [1, 2]) {
      const large = new Tensor(arrayLeaf(f32([2048, 2100], seed)));
      large
        .mul(large.flip([0]))
        .sum()
        .dataSync();
      network(images[0], layersOf(weights(2, 1024, seed))).dataSync();
    }
    expect(madeSoFar().programs - before.programs).toBe(2);
  });
});
