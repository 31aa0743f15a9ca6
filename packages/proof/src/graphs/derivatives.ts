// Checks of derivatives for functions that are linear in each of their operands. For those no finite differences are
// needed: first and second derivatives are values of the function itself, and the reverse mode must be the adjoint.

import { expect } from "vitest";
import { arrayLeaf, inputLeaf, ops } from "../../../tensor/src/graph/build.ts";
import { gradient } from "../../../tensor/src/graph/gradient.ts";
import { pushforward } from "../../../tensor/src/graph/pushforward.ts";
import type { ArrayValue, Node } from "../../../tensor/src/ops/definition.ts";
import { interpret } from "../../../tensor/src/reference/interpret.ts";
import { type Draw, inner, randomArray } from "./arrays.ts";

const TOLERANCE = 1e-12;

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(TOLERANCE * Math.max(1, Math.abs(expected)));
}

/** `f` of up to two operands, linear in each; operands are double precision of the given shapes and dtypes. */
export function checkMultilinear(
  draw: Draw,
  operands: readonly Pick<Node, "shape" | "dtype">[],
  f: (...x: Node[]) => Node,
): void {
  const leaves = operands.map((x) => inputLeaf(x.shape, x.dtype));
  const fresh = (): ArrayValue[] => operands.map((x) => randomArray(draw, x.shape, x.dtype));
  const at = fresh();
  const data = new Map(leaves.map((leaf, i) => [leaf, at[i]]));
  const value = (...x: ArrayValue[]): ArrayValue => interpret([f(...x.map(arrayLeaf))])[0];
  const y = f(...leaves);
  const weight = randomArray(draw, y.shape, y.dtype);

  // Forward: d f(x, t) = f(dx, t) + f(x, dt).
  const u = fresh();
  const [forward] = interpret(pushforward(ops, [y], leaves, u.map(arrayLeaf)), data);
  let expected = 0;
  u.forEach((_, i) => {
    expected += inner(value(...at.map((x, k) => (k === i ? u[k] : x))), weight);
  });
  expectClose(inner(forward, weight), expected);

  // Reverse: the adjoint of forward.
  const gradients = gradient(ops, y, leaves, arrayLeaf(weight));
  gradients.forEach((g, i) => {
    expect([g.shape, g.dtype]).toEqual([operands[i].shape, operands[i].dtype]);
  });
  const reverse = interpret(gradients, data);
  expectClose(
    reverse.reduce((sum, g, i) => sum + inner(g, u[i]), 0),
    expected,
  );

  // Second: the derivative of the gradient in direction u, along v, is f(u0, v1) + f(v0, u1).
  const v = fresh();
  const second = operands.length === 2 ? inner(value(u[0], v[1]), weight) + inner(value(v[0], u[1]), weight) : 0;
  const forwardOverReverse = interpret(pushforward(ops, gradients, leaves, u.map(arrayLeaf)), data);
  expectClose(
    forwardOverReverse.reduce((sum, h, i) => sum + inner(h, v[i]), 0),
    second,
  );
  let reverseOverReverse = 0;
  gradients.forEach((g, i) => {
    const rows = interpret(gradient(ops, g, leaves, arrayLeaf(u[i])), data);
    rows.forEach((h, k) => {
      reverseOverReverse += inner(h, v[k]);
    });
  });
  expectClose(reverseOverReverse, second);
}
