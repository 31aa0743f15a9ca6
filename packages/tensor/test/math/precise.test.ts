// The precise scalar functions against fixed-point references in big integers, written out here.

import { describe, expect, it } from "vitest";
import { cos64, exp64, log1p64, log64, pow64, sin64 } from "../../src/math/precise.ts";
import { TorchGenerator } from "../../src/random/index.ts";

/** Bits after the point in every fixed-point number below. */
const P = 420;
const ONE = 1n << BigInt(P);

/** A real number m * 2^e. */
interface Real {
  m: bigint;
  e: number;
}

/** A finite double exactly. */
function exactly(x: number): Real {
  const bits = new BigInt64Array(new Float64Array([x]).buffer)[0];
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const m = field === 0 ? fraction : fraction | (1n << 52n);
  return { m: x < 0 ? -m : m, e: Math.max(field, 1) - 1075 };
}

function shift(m: bigint, by: number): bigint {
  return by >= 0 ? m << BigInt(by) : m >> BigInt(-by);
}

/** x in fixed point; exact for |x| >= 2^-300. */
function fixed(x: number): bigint {
  const { m, e } = exactly(x);
  return shift(m, e + P);
}

/** 1 + s/3 + s^2/5 + ..., or with `alternate` 1 - s/3 + s^2/5 - ...: atanh(x)/x or atan(x)/x for s = x^2. */
function atanhSeries(square: bigint, alternate = false): bigint {
  let sum = 0n;
  let power = ONE;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += alternate && k % 4n === 3n ? -(power / k) : power / k;
    power = (power * square) >> BigInt(P);
  }
  return sum;
}

/** log(numerator/denominator) for a ratio near 1. */
function logRatio(numerator: bigint, denominator: bigint): bigint {
  const s = ((numerator - denominator) << BigInt(P)) / (numerator + denominator);
  return (2n * s * atanhSeries((s * s) >> BigInt(P))) >> BigInt(P);
}

const LN2 = logRatio(2n, 1n);
const PI = [
  [16n, 5n],
  [-4n, 239n],
].reduce((sum, [weight, n]) => sum + (weight * atanhSeries(ONE / (n * n), true)) / n, 0n);

function logFixed({ m, e }: Real): bigint {
  const bits = m.toString(2).length;
  // m * 2^-shiftBy lies in [0.5, 1) or, doubled, in [1, 1.5).
  const low = 4n * m < 3n << BigInt(bits);
  const shiftBy = low ? bits - 1 : bits;
  return logRatio(m, 1n << BigInt(shiftBy)) + BigInt(e + shiftBy) * LN2;
}

function nearest(a: bigint, b: bigint): bigint {
  const doubled = 2n * a + b;
  return doubled >= 0n ? doubled / (2n * b) : -((-doubled + 2n * b - 1n) / (2n * b));
}

function expReal(x: bigint): Real {
  const n = nearest(x, LN2);
  const r = x - n * LN2;
  let term = ONE;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 1n) {
    sum += term;
    term = ((term * r) >> BigInt(P)) / k;
    if (term === -1n) break;
  }
  return { m: sum, e: Number(n) - P };
}

/** The sine of x + quadrants * pi/2. */
function sinReal(x: number, quadrants: bigint): Real {
  const X = fixed(x);
  const k = nearest(2n * X, PI);
  const r = X - (k * PI) / 2n;
  const turn = (((k + quadrants) % 4n) + 4n) % 4n;
  const square = (r * r) >> BigInt(P);
  let term = turn % 2n === 0n ? r : ONE;
  let sum = 0n;
  for (let n = turn % 2n === 0n ? 2n : 1n; term !== 0n && term !== -1n; n += 2n) {
    sum += term;
    term = -((term * square) >> BigInt(P)) / (n * (n + 1n));
  }
  return { m: turn >= 2n ? -sum : sum, e: -P };
}

/** The distance of `got` from the true value, in ulps of the true value. */
function ulps(got: number, want: Real): number {
  const magnitude = want.m < 0n ? -want.m : want.m;
  const ulpExponent = Math.max(magnitude.toString(2).length + want.e - 53, -1074);
  const g = exactly(got);
  const base = Math.min(g.e, want.e, ulpExponent - 60);
  const difference = shift(g.m, g.e - base) - shift(want.m, want.e - base);
  return Math.abs(Number((difference << 50n) >> BigInt(ulpExponent - base))) / 2 ** 50;
}

/** Correct rounding gives at most 0.5. Errors near 2^-40 are allowed on top, far less than samples could show. */
const BOUND = 0.5 + 2 ** -35;

const generator = new TorchGenerator(20250101);
const uniform = (low: number, high: number): number => low + (high - low) * generator.rand(1, "float64")[0];
const times = (n: number, draw: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => draw(i));

/** Any positive finite double, all exponents alike. */
function anyPositive(): number {
  const bits = generator.randint(1n, 0x7ff0000000000000n, 1);
  return new Float64Array(bits.buffer)[0];
}

