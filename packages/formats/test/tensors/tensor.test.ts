// PtTensor and PtStorage: views, numbers, and what cannot be.

import { describe, expect, it } from "vitest";
import { type PtElementType, PtStorage, PtTensor, type PtTensorParts } from "../../src/index.ts";

const storage = new PtStorage("int16", 6, new Uint8Array(Int16Array.of(0, 1, 2, 3, 4, 5).buffer));
const view = (parts: Partial<PtTensorParts>): PtTensor =>
  new PtTensor({ dtype: "int16", shape: [2, 3], storage, ...parts });
const rawOf = (dtype: PtElementType, bytes: readonly number[], parts: Partial<PtTensorParts> = {}): PtTensor => {
  const memory = new PtStorage(null, bytes.length, Uint8Array.from(bytes));
  return new PtTensor({ dtype, shape: [1], storage: memory, ...parts });
};

describe("views", () => {
  it("are read in row-major order", () => {
    expect(view({}).data()).toEqual(Int16Array.of(0, 1, 2, 3, 4, 5));
    expect(view({ shape: [3, 2], strides: [1, 3] }).data()).toEqual(Int16Array.of(0, 3, 1, 4, 2, 5));
    expect(view({ shape: [2], strides: [2], offset: 1 }).data()).toEqual(Int16Array.of(1, 3));
    expect(view({ shape: [2, 2], strides: [0, 1], offset: 4 }).data()).toEqual(Int16Array.of(4, 5, 4, 5));
    expect(view({ shape: [], offset: 5 }).data()).toEqual(Int16Array.of(5));
    expect(view({ shape: [0, 9], offset: 99 }).data()).toEqual(new Int16Array());
  });

  it("are copies", () => {
    view({}).data()[0] = 9;
    view({}).bytes()[0] = 9;
    expect(view({}).data()[0]).toBe(0);
  });

  it.each<[Partial<PtTensorParts>, RegExp]>([
    [{ offset: 1 }, /reaches beyond its storage of 6/],
    [{ strides: [4, 1] }, /reaches beyond/],
    [{ strides: [3] }, /2 sizes and 1 strides/],
    [{ strides: [-3, 1] }, /whole numbers from 0 up, but one is -3/],
    [{ shape: [1.5, 1] }, /but one is 1\.5/],
    [{ shape: new Array(65).fill(1) }, /65 axes; at most 64/],
    [{ dtype: "int8" }, /a tensor of int8 on a storage of int16/],
    [{ conj: true }, /tensor of int16 has no conjugate/],
    [{ requiresGrad: true }, /tensor of int16 has no gradient/],
    [{ shape: [2 ** 40, 2 ** 40], strides: [0, 0] }, /too big/],
    [{ shape: [2 ** 52, 2], strides: [2 ** 52, 1] }, /reaches beyond/],
  ])("refuses %j", (parts, message) => {
    expect(() => view(parts)).toThrow(RangeError);
    expect(() => view(parts)).toThrow(message);
  });
});

describe("numbers", () => {
  it("half precision is widened", () => {
    const half = (bits: number): number => rawOf("float16", [bits & 255, bits >> 8]).data()[0] as number;
    expect(half(0x3c00)).toBe(1);
    expect(half(0xc000)).toBe(-2);
    expect(half(0x7bff)).toBe(65504);
    expect(half(0x0001)).toBe(2 ** -24);
    expect(half(0x03ff)).toBe(1023 * 2 ** -24);
    expect(half(0x0400)).toBe(2 ** -14);
    expect(half(0x8000)).toBe(-0);
    expect(half(0x7c00)).toBe(Number.POSITIVE_INFINITY);
    expect(half(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
    expect(half(0x7e00)).toBeNaN();
    expect(rawOf("bfloat16", [0x80, 0x3f]).data()).toEqual(Float32Array.of(1));
    expect(rawOf("complex32", [0, 0x3c, 0, 0xc0]).data()).toEqual(Float32Array.of(1, -2));
  });

  it("conjugates and negatives are carried out", () => {
    const pair = new PtStorage("complex64", 1, new Uint8Array(Float32Array.of(1, 2).buffer));
    const z = { dtype: "complex64", shape: [1], storage: pair } as const;
    expect(new PtTensor({ ...z, conj: true }).data()).toEqual(Float32Array.of(1, -2));
    expect(new PtTensor({ ...z, neg: true }).data()).toEqual(Float32Array.of(-1, -2));
    expect(new PtTensor({ ...z, conj: true, neg: true }).data()).toEqual(Float32Array.of(-1, 2));
    expect(view({ neg: true }).data()).toEqual(Int16Array.of(0, -1, -2, -3, -4, -5));
    expect(rawOf("int64", [0, 1, 0, 0, 0, 0, 0, 0], { neg: true }).data()).toEqual(BigInt64Array.of(-256n));
  });

  it("8-bit floats have bytes only", () => {
    const tiny = rawOf("float8_e5m2", [0x3c]);
    expect(tiny.bytes()).toEqual(Uint8Array.of(0x3c));
    expect(() => tiny.data()).toThrow(/float8_e5m2 are not decoded; bytes\(\)/);
  });
});

describe("PtTensor.of", () => {
  it("copies", () => {
    const data = Int32Array.of(1);
    const made = PtTensor.of("int32", [1], data);
    data[0] = 2;
    expect(made.data()).toEqual(Int32Array.of(1));
  });

  it("refuses what does not fit together", () => {
    expect(() => PtTensor.of("float64", [1], Float32Array.of(1))).toThrow(/float64 is not made from a Float32Array/);
    expect(() => PtTensor.of("float16", [1], Float32Array.of(1))).toThrow(/float16 is not made from a Float32Array/);
    expect(() => PtTensor.of("float16", [1], Int32Array.of(1))).toThrow(/not made from an Int32Array$/);
    for (const [value, said] of [
      [undefined, "undefined"],
      [null, "null"],
      [{}, "an object"],
      [[1], "an Array"],
    ] as const) {
      expect(() => PtTensor.of("float32", [1], value as never)).toThrow(`float32 is not made from ${said}`);
    }
    expect(() => PtTensor.of("float32", [3], Float32Array.of(1))).toThrow(/1 numbers do not fill float32 \[3\]/);
  });
});

describe("PtStorage", () => {
  it("has all of its bytes, once", () => {
    expect(() => new PtStorage("float32", 2, new Uint8Array(7))).toThrow(/2 elements of float32 are 8 bytes, but 7/);
    const late = new PtStorage("int8", 1);
    expect(() => late.bytes).toThrow(/no bytes yet/);
    late.fill(Uint8Array.of(1));
    expect(() => late.fill(Uint8Array.of(1))).toThrow(/has its bytes already/);
  });
});
