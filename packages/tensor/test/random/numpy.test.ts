// NumpyRandomState beyond the recorded cases: snapshots, rows, refusals.

import { describe, expect, it } from "vitest";
import { NumpyRandomState } from "../../src/random/index.ts";

describe("the stream", () => {
  it("has the values everybody knows", () => {
    expect([...new NumpyRandomState(0).rand(2)]).toEqual([0.5488135039273248, 0.7151893663724195]);
    expect([...new NumpyRandomState(0).randn(2)]).toEqual([1.764052345967664, 0.4001572083672233]);
    expect([...new NumpyRandomState(0).randint(0, 10, 5)]).toEqual([5, 0, 3, 3, 7]);
    expect([...new NumpyRandomState(0).permutation(10)]).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
  });

  it("differs between an integer and a list of one", () => {
    expect(new NumpyRandomState([5]).rand(3)).not.toEqual(new NumpyRandomState(5).rand(3));
  });

  it("continues from a state, the waiting normal included", () => {
    const generator = new NumpyRandomState(3);
    generator.randn(3);
    const state = generator.getState();
    const want = generator.randn(5);
    expect(new NumpyRandomState(0).setState(state).randn(5)).toEqual(want);
    expect(generator.seed(3).randn(2)).toEqual(new NumpyRandomState(3).randn(2));
  });

  it("hands out states that later draws do not touch", () => {
    const generator = new NumpyRandomState(3);
    const state = generator.getState();
    generator.rand(1000);
    expect(state).toEqual(new NumpyRandomState(3).getState());
  });

  it("treats a number and a bigint alike in randint", () => {
    const numbers = new NumpyRandomState(1).randint(-5, 2 ** 40, 6);
    const bigints = new NumpyRandomState(1).randint(-5n, 2n ** 40n, 6);
    expect([...numbers].map(BigInt)).toEqual([...bigints]);
  });

  it("draws nothing for a range of one", () => {
    const generator = new NumpyRandomState(1);
    expect([...generator.randint(3, 4, 5)]).toEqual([3, 3, 3, 3, 3]);
    expect(generator.getState()).toEqual(new NumpyRandomState(1).getState());
  });

  it("shuffles whole rows", () => {
    const order = new NumpyRandomState(4).permutation(7);
    const rows = Float32Array.from({ length: 14 }, (_, i) => i);
    new NumpyRandomState(4).shuffle(rows, 2);
    expect([...rows]).toEqual([...order].flatMap((row) => [2 * row, 2 * row + 1]));
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    new NumpyRandomState(4).shuffle(names);
    expect(names).toEqual([...order].map((i) => "abcdefg"[i]));
  });

  it("chooses without replacement", () => {
    const some = new NumpyRandomState(4).choice(7, 3, { replace: false });
    expect(some).toEqual(new NumpyRandomState(4).permutation(7).slice(0, 3));
  });

  it("never chooses a number with probability 0", () => {
    expect(new Set(new NumpyRandomState(4).choice(3, 100, { p: [0, 1, 0] }))).toEqual(new Set([1]));
  });
});

describe("bad arguments", () => {
  const calls: [string, (g: NumpyRandomState) => unknown, string][] = [
    ["a negative seed", (g) => g.seed(-1), "0..2^32-1, not -1"],
    ["a seed beyond 32 bits", (g) => g.seed(2 ** 32), "4294967296"],
    ["a fractional seed", (g) => g.seed(0.5), "0.5"],
    ["an empty list", (g) => g.seed([]), "at least one"],
    ["a bad word in a list", (g) => g.seed([1, -7]), "seed[1]"],
    ["a short state", (g) => g.setState({ key: new Uint32Array(3), position: 0, cachedGaussian: null }), "3 words"],
    ["a bad position", (g) => g.setState({ key: new Uint32Array(624), position: 625, cachedGaussian: null }), "625"],
    ["a negative size", (g) => g.rand(-1), "-1"],
    ["a negative deviation", (g) => g.normal(0, -1, 3), "-1"],
    ["an infinite range", (g) => g.uniform(0, Infinity, 3), "Infinity"],
    ["an empty integer range", (g) => g.randint(4, 4, 3), "low is 4"],
    ["a bound outside the dtype", (g) => g.randint(0, 257, 3, "uint8"), "0..256"],
    ["an unknown dtype", (g) => g.randint(0, 2, 3, "bool" as "int8"), "bool"],
    ["rows that do not fit", (g) => g.shuffle([1, 2, 3], 2), "rows of 2"],
    ["a choice from nothing", (g) => g.choice(0, 1), "not 0"],
    ["more than there are", (g) => g.choice(3, 4, { replace: false }), "4 of 3"],
    ["probabilities of another length", (g) => g.choice(3, 1, { p: [0.5, 0.5] }), "each of 3"],
    ["probabilities that do not sum to 1", (g) => g.choice(2, 1, { p: [0.5, 0.4] }), "not 0.9"],
    ["a negative probability", (g) => g.choice(2, 1, { p: [-0.5, 1.5] }), "p[0]"],
    ["p without replacement", (g) => g.choice(2, 1, { p: [0.5, 0.5], replace: false }), "replacement"],
  ];
  it.each(calls)("%s is refused and draws nothing", (_, call, message) => {
    const generator = new NumpyRandomState(8);
    generator.randn(1);
    const before = generator.getState();
    expect(() => call(generator)).toThrow(message);
    expect(generator.getState()).toEqual(before);
  });
});
