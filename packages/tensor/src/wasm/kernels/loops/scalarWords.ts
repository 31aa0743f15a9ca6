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

/** `order` has all nodes under the outputs, operands first. */
export function writeScalars(words: Words, outputs: readonly Scalar[], order = inOrder(outputs)): void {
  const number = new Map<Scalar, number>();
  // By index: in code that is run for the first time, walking makes garbage.
  for (let i = 0; i < order.length; i++) {
    number.set(order[i], i);
    const { op, type, args, value } = order[i];
    words.push(8 * numberOf(op) + types.indexOf(type));
    // The amount of a shift, too, is no argument.
    if (args.length < 2) writeValue(words, value);
    for (let k = 0; k < args.length; k++) words.push(number.get(args[k]) as number);
  }
  words.push(order.length);
  for (const s of outputs) words.push(number.get(s) as number);
}
