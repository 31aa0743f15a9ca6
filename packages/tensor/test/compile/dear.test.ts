// Very large results that are computed again rather than stored: the same bits, in less memory.

import { afterEach, describe, expect, it } from "vitest";
import { setDear } from "../../src/compile/fuse.ts";
import { Program } from "../../src/compile/program.ts";
import { gradient, where } from "../../src/functions.ts";
import { inputLeaf } from "../../src/graph/build.ts";
import type { Node } from "../../src/ops/definition.ts";
import * as optim from "../../src/optim/index.ts";
import type { FormulaOptimizer } from "../../src/optim/optimizer.ts";
import { Tensor } from "../../src/tensor.ts";

const shape = [300, 400];

/** A step of an optimizer that is kept only where it is finite, as a synthesis takes it. */
function stepOf(optimizer: FormulaOptimizer, grain: number): Program {
  const buffers: Record<string, Node> = { image: inputLeaf(shape, "float32") };
  for (const name of optimizer.state) buffers[`state.${name}`] = inputLeaf(shape, "float32");
  for (const name of optimizer.numbers) buffers[`number.${name}`] = inputLeaf([], "float32");
  const named = (kind: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, new Tensor(buffers[`${kind}.${name}`])]));
  const image = new Tensor(buffers.image);
  const state = named("state", optimizer.state);
  const slope = gradient(image.square().square().sum(), image);
  const next = optimizer.update(image, slope, state, named("number", optimizer.numbers));
  const change = next.x.sub(image).norm();
  const finite = change.le(1e30);
  const updates: Record<string, Node> = { image: where(finite, next.x, image).node };
  for (const name of optimizer.state) updates[`state.${name}`] = where(finite, next.state[name], state[name]).node;
  return new Program({ buffers, entries: { step: { outputs: { change: change.node }, updates } } }, { grain });
}

/** `grain` only keeps it from being made of the blueprint of another. */
function resultsOf(optimizer: FormulaOptimizer, grain: number): { bits: string; bytes: number } {
  const program = stepOf(optimizer, grain);
  const re = Float32Array.from({ length: 120_000 }, (_, i) => ((i * 7919) % 251) / 250 - 0.3);
  program.set("image", { dtype: "float32", shape, re });
  for (let t = 1; t <= 3; t++) {
    optimizer.numbersAt(t, 0.01, undefined, undefined).forEach((value, i) => {
      program.setNumber(`number.${optimizer.numbers[i]}`, value);
    });
    program.run("step");
  }
  const names = ["image", ...optimizer.state.map((name) => `state.${name}`), "step.change"];
  const bits = names.map((name) => new Uint32Array(program.get(name).re.buffer).join()).join(";");
  return { bits, bytes: program.bytes };
}

describe("what an optimizer remembers, of a very large image", () => {
  afterEach(() => setDear());

  it.each([
    ["Adam", optim.Adam({ lr: 0.01, amsgrad: true }), 2],
    ["SGD with momentum", optim.SGD({ lr: 0.01, momentum: 0.9 }), 1],
  ] as const)("is computed again: %s", (_, optimizer, arrays) => {
    const stored = resultsOf(optimizer, 1000);
    setDear(0);
    const again = resultsOf(optimizer, 1001);
    expect(again.bits === stored.bits).toBe(true);
    // So many arrays less.
    expect(stored.bytes - again.bytes).toBeGreaterThanOrEqual(arrays * 4 * 120_000);
  });
});
