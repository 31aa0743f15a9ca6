// The interpreter and the compiled program agree bit for bit on random graphs.

import { describe, expect, it } from "vitest";
import { Program } from "../../src/compile/program.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { bitsOf } from "../wasm/harness.ts";
import { randomGraph } from "./randomGraph.ts";

const GRAPHS = 2000;
const BATCH = 250;

function check(seed: number): void {
  const { outputs, inputs, operations } = randomGraph(seed);
  const expected = interpret(outputs, inputs);
  const names = new Map([...inputs.keys()].map((node, i) => [node, `b${i}`]));
  const program = new Program({
    buffers: Object.fromEntries([...names].map(([node, name]) => [name, node])),
    entries: { main: { outputs: Object.fromEntries(outputs.map((node, i) => [`o${i}`, node])) } },
  });
  for (const [node, name] of names) program.set(name, inputs.get(node)!);
  program.run("main");
  outputs.forEach((_, i) => {
    const got = program.get(`main.o${i}`);
    if (bitsOf(got) !== bitsOf(expected[i])) {
      expect.fail(
        `seed ${seed}, output ${i}: ${operations.join(" ")}\nexpected ${expected[i].re.slice(0, 12)}\ngot      ${got.re.slice(0, 12)}`,
      );
    }
  });
}

describe("interpreter = compiled program, bit for bit", () => {
  for (let start = 0; start < GRAPHS; start += BATCH) {
    it(`on random graphs ${start} to ${start + BATCH - 1}`, () => {
      for (let seed = start; seed < start + BATCH; seed++) check(seed);
    });
  }
});
