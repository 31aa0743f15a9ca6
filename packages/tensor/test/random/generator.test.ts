// TorchGenerator beyond the recorded cases: snapshots, refusals, the generator's own bookkeeping.

import { describe, expect, it } from "vitest";
import { TorchGenerator } from "../../src/random/index.ts";

/** How many 32-bit outputs a call takes: draws of `rand` are compared afterwards. */
function outputsTaken(call: (generator: TorchGenerator) => unknown): number {
  const generator = new TorchGenerator(11);
  call(generator);
  const next = generator.rand(8).join();
  const all = new TorchGenerator(11).rand(600);
  for (let n = 0; n + 8 <= all.length; n++) if (all.slice(n, n + 8).join() === next) return n;
  throw new Error("more outputs taken than compared");
}

describe("seeds", () => {
  it("start at torch's default", () => {
    const generator = new TorchGenerator();
    expect(generator.initialSeed()).toBe(67280421310721n);
    expect(generator.rand(5)).toEqual(new TorchGenerator(67280421310721).rand(5));
  });

  it("count negative values modulo 2^64 and use the low 32 bits", () => {
    expect(new TorchGenerator(-1).initialSeed()).toBe(2n ** 64n - 1n);
    expect(new TorchGenerator(5).rand(4)).toEqual(new TorchGenerator(2 ** 32 + 5).rand(4));
    expect(new TorchGenerator(-1).rand(4)).toEqual(new TorchGenerator(4294967295).rand(4));
  });

  it("are independent between generators", () => {
    const a = new TorchGenerator(1);
    const b = new TorchGenerator(1);
    a.rand(100);
    expect(b.rand(3)).toEqual(new TorchGenerator(1).rand(3));
  });

  it.each([1.5, NaN, Infinity, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n])("refuse %s and stay as they were", (seed) => {
    const generator = new TorchGenerator(3);
    generator.randn(1);
    const before = generator.getState();
    expect(() => generator.manualSeed(seed)).toThrow(RangeError);
    expect(() => generator.manualSeed(seed)).toThrow(String(seed));
    expect(generator.getState()).toEqual(before);
  });

  it("take the largest and the smallest integer", () => {
    expect(new TorchGenerator(2n ** 64n - 1n).initialSeed()).toBe(2n ** 64n - 1n);
    expect(new TorchGenerator(-(2n ** 63n)).initialSeed()).toBe(2n ** 63n);
  });
});

describe("snapshots", () => {
  it.each([0, 1, 311, 624, 625, 1000])("continue the stream after %d outputs", (n) => {
    const generator = new TorchGenerator(9);
    generator.rand(n);
    const state = generator.getState();
    const want = generator.randn(40);
    const other = new TorchGenerator(1).setState(state);
    expect(other.getState()).toEqual(state);
    expect(other.initialSeed()).toBe(9n);
    expect(other.randn(40)).toEqual(want);
  });

  it("keep the waiting normal", () => {
    const generator = new TorchGenerator(9);
    generator.randn(3, "float64");
    const state = generator.getState();
    const want = generator.randn(3, "float64");
    expect(new TorchGenerator(1).setState(state).randn(3, "float64")).toEqual(want);
    expect(want[0]).not.toBe(new TorchGenerator(1).setState(new TorchGenerator(9).getState()).randn(1, "float64")[0]);
  });

  it("clear a waiting normal that the snapshot does not have", () => {
    const fresh = new TorchGenerator(9).getState();
    const generator = new TorchGenerator(9);
    generator.randn(1);
    expect(generator.setState(fresh).randn(2)).toEqual(new TorchGenerator(9).randn(2));
    generator.randn(1);
    expect(generator.manualSeed(9).randn(2)).toEqual(new TorchGenerator(9).randn(2));
  });

  it("distinguish just seeded from a block used up, as torch does", () => {
    const view = (generator: TorchGenerator): [number, bigint] => {
      const data = new DataView(generator.getState().buffer);
      return [data.getInt32(8, true), data.getBigUint64(16, true)];
    };
    const generator = new TorchGenerator(2);
    expect(view(generator)).toEqual([1, 0n]);
    generator.rand(1);
    expect(view(generator)).toEqual([624, 1n]);
    generator.rand(623);
    expect(view(generator)).toEqual([1, 624n]);
    generator.manualSeed(2);
    expect(view(generator)).toEqual([1, 0n]);
  });

  it("are read from a view into a larger buffer", () => {
    const state = new TorchGenerator(4).getState();
    const larger = new Uint8Array(6000);
    larger.set(state, 17);
    expect(new TorchGenerator(0).setState(larger.subarray(17, 17 + 5056)).rand(3)).toEqual(
      new TorchGenerator(4).rand(3),
    );
  });

  const broken: [string, (bytes: DataView) => void, string][] = [
    ["an unseeded engine", (view) => view.setInt32(12, 0, true), "seeded 0"],
    ["left = 0", (view) => view.setInt32(8, 0, true), "left 0"],
    ["left = 625", (view) => view.setInt32(8, 625, true), "left 625"],
    ["next that does not go with left", (view) => view.setBigUint64(16, 7n, true), "next 7"],
    ["a word above 32 bits", (view) => view.setUint32(24 + 8 * 5 + 4, 1, true), "word 5"],
  ];
  it.each(broken)("refuse %s", (_, damage, message) => {
    const generator = new TorchGenerator(6);
    generator.randn(1);
    const before = generator.getState();
    const bytes = generator.getState();
    damage(new DataView(bytes.buffer));
    expect(() => generator.setState(bytes)).toThrow(RangeError);
    expect(() => generator.setState(bytes)).toThrow(message);
    expect(generator.getState()).toEqual(before);
  });

  it("refuse another length", () => {
    expect(() => new TorchGenerator(6).setState(new Uint8Array(5055))).toThrow("5056 bytes, not 5055");
  });
});

