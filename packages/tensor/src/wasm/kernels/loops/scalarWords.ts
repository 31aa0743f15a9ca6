// Scalar expressions as words that are equal exactly for equal expressions, to share kernels.

import { inOrder } from "../../../math/order.ts";
import type { Scalar, ScalarOp, ScalarType } from "../../../math/scalar.ts";
import type { Words } from "../../words.ts";

const types: readonly ScalarType[] = ["f32", "f64", "i32", "i64", "bool"];

/** A number for every operation that was met. */
const operations = new Map<ScalarOp, number>();

function numberOf(op: ScalarOp): number {
  let number = operations.get(op);
  if (number === undefined) {
    number = operations.size;
    operations.set(op, number);
  }
  return number;
}

function writeValue(words: Words, value: number | bigint): void {
  if (typeof value === "number") {
    words.number(value);
    return;
  }
  words.push(Number(BigInt.asIntN(32, value)));
  words.push(Number(BigInt.asIntN(32, value >> 32n)));
}

export function writeScalars(words: Words, outputs: readonly Scalar[]): void {
  const number = new Map<Scalar, number>();
  for (const node of inOrder(outputs)) {
    number.set(node, number.size);
    const { op, type, args } = node;
    words.push(8 * numberOf(op) + types.indexOf(type));
    // The amount of a shift, too, is no argument.
    if (args.length < 2) writeValue(words, node.value);
    for (const a of args) words.push(number.get(a) as number);
  }
  words.push(number.size);
  for (const s of outputs) words.push(number.get(s) as number);
}
