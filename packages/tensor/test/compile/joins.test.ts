// What loops share: one loop instead of two around a kernel, and values computed again instead of kept in memory.

import { expect, it } from "vitest";
import { planEntry } from "../../src/compile/plan.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import type { Node } from "../../src/ops/definition.ts";

const x = inputLeaf([64, 64], "float64");
const y = inputLeaf([64, 64], "float64");

/** The loops of an entry, by what they read and write. */
function loopsOf(output: Node): { reads: readonly Node[]; writes: readonly Node[] }[] {
  const { steps } = planEntry([output], new Map(), new Set([x, y]));
  return steps.filter(({ kernel }) => kernel.key.startsWith("loop"));
}

it("a loop joins the one that first reads it, though a kernel was between them", () => {
  const first = ops.exp(ops.matmul(x, y));
  const second = ops.matmul(y, x);
  const output = ops.add(ops.mul(first, second), first);
  expect(loopsOf(output).map(({ writes }) => writes)).toEqual([[output]]);
});

it("a loop that is read at other places stays by itself", () => {
  const first = ops.exp(ops.matmul(x, y));
  const output = ops.add(ops.add(ops.matmul(y, x), ops.permute(first, [1, 0])), first);
  expect(loopsOf(output)).toHaveLength(2);
});

it("what takes few operations on what a loop reads anyway is computed again", () => {
  const product = ops.matmul(x, y);
  const power = ops.add(ops.square(product), ops.square(x));
  const mean = ops.broadcastTo(ops.sum(power, [0, 1]), [64, 64]);
  const loops = loopsOf(ops.mul(ops.sub(power, mean), ops.add(product, x)));
  expect(loops.flatMap(({ writes }) => writes)).not.toContain(power);
  expect(loops.at(-1)?.reads).toEqual(expect.arrayContaining([product, x]));
});

it("what takes long is not, nor what would take more arrays than it is", () => {
  const product = ops.matmul(x, y);
  const root = ops.sqrt(ops.add(ops.square(product), ops.square(x)));
  const mean = ops.broadcastTo(ops.sum(root, [0, 1]), [64, 64]);
  expect(loopsOf(ops.mul(ops.sub(root, mean), ops.add(product, x))).flatMap(({ writes }) => writes)).toContain(root);
  const sum = ops.add(product, x);
  const other = ops.broadcastTo(ops.sum(sum, [0, 1]), [64, 64]);
  expect(loopsOf(ops.sub(sum, other)).flatMap(({ writes }) => writes)).toContain(sum);
});
