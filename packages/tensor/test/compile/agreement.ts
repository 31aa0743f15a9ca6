// Whether interpreter and compiled program agree bit for bit on random graphs, on one thread and on two.

import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { expect } from "vitest";
import { Program } from "../../src/compile/program.ts";
import type { ArrayValue } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";

/** Programs made before they run on two threads, so that the helper thread has opened them by then: as many as have a memory. */
const AHEAD = 8;
/** Runs of a program in which the helper has not caught a piece of work. */
const TRIES = 20;

interface Case {
  readonly seed: number;
  readonly operations: readonly string[];
  readonly expected: readonly string[];
  readonly alone: Program;
  /** Whatever can be is a chain. */
  readonly chained: Program;
  /** Its steps are cut into single units, so that as many as possible are shared. */
  readonly shared: Program;
  /** Nothing outlives a run, alone and shared. */
  readonly passing: readonly Program[];
  readonly given: Readonly<Record<string, ArrayValue>>;
}

function makeCase(seed: number, images?: number): Case {
  const { outputs, inputs, operations } = randomGraph(seed, images);
  const names = new Map([...inputs.keys()].map((node, i) => [node, `b${i}`]));
  const spec = {
    buffers: Object.fromEntries([...names].map(([node, name]) => [name, node])),
    entries: { main: { outputs: Object.fromEntries(outputs.map((node, i) => [`o${i}`, node])) } },
  };
  const alone = new Program(spec);
  const chained = new Program(spec, { grain: 0 });
  const shared = new Program(spec, { threads: 2, grain: 0 });
  for (const program of [alone, chained, shared]) {
    for (const [node, name] of names) program.set(name, inputs.get(node)!);
  }
  const given = Object.fromEntries([...names].map(([node, name]) => [name, inputs.get(node)!]));
  const passing = [{}, { grain: 0 }, { threads: 2, grain: 0 }].map(
    (options) => new Program({ ...spec, isPassing: true }, options),
  );
  return { seed, operations, expected: interpret(outputs, inputs).map(bitsOf), alone, chained, shared, passing, given };
}

function check({ seed, operations, expected }: Case, program: Program, given?: Case["given"]): void {
  program.run("main", given);
  expected.forEach((bits, i) => {
    const got = bitsOf(program.get(`main.o${i}`));
    if (got !== bits) {
      expect.fail(
        `seed ${seed}, ${program.threads} threads, output ${i}: ${operations.join(" ")}\n` +
          `expected ${bits.slice(0, 200)}\ngot      ${got.slice(0, 200)}`,
      );
    }
  });
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Checks the random graphs of `count` seeds; of batches of so many images, if they are given. */
export async function checkAgreement(start: number, count: number, images?: number): Promise<void> {
  let helped = 0;
  for (let first = start; first < start + count; first += AHEAD) {
    const cases = Array.from({ length: Math.min(AHEAD, start + count - first) }, (_, i) => makeCase(first + i, images));
    await pause();
    for (const each of cases) {
      check(each, each.alone);
      check(each, each.chained);
      for (const program of each.passing) for (let k = 0; k < 2; k++) check(each, program, each.given);
      for (let k = 0; k < 2 || (k < TRIES && each.shared.threads > 1 && each.shared.helped === 0); k++) {
        check(each, each.shared);
      }
      if (each.shared.helped > 0) helped++;
    }
  }
  // The helper did its part.
  expect(helped).toBeGreaterThan(0);
}
