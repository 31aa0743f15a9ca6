// Addresses beyond 2 GiB, which are negative where they are compared as signed numbers: every kind of kernel gives there the bits
// that it gives elsewhere, also where an array lies across that address.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { expect, it, vi } from "vitest";
import { Program, release } from "../../src/compile/program.ts";
import { inputLeaf } from "../../src/graph/build.ts";
import { definitions } from "../../src/graph/definitions.ts";
import { fourierDefinitions } from "../../src/graph/fourier.ts";
import { topological } from "../../src/graph/node.ts";
import type { ArrayValue } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

const SLOT = 256;
const GIB = 2 ** 30;

// 520 programs are compiled: a minute's work, which takes four where the machine is busy with more.
vi.setConfig({ testTimeout: 600_000 });

it("changes no bits of any kernel", () => {
  const wanted = ["reduce", "elementwise"];
  for (const [name, { kind }] of Object.entries({ ...definitions, ...fourierDefinitions }))
    if (kind === "kernel") wanted.push(name);
  const met = new Set<string>();
  for (let seed = 60_000; seed < 60_260; seed++) {
    const { inputs, outputs, operations } = randomGraph(seed);
    for (const { op } of topological(outputs)) met.add(op.kind === "kernel" ? op.name : op.kind);
    const names = new Map([...inputs.keys()].map((node, i) => [node, `b${i}`]));
    const untouched = inputLeaf([SLOT / 8], "float64");
    const expected = interpret(outputs, inputs);
    /** Behind an untouched stack, which comes first in memory. */
    const runBehind = (bytes: number): number => {
      const program = new Program(
        {
          buffers: { untouched, ...Object.fromEntries([...names].map(([node, name]) => [name, node])) },
          stacks: { first: { slots: Math.round(bytes / SLOT), windows: ["untouched"] } },
          entries: { main: { outputs: Object.fromEntries(outputs.map((node, i) => [`o${i}`, node])) } },
        },
        { threads: 1 + (seed % 2), grain: 0 },
      );
      for (const [node, name] of names) program.set(name, inputs.get(node) as ArrayValue);
      program.run("main");
      expected.forEach((value, i) => {
        const same = bitsOf(program.get(`main.o${i}`)) === bitsOf(value);
        expect(same, `seed ${seed}, behind ${bytes} bytes, output ${i}: ${operations.join(" ")}`).toBe(true);
      });
      release(program);
      return program.bytes - Math.round(bytes / SLOT) * SLOT;
    };
    const size = runBehind(2.5 * GIB);
    // Across the address, at another place of the program every time.
    runBehind(2 * GIB - ((seed % 10) + 0.5) * (size / 10));
  }
  expect(wanted.filter((name) => !met.has(name))).toEqual([]);
});
