// What is refused because it does not fit into memory: the images of such tests, and the message of a refusal that took nothing.

import { MemoryError, type Tensor, tensor } from "@plenoptic-js/tensor";
import { madeSoFar } from "@plenoptic-js/tensor/engine";
import { expect } from "vitest";

/** A black image. */
export const image = (
  side: number,
  dtype: "float32" | "float64" = "float64",
  batch = 1,
): Tensor<"float32" | "float64"> => {
  const size = batch * side * side;
  return tensor(dtype === "float32" ? new Float32Array(size) : new Float64Array(size), {
    shape: [batch, 1, side, side],
    dtype,
  });
};

/** The message of a refusal, which takes nothing. */
export async function refusal(x: Tensor, work: () => unknown): Promise<string> {
  const before = { programs: madeSoFar().programs, arrays: process.memoryUsage().arrayBuffers };
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(error).toBeInstanceOf(MemoryError);
  expect(madeSoFar().programs).toBe(before.programs);
  // The image is looked at, and copied once for that.
  const bytes = x.size * (x.dtype === "float64" ? 8 : 4);
  expect(process.memoryUsage().arrayBuffers - before.arrays).toBeLessThan(4 * bytes);
  return (error as MemoryError).message;
}