function worst(cases: [number, Real][]): number {
  return cases.reduce((most, [got, want]) => Math.max(most, ulps(got, want)), 0);
}

describe("the references", () => {
  it("know their constants", () => {
    expect(ulps(Math.PI, { m: PI, e: -P })).toBeLessThan(0.5);
    expect(ulps(Math.LN2, { m: LN2, e: -P })).toBeLessThan(0.5);
    // The published digits, cut after the 50th decimal.
    expect(((PI * 10n ** 50n) >> BigInt(P)).toString()).toBe("314159265358979323846264338327950288419716939937510");
    expect(((LN2 * 10n ** 50n) >> BigInt(P)).toString()).toBe("69314718055994530941723212145817656807550013436025");
  });

  it("tell a neighbouring double from the right one", () => {
    expect(ulps(1 + 2 ** -52, { m: ONE, e: -P })).toBe(1);
    expect(ulps(0, { m: 1n, e: -1075 })).toBe(0.5);
  });
});

describe("hard cases", () => {
  // Arguments whose results lie within 2^-20 ulp of the middle between two doubles, found by search.
  const nearlyTies: [string, (x: number) => number, (x: number) => Real, number[]][] = [
    ["log64", log64, (x) => ({ m: logFixed(exactly(x)), e: -P }), [0.8770325545957485, 0.6261499409078491]],
    ["exp64", exp64, (x) => expReal(fixed(x)), [10.353139250573118, -20.1850708758882]],
    ["sin64", sin64, (x) => sinReal(x, 0n), [1.4555462089688105, 0.3647502942555743]],
    ["cos64", cos64, (x) => sinReal(x, 1n), [3.921295657210984, 0.873817300567968]],
  ];
  it.each(nearlyTies)("%s rounds near-ties to the right side", (_, call, reference, xs) => {
    for (const x of xs) {
      const error = ulps(call(x), reference(x));
      expect(error).toBeLessThan(0.5);
      expect(error).toBeGreaterThan(0.5 - 2 ** -20);
    }
  });
});

describe("log64", () => {
  it("is correctly rounded over the whole range and near 1", () => {
    const xs = [
      ...times(1000, anyPositive),
      ...times(1000, () => uniform(0, 2)),
      ...times(1000, (i) => 1 + uniform(-1, 1) * 2 ** -(i % 52)),
      ...times(200, (i) => Number.MIN_VALUE * (i + 1)),
    ].filter((x) => x > 0);
    expect(worst(xs.map((x) => [log64(x), logFixedReal(x)]))).toBeLessThan(BOUND);
  });

  it("has the special values", () => {
    expect([1, 0, -0, -1, Infinity, NaN].map(log64)).toEqual([0, -Infinity, -Infinity, NaN, Infinity, NaN]);
  });

  function logFixedReal(x: number): Real {
    return { m: logFixed(exactly(x)), e: -P };
  }
});

describe("log1p64", () => {
  it("is correctly rounded", () => {
    const xs = [
      ...times(1500, (i) => uniform(-1, 1) * 2 ** -(i % 100)),
      ...times(500, () => -uniform(0, 1)),
      ...times(500, () => uniform(1, 1e6)),
      ...times(500, anyPositive).filter((x) => x > 2 ** -300),
    ];
    const reference = (x: number): Real => ({ m: logFixed({ m: ONE + fixed(x), e: -P }), e: -P });
    expect(worst(xs.map((x) => [log1p64(x), reference(x)]))).toBeLessThan(BOUND);
  });

  it("has the special values", () => {
    expect([0, -0, -1, -2, Infinity, NaN, 5e-324].map(log1p64)).toEqual([0, -0, -Infinity, NaN, Infinity, NaN, 5e-324]);
  });
});

describe("exp64", () => {
  it("is correctly rounded, subnormal results included", () => {
    const xs = [
      ...times(1500, () => uniform(-708, 709.7)),
      ...times(1000, () => uniform(-745, -708)),
      ...times(700, (i) => uniform(-1, 1) * 2 ** -(i % 70)),
    ];
    expect(worst(xs.map((x) => [exp64(x), expReal(fixed(x))]))).toBeLessThan(BOUND);
    expect(xs.filter((x) => exp64(x) < 2.2250738585072014e-308).length).toBeGreaterThan(500);
  });

  it("has the special values and limits", () => {
    expect([0, -0, Infinity, -Infinity, NaN, 1e300, -1e300].map(exp64)).toEqual([1, 1, Infinity, 0, NaN, Infinity, 0]);
    expect(exp64(1e-300)).toBe(1);
    expect(exp64(709.782712893384)).toBe(1.7976931348622732e308);
    expect(exp64(709.7827128933841)).toBe(Infinity);
    expect(exp64(-745.1332191019411)).toBe(5e-324);
    expect(exp64(-745.1332191019412)).toBe(0);
  });
});

