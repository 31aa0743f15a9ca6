// Numbers with which nothing can be said of a model at an image: those that are not finite, and those that leave the range of
// float64, upwards or downwards, when lengths of vectors are computed.

import { pushforward, tensor } from "@plenoptic-js/tensor";
import { NonFiniteError, nonFiniteWords } from "../frame/nonFinite.ts";
import type { Linearized } from "./linearized.ts";
import { norm } from "./vectors.ts";

const LOOK = "Look for a division by 0, a square root or logarithm of 0, or an overflow in the model.";

/** Refuses a representation that is not finite. */
export function refuseNonFinite({ output }: Linearized): void {
  const words = nonFiniteWords("the model's representation of the image", output);
  if (words !== null) throw new NonFiniteError(`Eigendistortion: ${words}. ${LOOK}`);
}

/** Refuses a product J^T J v that is not finite, or whose length is not. */
export function checkProduct(at: Linearized, v: Float64Array, product: Float64Array): void {
  if (!Number.isFinite(norm(product))) throw new NonFiniteError(`Eigendistortion: ${whatIsWrong(at, v, product)}`);
}

function whatIsWrong({ image, output }: Linearized, v: Float64Array, product: Float64Array): string {
  const { dtype, shape } = image;
  const seen = pushforward(output, image, tensor(v, { shape, dtype: "float64" }).cast(dtype));
  const words = nonFiniteWords("a product J v with its Jacobian J at this image", seen);
  if (words !== null) return `the model's derivative is not finite: ${words}. ${LOOK}`;
  const reached = largestOf(seen.abs().dataSync());
  const inFloat64 = dtype === "float32" ? 'Use float64 (to("float64")), or multiply' : "Multiply";
  const remedy = `${inFloat64} the model's output by about ${inverse(reached)}.`;
  const open = product.filter((x) => !Number.isFinite(x)).length;
  return open > 0
    ? `${open} of ${product.length} values of a product J^T (J v) with its Jacobian J are not finite, while J v is, with values ` +
        `up to ${reached.toExponential(0)}. It leaves the range of ${dtype}, or the derivative has a division by 0. ${remedy}`
    : tooLarge(
        `a product J^T (J v) with its Jacobian J has values up to ${largestOf(product).toExponential(0)}`,
        remedy,
      );
}

const tooLarge = (what: string, remedy: string): string =>
  `${what}, whose squares leave the range of float64, so that no length can be computed. ${remedy}`;

/** Refuses a Jacobian of which J^T J has entries that cannot be squared. */
export function checkJacobianSize(data: ArrayLike<number>): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * data[i];
  const largest = largestOf(data);
  const remedy = `Multiply the model's output by about ${inverse(largest)}.`;
  if (!Number.isFinite(sum * sum)) {
    const what = `the entries of the model's Jacobian J go up to ${largest.toExponential(0)}, and those of J^T J have sizes`;
    throw new NonFiniteError(`Eigendistortion: ${tooLarge(what, remedy)}`);
  }
  checkNotTiny(sum, largest > 0);
}

/** Below this the square of a number has lost digits, or is 0. */
const TINY = 1e-140;

/**
 * Refuses results of which nothing is known because squares underflow.
 *
 * @param reached the largest number of any product
 * @param isSeen whether there is any
 */
export function checkNotTiny(reached: number, isSeen = reached > 0): void {
  if (!isSeen || reached >= TINY) return;
  throw new NonFiniteError(
    `Eigendistortion: the values of J^T J, with the model's Jacobian J, go up to ${reached.toExponential(0)} only, and their ` +
      "squares are 0 in float64, so that no length can be computed. Multiply the model's output by a large number, such as 1e90.",
  );
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/** The power of ten that brings a number near 1. */
const inverse = (x: number): string => `1e${-Number(x.toExponential().split("e")[1])}`;
