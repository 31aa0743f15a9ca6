// Constants that an entry computes as well, of a buffer: its steps make them, to the same bits.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { Tensor } from "@plenoptic-js/tensor";
import { rfft2h } from "@plenoptic-js/tensor/engine";
import { describe, expect, it } from "vitest";
import { partsOf } from "../../src/compile/plan.ts";
import { planEntries } from "../../src/compile/plans.ts";
import { Program, type ProgramSpec } from "../../src/compile/program.ts";
import type { Rehearsal } from "../../src/compile/rehearsal.ts";
import { checkSpec } from "../../src/compile/spec.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { topological } from "../../src/graph/node.ts";
import type { ArrayValue, Node } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const SHAPE = [16, 16];

function values(seed: number, shape: readonly number[] = SHAPE): ArrayValue {
  const size = shape.reduce((n, side) => n * side, 1);
  const re = Float64Array.from({ length: size }, (_, i) => ((i * 7919 + seed) % 1009) / 997);
  return { dtype: "float64", shape, re };
}

function planned(spec: ProgramSpec, threads = 1) {
  const request = checkSpec(spec);
  const { plans, rehearsal } = planEntries(request, partsOf(request), threads, 1);
  return { steps: plans.map((plan) => plan.steps.length), rehearsal };
}

/** A graph in which other nodes stand in the place of some. */
function replaced(outputs: readonly Node[], others: ReadonlyMap<Node, Node>): Node[] {
  const copies = new Map(others);
  for (const node of topological(outputs)) {
    if (copies.has(node)) continue;
    const inputs = node.inputs.map((x) => copies.get(x) as Node);
    copies.set(node, inputs.every((x, i) => x === node.inputs[i]) ? node : { ...node, inputs });
  }
  return outputs.map((node) => copies.get(node) as Node);
}

/** Runs the entry `main`, and compares its outputs with the interpreter's. */
function expectBits(spec: ProgramSpec, given: ReadonlyMap<string, ArrayValue>, threads: number, what = ""): void {
  const program = new Program(spec, { threads, grain: 1 });
  for (const [name, leaf] of Object.entries(spec.buffers)) {
    const { re, im } = program.get(name);
    expect(
      [...re, ...(im ?? [])].every((x) => Object.is(x, 0)),
      `${what}, ${name} before: ${leaf.dtype}`,
    ).toBe(true);
  }
  for (const [name, value] of given) program.set(name, value);
  program.run("main");
  const { outputs = {} } = spec.entries.main;
  const leaves = new Map([...given].map(([name, value]) => [spec.buffers[name], value]));
  interpret(Object.values(outputs), leaves).forEach((expected, i) => {
    const name = Object.keys(outputs)[i];
    expect(bitsOf(program.get(`main.${name}`)) === bitsOf(expected), `${what}, output ${name}`).toBe(true);
  });
}

/** A model with kernels, a weight that is made first, loops and sums. */
function model(x: Node): Node {
  const weight = ops.square(WEIGHT);
  const mixed = ops.matmul(ops.mul(x, weight), x);
  return ops.sum(ops.sqrt(ops.add(ops.square(mixed), ops.full(SHAPE, 1e-6, "float64"))), [0]);
}

const WEIGHT = arrayLeaf(values(3));
const TARGET = arrayLeaf(values(5));
const SMALL = arrayLeaf(values(1, [8, 8]));

/** A distance between what a model makes of a buffer and of the target. */
function distance(x: Node, of: (image: Node) => Node = model): Node {
  return ops.sum(ops.square(ops.sub(of(x), of(TARGET))), [0]);
}

