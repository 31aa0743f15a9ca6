// LEB128 and floats against an independent decoder.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/wasm/assembler/writer.ts";

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.view().slice();
}

/** The integer that LEB128 bytes mean, by the definition in arbitrary precision. */
function decode(bytes: Uint8Array, signed: boolean): bigint {
  let value = 0n;
  bytes.forEach((byte, i) => {
    expect(byte >> 7).toBe(i < bytes.length - 1 ? 1 : 0);
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
  });
  return signed ? BigInt.asIntN(7 * bytes.length, value) : value;
}

/** The least number of bytes that can hold a value. */
function leastBytes(value: bigint, signed: boolean): number {
  let bytes = 1;
  while (signed ? BigInt.asIntN(7 * bytes, value) !== value : value >> BigInt(7 * bytes) !== 0n) bytes++;
  return bytes;
}

/** Integers in [low, high], with those near powers of two often. */
function integers(low: bigint, high: bigint): fc.Arbitrary<bigint> {
  const nearPowers = fc
    .tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: -2, max: 2 }), fc.constantFrom(1n, -1n))
    .map(([power, delta, sign]) => sign * (1n << BigInt(power)) + BigInt(delta))
    .filter((value) => value >= low && value <= high);
  return fc.oneof(nearPowers, fc.bigInt({ min: low, max: high }));
}

describe("LEB128", () => {
  it("writes unsigned 32-bit integers", () => {
    fc.assert(
      fc.property(integers(0n, 2n ** 32n - 1n), (value) => {
        const bytes = written((w) => w.u32(Number(value)));
        expect(decode(bytes, false)).toBe(value);
        expect(bytes.length).toBe(leastBytes(value, false));
      }),
    );
  });

  it("writes signed 32-bit integers", () => {
    fc.assert(
      fc.property(integers(-(2n ** 31n), 2n ** 31n - 1n), (value) => {
        const bytes = written((w) => w.i32(Number(value)));
        expect(decode(bytes, true)).toBe(value);
        expect(bytes.length).toBe(leastBytes(value, true));
      }),
    );
  });

  it("writes signed 64-bit integers", () => {
    fc.assert(
      fc.property(integers(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        const bytes = written((w) => w.i64(value));
        expect(decode(bytes, true)).toBe(value);
        expect(bytes.length).toBe(leastBytes(value, true));
      }),
    );
  });

  it("writes known bytes", () => {
    expect([...written((w) => w.u32(624485))]).toEqual([0xe5, 0x8e, 0x26]);
    expect([...written((w) => w.u32(0xffffffff))]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect([...written((w) => w.i32(-123456))]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...written((w) => w.i32(-(2 ** 31)))]).toEqual([0x80, 0x80, 0x80, 0x80, 0x78]);
    expect([...written((w) => w.i32(64))]).toEqual([0xc0, 0x00]);
    expect([...written((w) => w.i32(0xffffffff))]).toEqual([0x7f]);
    expect([...written((w) => w.i64(2n ** 64n - 1n))]).toEqual([0x7f]);
  });
});

describe("floats", () => {
  it("are little endian", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect([...written((w) => w.f64(value))]).toEqual([...new Uint8Array(Float64Array.of(value).buffer)]);
        expect([...written((w) => w.f32(value))]).toEqual([...new Uint8Array(Float32Array.of(value).buffer)]);
      }),
    );
  });

  it("have one NaN", () => {
    const odd = new DataView(new ArrayBuffer(8));
    odd.setBigUint64(0, 0xfff4000000000123n);
    for (const nan of [Number.NaN, odd.getFloat64(0)]) {
      expect([...written((w) => w.f64(nan))]).toEqual([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
      expect([...written((w) => w.f32(nan))]).toEqual([0, 0, 0xc0, 0x7f]);
    }
  });
});

describe("ByteWriter", () => {
  it("grows without losing bytes", () => {
    const block = Uint8Array.from({ length: 3000 }, (_, i) => i & 0xff);
    const writer = new ByteWriter();
    for (let i = 0; i < 5; i++) {
      writer.byte(i);
      writer.raw(block);
    }
    expect(writer.length).toBe(5 * 3001);
    for (let i = 0; i < 5; i++) {
      expect(writer.bytes[3001 * i]).toBe(i);
      expect(writer.view().slice(3001 * i + 1, 3001 * (i + 1))).toEqual(block);
    }
  });

  it("writes sized parts and names", () => {
    const inner = new ByteWriter();
    inner.raw(new Uint8Array(200));
    expect(written((w) => w.sized(inner)).slice(0, 3)).toEqual(Uint8Array.of(0xc8, 0x01, 0));
    expect([...written((w) => w.name("é"))]).toEqual([2, 0xc3, 0xa9]);
  });
});