describe("draws", () => {
  it("take as many outputs as the reference", () => {
    expect(outputsTaken((g) => g.rand(7))).toBe(7);
    expect(outputsTaken((g) => g.rand(7, "float64"))).toBe(14);
    expect(outputsTaken((g) => g.randn(32))).toBe(32);
    expect(outputsTaken((g) => g.randn(33))).toBe(49);
    expect(outputsTaken((g) => g.randn(33, "float64"))).toBe(98);
    expect(outputsTaken((g) => g.randn(1))).toBe(4);
    expect(outputsTaken((g) => g.randn(2))).toBe(4);
    expect(outputsTaken((g) => g.randn(15))).toBe(32);
    expect(outputsTaken((g) => g.randn(16, "float32", { rowMajor: false }))).toBe(32);
    expect(outputsTaken((g) => g.randint(0, 268435455, 5))).toBe(5);
    expect(outputsTaken((g) => g.randint(0, 268435456, 5))).toBe(10);
    expect(outputsTaken((g) => g.randperm(9))).toBe(8);
    expect(outputsTaken((g) => g.bernoulli(new Float32Array(5)))).toBe(5);
    expect(outputsTaken((g) => g.bernoulli(new Float64Array(5)))).toBe(10);
    expect(outputsTaken((g) => g.bernoulliScalar(0.5, 5))).toBe(10);
  });

  it("take none for nothing", () => {
    expect(
      outputsTaken((g) => [g.rand(0), g.randn(0), g.normal(0, 1, 2), g.randint(0, 5, 0), g.randperm(0), g.randperm(1)]),
    ).toBe(0);
  });

  it("never return the upper bound of uniform", () => {
    // Between 1 and the next float32 lies nothing, so half of the fused results round to the bound.
    expect(new Set(new TorchGenerator(0).uniform(200, 1, 1 + 2 ** -23))).toEqual(new Set([1]));
    expect(new Set(new TorchGenerator(0).uniform(200, 1, 1 + 2 ** -52, "float64"))).toEqual(new Set([1]));
    expect(new Set(new TorchGenerator(0).uniform(5, 3, 3))).toEqual(new Set([3]));
  });

  it("reach the far ends of the range", () => {
    const values = new TorchGenerator(0).uniform(100, 0, 1e308, "float64");
    const units = new TorchGenerator(0).rand(100, "float64");
    values.forEach((value, i) => {
      expect(value).toBe(units[i] * 1e308);
    });
  });

  it("treat a number and a bigint alike in randint", () => {
    const numbers = new TorchGenerator(1).randint(-(2 ** 40), 2 ** 40, 6);
    const bigints = new TorchGenerator(1).randint(-(2n ** 40n), 2n ** 40n, 6);
    expect([...numbers].map(BigInt)).toEqual([...bigints]);
  });

  it("give every element its own mean and deviation", () => {
    const mean = Float64Array.from({ length: 20 }, (_, i) => i);
    const std = Float64Array.from({ length: 20 }, (_, i) => 1 + i / 8);
    const standard = new TorchGenerator(5).randn(20, "float64");
    expect(new TorchGenerator(5).normalEach(mean, std)).toEqual(standard.map((z, i) => z * std[i] + mean[i]));
    expect(new TorchGenerator(5).normalEach(mean, 1)).toEqual(standard.map((z, i) => z + mean[i]));
  });
});

describe("bad arguments", () => {
  const calls: [string, (g: TorchGenerator) => unknown, string][] = [
    ["a negative size", (g) => g.rand(-1), "rand: the number of elements must be an integer of at least 0, not -1"],
    ["a fractional size", (g) => g.randn(2.5), "2.5"],
    ["an unknown dtype", (g) => g.rand(3, "float16" as "float32"), '"float16"'],
    ["a negative deviation", (g) => g.normal(3, 0, -1), "not -1"],
    ["a deviation that is NaN", (g) => g.normal(3, 0, NaN), "not NaN"],
    ["a negative deviation in an array", (g) => g.normalEach(0, Float32Array.of(1, -2)), "not -2"],
    ["arrays of two lengths", (g) => g.normalEach(new Float32Array(2), new Float32Array(3)), "one length"],
    ["two numbers", (g) => g.normalEach(1 as unknown as Float32Array, 2), "use normal"],
    ["uniform bounds in the wrong order", (g) => g.uniform(3, 2, 1), "low 2 and high 1"],
    ["a uniform range beyond float32", (g) => g.uniform(3, -3e38, 3e38), "finite in float32"],
    ["an infinite bound", (g) => g.uniform(3, 0, Infinity, "float64"), "Infinity"],
    ["an empty integer range", (g) => g.randint(5, 5, 3), "low is 5 and high is 5"],
    ["a fractional bound", (g) => g.randint(0.5, 5, 3), "0.5"],
    ["a bound outside int64", (g) => g.randint(0n, 2n ** 64n, 3), String(2n ** 64n)],
    ["an unknown dtype of random", (g) => g.random(3, "int8" as "int32"), "int8"],
    ["a permutation too long", (g) => g.randperm(214748364), "214748364"],
    ["a probability above 1", (g) => g.bernoulli(Float32Array.of(0.5, 1.5)), "1.5"],
    ["a probability below 0", (g) => g.bernoulliScalar(-0.1, 3), "-0.1"],
  ];
  it.each(calls)("%s is refused and draws nothing", (_, call, message) => {
    const generator = new TorchGenerator(8);
    generator.randn(1);
    const before = generator.getState();
    expect(() => call(generator)).toThrow(message);
    expect(generator.getState()).toEqual(before);
  });
});
