// The fused multiply-adds against exact rational arithmetic in big integers.

import { describe, expect, it } from "vitest";
import { fma32, fma64 } from "../../src/random/fma.ts";
import { TorchGenerator } from "../../src/random/index.ts";

const generator = new TorchGenerator(7);
const uniform = (): number => generator.rand(1, "float64")[0];

/** A finite double times 2^1074, which is an integer. */
function scaledUp(x: number): bigint {
  const bits = new BigInt64Array(new Float64Array([Math.abs(x)]).buffer)[0];
  const field = bits >> 52n;
  const fraction = bits & 0xfffffffffffffn;
  const m = field === 0n ? fraction : (fraction | (1n << 52n)) << (field - 1n);
  return x < 0 ? -m : m;
}

/** Whether no double (or float32, by its own `ulp`) lies nearer to a * b + c than `got`, with ties to even. */
function isNearest(got: number, a: number, b: number, c: number, neighbours: (x: number) => [number, number]): boolean {
  // Everything times 2^2148.
  const want = scaledUp(a) * scaledUp(b) + (scaledUp(c) << 1074n);
  const distance = (x: number): bigint => {
    const d = (scaledUp(x) << 1074n) - want;
    return d < 0n ? -d : d;
  };
  const mine = distance(got);
  return neighbours(got).every((other) => mine < distance(other) || (mine === distance(other) && isEven(got, other)));
}

/** Of two neighbours, the one with the even last bit is a multiple of twice their gap. */
function isEven(x: number, other: number): boolean {
  return x % (2 * Math.abs(x - other)) === 0;
}

function neighbours64(x: number): [number, number] {
  const step = (by: bigint): number => {
    const f = new Float64Array([x]);
    const bits = new BigInt64Array(f.buffer);
    if (x === 0) return by > 0n ? 5e-324 : -5e-324;
    bits[0] = bits[0] + (x > 0 ? by : -by);
    return f[0];
  };
  return [step(-1n), step(1n)];
}

function neighbours32(x: number): [number, number] {
  const step = (by: number): number => {
    const f = new Float32Array([x]);
    const bits = new Int32Array(f.buffer);
    if (x === 0) return by > 0 ? 2 ** -149 : -(2 ** -149);
    bits[0] += x > 0 ? by : -by;
    return f[0];
  };
  return [step(-1), step(1)];
}

/** Operands whose product and addend nearly cancel, are of one size, or are far apart. */
function operands(i: number, round: (x: number) => number): [number, number, number] {
  const a = round(uniform() * 2 - 1);
  const b = round(uniform() * 2 - 1);
  if (i % 3 === 0) return [a, b, round(uniform() - 0.5)];
  if (i % 3 === 1) return [a, b, round(-a * b)];
  return [a, b, round((uniform() - 0.5) * 2 ** ((i % 120) - 60))];
}

describe("fma32", () => {
  it("rounds once", () => {
    for (let i = 0; i < 6000; i++) {
      const [a, b, c] = operands(i, Math.fround);
      expect(isNearest(fma32(a, b, c), a, b, c, neighbours32)).toBe(true);
    }
  });

  it("is right where a double sum rounded again is not", () => {
    // 24929 * 673 = 2^24 + 1 lies between two float32 values; 2^-40 decides, but a double sum loses it.
    expect(fma32(24929, 673, 2 ** -40)).toBe(16777218);
    expect(fma32(24929, 673, 0)).toBe(16777216);
    expect(fma32(24929, 673, -(2 ** -40))).toBe(16777216);
    expect(fma32(-24929, 673, -(2 ** -40))).toBe(-16777218);
  });

  it("passes on infinities, NaN and zeros", () => {
    expect(fma32(Infinity, 1, 2)).toBe(Infinity);
    expect(fma32(1, 2, -Infinity)).toBe(-Infinity);
    expect(fma32(Infinity, 0, 1)).toBe(NaN);
    expect(fma32(-1, 0, 0)).toBe(0);
    expect(fma32(-1, 0, -0)).toBe(-0);
  });
});

describe("fma64", () => {
  it("rounds once", () => {
    for (let i = 0; i < 6000; i++) {
      const [a, b, c] = operands(i, (x) => x);
      expect(isNearest(fma64(a, b, c), a, b, c, neighbours64)).toBe(true);
    }
  });

  it("is right where a sum of error terms rounded first is not", () => {
    // 1 + 2^-52 + 2^-53 - 2^-107: just below a midpoint.
    expect(fma64(2 ** -53 * (1 + 2 ** -27), 1 - 2 ** -27, 1 + 2 ** -52)).toBe(1 + 2 ** -52);
    expect(fma64(2 ** -53 * (1 + 2 ** -27), -(1 - 2 ** -27), -(1 + 2 ** -52))).toBe(-(1 + 2 ** -52));
    expect(fma64(2 ** -53, 1, 1 + 2 ** -52)).toBe(1 + 2 ** -51);
  });

  it("rounds ties among subnormal results to even", () => {
    expect(fma64(3 * 2 ** -538, 2 ** -537, 0)).toBe(2 ** -1073);
    expect(fma64(2 ** -538, 2 ** -537, 0)).toBe(0);
    expect(fma64(5 * 2 ** -538, 2 ** -537, 0)).toBe(2 ** -1073);
  });

  it("rounds once near overflow and underflow too", () => {
    for (let i = 0; i < 1500; i++) {
      const [a, b, c] = operands(i, (x) => x);
      for (const [p, q, r] of [
        [a * 2 ** 964, b, c * 2 ** 964],
        [a * 2 ** -530, b * 2 ** -530, c * 2 ** -1060],
        [a * 2 ** -540, b * 2 ** -540, c * 2 ** -1070],
        [a * 2 ** 600, b * 2 ** -1060, c * 2 ** -460],
      ] as const) {
        expect(isNearest(fma64(p, q, r), p, q, r, neighbours64)).toBe(true);
      }
    }
    expect(fma64(2 ** 1000, 2 ** 100, 0)).toBe(Infinity);
    expect(fma64(-(2 ** 600), 2 ** 600, 1)).toBe(-Infinity);
    expect(fma64(2 ** 600, 2 ** 424, -(2 ** 1023))).toBe(2 ** 1023);
  });

  it("passes on infinities, NaN and zeros", () => {
    expect(fma64(Infinity, 1, 2)).toBe(Infinity);
    expect(fma64(1, 2, -Infinity)).toBe(-Infinity);
    expect(fma64(Infinity, 0, 1)).toBe(NaN);
    expect(fma64(0, 5, 3)).toBe(3);
    expect(fma64(0.1, 10, -1)).toBe(2 ** -54);
  });
});
