// The interpreter of scalar expressions against values worked out by hand or by BigInt.

import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  and,
  arg,
  bits,
  ceil,
  constant,
  constantBits,
  convert,
  div,
  eq,
  floor,
  isNan,
  le,
  lt,
  max,
  min,
  mul,
  ne,
  neg,
  not,
  or,
  type Scalar,
  select,
  shl,
  shrS,
  shrU,
  sub,
  trunc,
  xor,
} from "../../src/math/scalar.ts";
import { evaluateScalars } from "../../src/reference/scalars.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const x64 = arg(0, "f64");
const y64 = arg(1, "f64");
const x32 = arg(0, "f32");
const xi = arg(0, "i32");
const yi = arg(1, "i32");

const f64 = (expression: Scalar, ...args: number[][]): number[] => [
  ...evaluateScalars(
    [expression],
    args.map((a) => Float64Array.from(a)),
    args[0].length,
  )[0],
];
const i32 = (expression: Scalar, ...args: number[][]): number[] => [
  ...evaluateScalars(
    [expression],
    args.map((a) => Int32Array.from(a)),
    args[0].length,
  )[0],
];

/** Runs an i64 expression of one or two i64 operands. */
function i64(build: (a: Scalar, b: Scalar) => Scalar, a: bigint[], b: bigint[] = a): bigint[] {
  const asFloats = (values: bigint[]): Float64Array => new Float64Array(BigInt64Array.from(values).buffer);
  const out = evaluateScalars([bits(build(bits(x64), bits(y64)))], [asFloats(a), asFloats(b)], a.length)[0];
  return [...new BigInt64Array(out.buffer)];
}

describe("floats", () => {
  test("min and max propagate NaN and order the zeros", () => {
    const a = [0, -0, nan, 1, inf];
    const b = [-0, 0, 1, nan, -inf];
    expect(f64(min(x64, y64), a, b)).toEqual([-0, -0, nan, nan, -inf]);
    expect(f64(max(x64, y64), a, b)).toEqual([0, 0, nan, nan, inf]);
  });

  test("comparisons with NaN are false, except ne", () => {
    const asNumber = (c: Scalar): Scalar => convert(c, "f64");
    const a = [nan, 1, 0];
    const b = [nan, nan, -0];
    expect(f64(asNumber(eq(x64, y64)), a, b)).toEqual([0, 0, 1]);
    expect(f64(asNumber(ne(x64, y64)), a, b)).toEqual([1, 1, 0]);
    expect(f64(asNumber(lt(x64, y64)), a, b)).toEqual([0, 0, 0]);
    expect(f64(asNumber(le(x64, y64)), a, b)).toEqual([0, 0, 1]);
    expect(f64(asNumber(isNan(x64)), a, b)).toEqual([1, 0, 0]);
  });

  test("rounding keeps the sign of zero", () => {
    expect(f64(ceil(x64), [-0.5, -0, 1.5])).toEqual([-0, -0, 2]);
    expect(f64(floor(x64), [-0.5, -0, 1.5])).toEqual([-1, -0, 1]);
    expect(f64(trunc(x64), [-0.5, -0, -1.5])).toEqual([-0, -0, -1]);
    expect(f64(neg(x64), [0, -0, inf])).toEqual([-0, 0, -inf]);
  });

  test("float32 arithmetic rounds every result", () => {
    const third = div(x32, constant("f32", 3));
    const [out] = evaluateScalars([add(third, third)], [Float32Array.of(1, 2 ** 25 + 4)], 2);
    expect(out).toBeInstanceOf(Float32Array);
    expect([...out]).toEqual([1, 2 ** 25 + 4].map((v) => Math.fround(2 * Math.fround(v / 3))));
  });

  test("conversion to i32 truncates and saturates, NaN becomes 0", () => {
    const values = [1.9, -1.9, 1e10, -1e10, inf, -inf, nan, 2147483647.5, -2147483648.5];
    const expected = [1, -1, 2147483647, -2147483648, 2147483647, -2147483648, 0, 2147483647, -2147483648];
    expect([...evaluateScalars([convert(x64, "i32")], [Float64Array.from(values)], 9)[0]]).toEqual(expected);
  });

  test("conversion to bool is not-zero, and NaN is true", () => {
    const [out] = evaluateScalars([convert(x64, "bool")], [Float64Array.of(0, -0, nan, 5e-324)], 4);
    expect(out).toEqual(Uint8Array.of(0, 0, 1, 1));
  });
});

