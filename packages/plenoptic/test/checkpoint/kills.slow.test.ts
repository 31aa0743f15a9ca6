// Fifty processes that are killed at times drawn from a fixed seed, and one at each stage of writing, over all methods and optimizers: each
// goes on, and in the end all bits are those of a run that nobody killed.

import { describe, expect, test } from "vitest";
import { type Kill, killAndGoOn } from "./killing.ts";
import { METHODS, OPTIMIZERS, type Scenario, STAGES } from "./scenario.ts";

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const draw = draws(20);
const below = (n: number): number => Math.floor(draw() * n);

/** Every method in turn, and every optimizer in turn. */
function scenarioOf(i: number): Scenario {
  const method = METHODS[i % METHODS.length];
  const isConstrained = method.endsWith("constrained");
  const optimizer = isConstrained ? null : OPTIMIZERS[i % OPTIMIZERS.length];
  // Long enough that a process is killed in the middle of it.
  return { method, optimizer, steps: optimizer === "LBFGS" ? 60 : isConstrained ? 40 : 400, every: 1 + below(3) };
}

describe.skipIf(process.platform === "win32")("50 kills", () => {
  const runs = Array.from({ length: 25 }, (_, i) => {
    const kills: Kill[] = Array.from({ length: 2 }, () => ({ milliseconds: Math.floor(1500 * draw() ** 2) }));
    return [scenarioOf(i), kills] as const;
  });
  test.each(runs)("%j %j", async (scenario, kills) => {
    const kept = await killAndGoOn(scenario, kills);
    console.log(JSON.stringify({ ...scenario, kills, kept }));
  });

  test("every method and every optimizer is among them", () => {
    expect(new Set(runs.map(([{ method }]) => method)).size).toBe(METHODS.length);
    const used = new Set(runs.map(([{ optimizer }]) => optimizer));
    expect(OPTIMIZERS.filter((name) => !used.has(name))).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("a kill at each stage of writing", () => {
  const all = METHODS.flatMap((method, i) => {
    const optimizer = method.endsWith("constrained") ? null : i % 2 === 0 ? "Adam" : "LBFGS";
    return STAGES.map((stage) => [{ method, optimizer, steps: 9, every: 2 }, stage] as const);
  });
  test.each(all)("%j, %s", async (scenario, stage) => {
    const kept = await killAndGoOn(scenario, [{ dies: { stage, file: 2 } }]);
    expect(kept).toEqual([stage === "after rename" ? 4 : 2]);
  });
});
