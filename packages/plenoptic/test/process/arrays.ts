// Images and comparisons for the tests of the process functions.

import { expect } from "vitest";
import * as po from "../../src/index.ts";

type Float = "float32" | "float64";

/** Values between -1 and 1 without any pattern: those of a multiplicative congruential generator. */
export function signed(shape: readonly number[], dtype: Float = "float64", salt = 0): po.Tensor {
  let state = 1 + salt;
  const next = (): number => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
  for (let i = 0; i < 10; i++) next();
  const n = shape.reduce((a, b) => a * b, 1);
  return po.tensor(Float64Array.from({ length: n }, next), { shape, dtype });
}

export async function dot(a: po.Tensor, b: po.Tensor): Promise<number> {
  return a.mul(b).sum().item();
}

export async function largestDifference(a: po.Tensor, b: po.Tensor): Promise<number> {
  expect(a.shape).toEqual(b.shape);
  return (a.sub(b).abs().max() as po.Tensor).item();
}

/** <A x, y> = <x, A' y>, A' y being the gradient. */
export async function expectAdjoint(f: (x: po.Tensor) => po.Tensor, shape: readonly number[]): Promise<void> {
  const x = signed(shape);
  const result = f(x);
  const y = signed(result.shape, "float64", 5);
  const one = await dot(result, y);
  const other = await dot(x, po.gradient(result, x, { cotangent: y }));
  expect(Math.abs(one - other)).toBeLessThan(1e-12 * Math.max(1, Math.abs(one)));
}

/** The gradient of a weighted sum of all results, at some elements, against central differences. */
export async function expectGradient(
  f: (x: po.Tensor) => readonly po.Tensor[],
  x: po.Tensor,
  places: readonly number[],
  tolerance: number,
): Promise<void> {
  const objective = (at: po.Tensor): po.Tensor =>
    f(at)
      .map((part, i) => part.mul(signed(part.shape, "float64", i + 1)).sum())
      .reduce((a, b) => a.add(b));
  const slopes = await po.gradient(objective(x), x).data();
  const values = await x.data();
  const moved = async (place: number, step: number): Promise<number> => {
    const copy = Float64Array.from(values);
    copy[place] += step;
    return objective(po.tensor(copy, { shape: x.shape, dtype: "float64" })).item();
  };
  for (const place of places) {
    const difference = ((await moved(place, 1e-6)) - (await moved(place, -1e-6))) / 2e-6;
    expect(Math.abs(difference - slopes[place])).toBeLessThan(tolerance * Math.max(1, Math.abs(slopes[place])));
  }
}

/** A batch of two images gives the bits that each of them gives alone. */
export async function expectBatchBits(
  f: (x: po.Tensor) => readonly po.Tensor[],
  shape: readonly number[],
): Promise<void> {
  for (const dtype of ["float32", "float64"] as const) {
    const images = [signed([1, ...shape], dtype, 2), signed([1, ...shape], dtype, 3)];
    const together = f(po.concat(images));
    for (const [i, image] of images.entries()) {
      for (const [k, alone] of f(image).entries()) {
        expect(await together[k].slice(0, i, i + 1).data()).toEqual(await alone.data());
      }
    }
  }
}