describe("i32", () => {
  const [lowest, highest] = [-2147483648, 2147483647];

  test("arithmetic wraps", () => {
    expect(i32(add(xi, yi), [highest, 5], [1, -7])).toEqual([lowest, -2]);
    expect(i32(sub(xi, yi), [lowest, 5], [1, 7])).toEqual([highest, -2]);
    expect(i32(mul(xi, yi), [highest, 0x10001], [highest, 0x10001])).toEqual([1, 0x20001]);
    expect(i32(neg(xi), [lowest, 0, 3])).toEqual([lowest, 0, -3]);
    expect(i32(abs(xi), [lowest, 0, -3])).toEqual([lowest, 0, 3]);
  });

  test("shifts", () => {
    expect(i32(shl(xi, 31), [3])).toEqual([lowest]);
    expect(i32(shrS(xi, 4), [-16, 255])).toEqual([-1, 15]);
    expect(i32(shrU(xi, 28), [-1])).toEqual([15]);
  });
});

describe("i64", () => {
  const values = [0n, 1n, -1n, 0x0123456789abcdefn, -(2n ** 62n), 0xffffffffn, 0x100000000n, 3n << 40n];
  const other = [1n, -1n, -1n, 0x7fffffffn, 0xffffffffn, 1n, -0x100000000n, -5n];
  const wrap = (v: bigint): bigint => BigInt.asIntN(64, v);

  test("arithmetic wraps", () => {
    expect(i64(add, values, other)).toEqual(values.map((a, i) => wrap(a + other[i])));
    expect(i64(sub, values, other)).toEqual(values.map((a, i) => wrap(a - other[i])));
  });

  test("logic", () => {
    expect(i64(and, values, other)).toEqual(values.map((a, i) => a & other[i]));
    expect(i64(or, values, other)).toEqual(values.map((a, i) => a | other[i]));
    expect(i64(xor, values, other)).toEqual(values.map((a, i) => a ^ other[i]));
    expect(i64((a) => not(a), values)).toEqual(values.map((a) => ~a));
    expect(i64((a) => xor(a, constantBits(-3n)), values)).toEqual(values.map((a) => a ^ -3n));
  });

  test.each([0, 1, 20, 31, 32, 33, 52, 63])("shifts by %i", (amount) => {
    const by = BigInt(amount);
    expect(i64((a) => shl(a, amount), values)).toEqual(values.map((a) => wrap(a << by)));
    expect(i64((a) => shrS(a, amount), values)).toEqual(values.map((a) => a >> by));
    expect(i64((a) => shrU(a, amount), values)).toEqual(values.map((a) => wrap(BigInt.asUintN(64, a) >> by)));
  });

  test("select takes whole values", () => {
    const negative = lt(x64, constant("f64", 0));
    const out = i64((a, b) => select(negative, a, b), values, other);
    const floats = new Float64Array(BigInt64Array.from(values).buffer);
    expect(out).toEqual(values.map((a, i) => (floats[i] < 0 ? a : other[i])));
  });
});

describe("evaluateScalars", () => {
  test("runs over many chunks, several outputs, one argument for all", () => {
    const n = 2500;
    const x = Float64Array.from({ length: n }, (_, i) => i);
    const root = mul(x64, y64);
    const [product, direct, flags] = evaluateScalars([root, x64, lt(root, x64)], [x, Float64Array.of(0.5)], n);
    expect(product).toEqual(x.map((v) => v / 2));
    expect(direct).toEqual(x);
    expect(flags).toEqual(Uint8Array.from(x, (v) => (v / 2 < v ? 1 : 0)));
  });

  test("a long chain of shared values needs no deep recursion and few buffers", () => {
    let s: Scalar = x64;
    for (let i = 0; i < 50_000; i++) s = add(s, s);
    expect(f64(mul(s, constant("f64", 0)), [2 ** -1074])).toEqual([nan]);
  });

  test("no elements", () => {
    expect(f64(add(x64, x64), [])).toEqual([]);
  });

  test("refuses wrong arguments", () => {
    expect(() => evaluateScalars([x64], [], 1)).toThrow(/slot 0.*0 were given/);
    expect(() => evaluateScalars([x64], [new Float32Array(1)], 1)).toThrow(/slot 0 is a Float32Array/);
    expect(() => evaluateScalars([x64], [new Float64Array(2)], 3)).toThrow(/slot 0 holds 2 elements/);
    expect(() => evaluateScalars([bits(x64)], [new Float64Array(1)], 1)).toThrow(/output has type i64/);
  });
});
