// The global generators and the seed they share. The tests run in order: the first one sees the untouched start.

import { expect, it } from "vitest";
import { defaultGenerator, globalNumpy, NumpyRandomState, setSeed, TorchGenerator } from "../../src/random/index.ts";

it("starts at fixed seeds", () => {
  expect(defaultGenerator().getState()).toEqual(new TorchGenerator().getState());
  expect(globalNumpy().getState()).toEqual(new NumpyRandomState(0).getState());
});

it.each([0, 1, 4294967295, 12n])("seeds both with %s", (seed) => {
  defaultGenerator().randn(1);
  globalNumpy().randn(1);
  setSeed(seed);
  expect(defaultGenerator().getState()).toEqual(new TorchGenerator(seed).getState());
  expect(globalNumpy().getState()).toEqual(new NumpyRandomState(seed).getState());
});

it.each([null, undefined])("does nothing for %s", (seed) => {
  setSeed(3);
  defaultGenerator().randn(1);
  globalNumpy().randn(1);
  const before = [defaultGenerator().getState(), globalNumpy().getState()];
  setSeed(seed);
  setSeed();
  expect([defaultGenerator().getState(), globalNumpy().getState()]).toEqual(before);
});

it.each([-1, 4294967296, 1.5, NaN, -1n, 2n ** 32n])("refuses %s and leaves both as they were", (seed) => {
  setSeed(3);
  defaultGenerator().randn(1);
  globalNumpy().randn(1);
  const before = [defaultGenerator().getState(), globalNumpy().getState()];
  expect(() => setSeed(seed)).toThrow(RangeError);
  expect(() => setSeed(seed)).toThrow(String(seed));
  expect([defaultGenerator().getState(), globalNumpy().getState()]).toEqual(before);
});