describe("what a model makes of its target", () => {
  const x = inputLeaf(SHAPE, "float64");
  const spec = (y: Node, more: ProgramSpec["buffers"] = {}): ProgramSpec => ({
    buffers: { x, ...more },
    entries: { main: { outputs: { y } } },
  });

  it.each([1, 2])("is made by the steps for the image, with %i threads", (threads) => {
    const { steps, rehearsal } = planned(spec(distance(x)), threads);
    expect(rehearsal).toMatchObject({ buffer: x, array: TARGET, entry: 0 });
    // The weight alone is planned apart.
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(0);
    expectBits(spec(distance(x)), new Map([["x", values(9)]]), threads);
  });

  it("may be made into other constants afterwards", () => {
    const weighted = (image: Node): Node => ops.mul(model(image), ops.sqrt(arrayLeaf(values(7, [16]))));
    const { steps, rehearsal } = planned(spec(distance(x, weighted)));
    expect(rehearsal?.later.size).toBe(1);
    expect(steps.at(-1)).toBe(1);
    expectBits(spec(distance(x, weighted)), new Map([["x", values(9)]]), 1);
  });

  it("is another one in a program of the same structure with another target", () => {
    for (const seed of [21, 22]) {
      const target = arrayLeaf(values(seed));
      const y = ops.sub(model(x), model(target));
      expectBits(spec(y), new Map([["x", values(9)]]), 1, `target ${seed}`);
    }
  });

  it("has all rows, where the entry reads some of the image's", () => {
    const z = inputLeaf([9, 16], "float64");
    const spectrum = (image: Node): Tensor => rfft2h(new Tensor(image)).real();
    const low = spectrum(x).slice(-2, 0, 3).square().sum();
    const y = low.add(spectrum(TARGET).mul(new Tensor(z)).sum());
    const given = new Map([
      ["x", values(9)],
      ["z", values(11, [9, 16])],
    ]);
    expectBits(spec(y.node, { z }), given, 1);
  });

  const refusals: readonly [what: string, spec: ProgramSpec][] = [
    [
      "where the image is a window of a stack",
      { ...spec(distance(x)), stacks: { images: { slots: 2, windows: ["x"] } } },
    ],
    [
      "where the target is of another size",
      spec(ops.sub(ops.sum(model(x), [0]), ops.sum(ops.matmul(SMALL, SMALL), [0, 1]))),
    ],
    ["where it takes next to nothing", spec(ops.mul(ops.sqrt(x), ops.sqrt(TARGET)))],
    [
      "where the steps for the image need it",
      spec(
        ops.sub(
          ops.matmul(ops.matmul(x, x), ops.matmul(TARGET, TARGET)),
          ops.matmul(ops.matmul(TARGET, TARGET), ops.matmul(TARGET, TARGET)),
        ),
      ),
    ],
  ];
  it.each(refusals)("is planned apart %s", (_, other) => {
    let found: Rehearsal | undefined;
    expect(() => {
      found = planned(other).rehearsal;
    }).not.toThrow();
    expect(found).toBeUndefined();
    expectBits(other, new Map([["x", values(9)]]), 1);
  });
});

it("has the interpreter's bits, of any graph", () => {
  let rehearsed = 0;
  for (let seed = 80_000; seed < 80_120; seed++) {
    const { inputs, outputs } = randomGraph(seed);
    const other = randomGraph(seed).inputs;
    if (inputs.size === 0) continue;
    const [[leaf, value]] = [...inputs].sort(([a], [b]) => b.shape.length - a.shape.length);
    const target = arrayLeaf(value);
    const constants = replaced(outputs, new Map([[leaf, target]]));
    const leaves = [...inputs.keys()];
    const buffers = Object.fromEntries(leaves.map((node, i) => [`b${i}`, node]));
    const results = [...outputs.map((node) => ops.stopGradient(node)), ...constants];
    const spec: ProgramSpec = {
      buffers,
      entries: { main: { outputs: Object.fromEntries(results.map((node, i) => [`o${i}`, node])) } },
    };
    const threads = 1 + (seed % 2);
    if (planned(spec, threads).rehearsal !== undefined) rehearsed++;
    const given = new Map([...other.values()].map((one, i) => [`b${i}`, one]));
    expectBits(spec, given, threads, `seed ${seed}`);
  }
  expect(rehearsed).toBeGreaterThan(5);
});