describe("pow64", () => {
  it("is correctly rounded", () => {
    const pairs: [number, number][] = [
      ...times(1000, anyPositive).map((x): [number, number] => [x, uniform(-3, 3)]),
      ...times(700, () => uniform(0.9, 1)).map((x, t): [number, number] => [x, t]),
      ...times(700, () => uniform(0, 100)).map((x): [number, number] => [x, uniform(-150, 150)]),
    ];
    const finite = pairs.filter(([x, y]) => y !== 0 && pow64(x, y) < Infinity && pow64(x, y) > 0);
    expect(finite.length).toBeGreaterThan(2000);
    const reference = (x: number, y: number): Real => expReal((logFixed(exactly(x)) * fixed(y)) >> BigInt(P));
    expect(worst(finite.map(([x, y]) => [pow64(x, y), reference(x, y)]))).toBeLessThan(BOUND);
  });

  it("rounds exact ties to even, as a conversion from a big integer does", () => {
    for (const x of times(500, () => Math.floor(uniform(2 ** 26, 2 ** 27)) | 1)) {
      expect(pow64(x, 2)).toBe(Number(BigInt(x) ** 2n));
    }
    for (const x of times(500, () => Math.floor(uniform(2 ** 17.5, 2 ** 18)) | 1)) {
      expect(pow64(x, 3)).toBe(Number(BigInt(x) ** 3n));
      expect(pow64(x * x, 1.5)).toBe(Number(BigInt(x) ** 3n));
    }
    expect(pow64(2, -1074)).toBe(5e-324);
    expect(pow64(2, -1075)).toBe(0);
    expect(pow64(6, 1) * pow64(2, -1074)).toBe(3e-323);
  });

  it("gives exact powers exactly", () => {
    for (let k = 0; k <= 22; k++) expect(pow64(10, k)).toBe(Number(10n ** BigInt(k)));
    for (let k = -1022; k <= 1023; k++) expect(pow64(2, k)).toBe(2 ** k);
    for (const x of [0.1, 1 / 3, 5e-324, 1.7976931348623157e308]) expect(pow64(x, 1)).toBe(x);
    expect(pow64(2, 1024)).toBe(Infinity);
  });

  it("takes integer powers of negative numbers", () => {
    expect(pow64(-3, 3)).toBe(-27);
    expect(pow64(-3, 4)).toBe(81);
    expect(pow64(-2, -1)).toBe(-0.5);
    expect(pow64(-2, 0.5)).toBe(NaN);
  });

  it.each([
    [NaN, 0, 1],
    [1, NaN, 1],
    [2, NaN, NaN],
    [NaN, 1, NaN],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [0.5, Infinity, 0],
    [0.5, -Infinity, Infinity],
    [-2, Infinity, Infinity],
    [2, -Infinity, 0],
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [0, -3, Infinity],
    [-0, -3, -Infinity],
    [-0, -2, Infinity],
    [0, 0.5, 0],
    [Infinity, 2, Infinity],
    [Infinity, -2, 0],
    [-Infinity, 3, -Infinity],
    [-Infinity, -3, -0],
    [-Infinity, 2.5, Infinity],
  ])("pow64(%d, %d) is %d, as IEEE 754 says", (x, y, want) => {
    expect(pow64(x, y)).toBe(want);
  });
});

describe("sin64 and cos64", () => {
  const angles = [
    ...times(800, () => uniform(0, 2 * Math.PI)),
    ...times(800, () => uniform(-1, 1) * 2 ** 20 * Math.PI),
    // The doubles next to multiples of pi/2, where the reduction cancels most.
    ...times(800, () => Math.floor(uniform(1, 2 ** 21)) * (Math.PI / 2)),
    ...times(400, (i) => uniform(-1, 1) * 2 ** -(i % 80)),
  ];

  it("are correctly rounded up to 2^20 pi", () => {
    expect(worst(angles.map((x) => [sin64(x), sinReal(x, 0n)]))).toBeLessThan(BOUND);
    expect(worst(angles.map((x) => [cos64(x), sinReal(x, 1n)]))).toBeLessThan(BOUND);
  });

  it("hold to within a last place up to 2^30", () => {
    const far = times(500, () => uniform(-(2 ** 30), 2 ** 30));
    expect(worst(far.map((x) => [sin64(x), sinReal(x, 0n)]))).toBeLessThan(0.501);
    expect(worst(far.map((x) => [cos64(x), sinReal(x, 1n)]))).toBeLessThan(0.501);
  });

  it("keep the sign of zero, and say NaN for infinities", () => {
    expect([0, -0, Infinity, NaN].map(sin64)).toEqual([0, -0, NaN, NaN]);
    expect([0, -0, -Infinity, NaN].map(cos64)).toEqual([1, 1, NaN, NaN]);
    expect(sin64(5e-324)).toBe(5e-324);
    expect(cos64(5e-324)).toBe(1);
  });

  it("refuse angles beyond 2^30 and name them", () => {
    expect(() => sin64(2 ** 30 + 1)).toThrow("sin64: the angle 1073741825 is outside");
    expect(() => cos64(-2e9)).toThrow(RangeError);
    expect(Number.isFinite(sin64(2 ** 30))).toBe(true);
  });
});
