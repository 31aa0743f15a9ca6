// .npy files: what NumPy and others write is read, what we write is what NumPy writes, and damage is refused.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ArrayData, ArrayDtype } from "../../src/arrays/arrayData.ts";
import { readNpy, writeNpy } from "../../src/arrays/npy.ts";
import { sha256Hex } from "../../src/bytes/sha256.ts";
import { FileError } from "../../src/errors.ts";

interface Entry {
  file: string;
  golden?: string;
  shape: number[];
  dtype: string;
  sha256: string;
  values?: number[];
  first?: number[];
}

const dataFolder = new URL("../data/files/", import.meta.url);
const readData = (file: string): Uint8Array => readFileSync(new URL(file, dataFolder));
const entries: Entry[] = JSON.parse(readFileSync(new URL("index.json", dataFolder), "utf8")).npy;

/** What NumPy's types become. */
const becomes: Record<string, ArrayDtype> = {
  int8: "int32",
  uint8: "int32",
  int16: "int32",
  uint16: "int32",
  uint32: "float64",
  int64: "float64",
  uint64: "float64",
};

describe("readNpy", () => {
  it.each(entries)("reads $file as NumPy does", ({ file, shape, dtype, sha256, values, first }) => {
    const bytes = readData(file);
    expect(sha256Hex(bytes)).toBe(sha256);
    const array = readNpy(bytes);
    expect(array.shape).toEqual(shape);
    expect(array.dtype).toBe(becomes[dtype] ?? dtype);
    if (values) expect([...array.data]).toEqual(values);
    if (first) expect([...array.data.subarray(0, first.length)]).toEqual(first);
  });

  it("reads headers that other writers make", () => {
    const header = `{"shape": (2L , 1,), "fortran_order":False,'descr': "<i4"}`;
    const array = readNpy(npy(header, [1, 0, 0, 0, 255, 255, 255, 255]));
    expect(array).toEqual({ dtype: "int32", shape: [2, 1], data: Int32Array.of(1, -1) });
  });
});

function npy(header: string, data: number[], version = 1): Uint8Array {
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...Buffer.from("NUMPY"),
    version,
    0,
    ...length,
    ...Buffer.from(header, "latin1"),
    ...data,
  ]);
}

const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";

describe("readNpy refuses", () => {
  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /the file is empty/],
    ["text", Uint8Array.from(Buffer.from("1.0 2.0 3.0 4.0")), /not an \.npy file/],
    ["format 4.0", npy(good, [0, 0, 0, 0], 4), /format 4\.0 is not known/],
    ["a header that is cut off", npy(good, []).subarray(0, 30), /cut off inside its header/],
    ["a header of 4 GB", Uint8Array.from([...npy("", [], 2).subarray(0, 8), 255, 255, 255, 255]), /absurd/],
    ["missing numbers", npy(good, [0, 0, 0]), /takes 4 bytes, but 3 follow/],
    ["extra numbers", npy(good, [0, 0, 0, 0, 0]), /takes 4 bytes, but 5 follow/],
    ["a huge shape", npy(good.replace("(1,)", "(4294967296, 4294967296)"), [0]), /absurd/],
    ["a huge shape beside a zero", npy(good.replace("(1,)", "(0, 4294967296, 4294967296)"), []), /absurd/],
    ["a large shape", npy(good.replace("(1,)", "(100000, 100000)"), [0]), /takes 40000000000 bytes, but 1 follow/],
    ["a negative size", npy(good.replace("(1,)", "(-1,)"), []), /malformed/],
    ["a number for a shape", npy(good.replace("(1,)", "1"), []), /malformed/],
    ["brackets that are no tuple", npy(good.replace("(1,)", "(1)"), []), /not a tuple/],
    ["two commas", npy(good.replace("(1,)", "(1,,2)"), []), /malformed/],
    ["no shape", npy("{'descr': '<f4', 'fortran_order': False}", []), /lacks one/],
    ["a repeated key", npy(good.replace("}", "'descr': '<f4'}"), []), /unexpected entry/],
    ["an unknown key", npy(good.replace("}", "'x': '<f4'}"), []), /unexpected entry/],
    ["a wrong value", npy(good.replace("False", "'no'"), []), /unexpected entry/],
    ["an expression", npy(good.replace("(1,)", "__import__('os').system('true')"), []), /malformed/],
    ["no dictionary", npy("[1, 2]", []), /not a Python dictionary/],
    ["records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", []), /records/],
    ["Python objects", npy(good.replace("<f4", "|O"), []), /"\|O" are not read \(Python objects/],
    ["strings", npy(good.replace("<f4", "<U3"), []), /"<U3" are not read/],
    ["no byte order", npy(good.replace("<f4", "|f4"), [0, 0, 0, 0]), /"\|f4" are not read/],
    ["names of JavaScript's own", npy(good.replace("<f4", "<constructor"), []), /are not read/],
    ["a bool of 2", npy(good.replace("<f4", "|b1"), [2]), /element 0 of a bool array is 2/],
    [
      "an integer that float64 would round",
      npy(good.replace("<f4", "<i8"), [1, 0, 0, 0, 0, 0, 32, 0]),
      /too big to be exact/,
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => readNpy(bytes, { name: "x.npy" })).toThrow(FileError);
    expect(() => readNpy(bytes, { name: "x.npy" })).toThrow(message);
    expect(() => readNpy(bytes, { name: "x.npy" })).toThrow(/^x\.npy: /);
  });

  it("random changes with nothing worse than a FileError", () => {
    const files = entries.map(({ file }) => readData(file)).filter(({ length }) => length < 1000);
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(300), fc.oneof(fc.nat(255), fc.integer({ min: 32, max: 126 }))), { maxLength: 4 }),
        fc.nat(300),
        (file, changes, length) => {
          const changed = file.slice(0, Math.max(length, 100));
          for (const [at, value] of changes) changed[at % changed.length] = value;
          try {
            readNpy(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(FileError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const kinds = {
  float32: (n: number) => fc.float32Array({ minLength: n, maxLength: n }),
  float64: (n: number) => fc.float64Array({ minLength: n, maxLength: n }),
  int32: (n: number) => fc.int32Array({ minLength: n, maxLength: n }),
  bool: (n: number) => fc.uint8Array({ minLength: n, maxLength: n, max: 1 }),
  complex64: (n: number) => fc.float32Array({ minLength: 2 * n, maxLength: 2 * n }),
  complex128: (n: number) => fc.float64Array({ minLength: 2 * n, maxLength: 2 * n }),
};

const anyArray = fc
  .tuple(
    fc.constantFrom<ArrayDtype>("float32", "float64", "int32", "bool", "complex64", "complex128"),
    fc.array(fc.nat(4), { maxLength: 4 }),
  )
  .chain(([dtype, shape]): fc.Arbitrary<ArrayData> => {
    const values: fc.Arbitrary<ArrayData["data"]> = kinds[dtype](shape.reduce((product, size) => product * size, 1));
    return values.map((data) => ({ dtype, shape, data }));
  });

describe("writeNpy", () => {
  it("is undone by readNpy", () => {
    fc.assert(
      fc.property(anyArray, (array) => {
        expect(readNpy(writeNpy(array))).toEqual(array);
      }),
    );
  });

  const plain = entries.filter(({ file, dtype }) => !(dtype in becomes) && !/^(big|fortran|version)/.test(file));
  it.each(plain)("gives $file byte for byte as numpy.save does", ({ file }) => {
    const bytes = readData(file);
    expect(Buffer.compare(writeNpy(readNpy(bytes)), bytes)).toBe(0);
  });

  it("writes every NaN alike", () => {
    const float64 = new Float64Array(new BigUint64Array([0xfff8000000000001n, 0x7ff8000000000000n]).buffer);
    const bytes = writeNpy({ dtype: "float64", shape: [2], data: float64 });
    expect(bytes.slice(-16)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f));
    const float32 = new Float32Array(Uint32Array.of(0xffc00001, 0x7fc00000).buffer);
    const half = writeNpy({ dtype: "complex64", shape: [], data: float32 });
    expect(half.slice(-8)).toEqual(Uint8Array.of(0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f));
  });

  it("refuses what does not fit together", () => {
    const array: ArrayData = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
    expect(() => writeNpy({ ...array, dtype: "float64" })).toThrow(/Float64Array, not a Float32Array/);
    expect(() => writeNpy({ ...array, dtype: "int32" })).toThrow(/be an Int32Array, not a Float32Array/);
    expect(() => writeNpy({ ...array, data: undefined as never })).toThrow(/a Float32Array, not undefined/);
    expect(() => writeNpy({ ...array, data: {} as never })).toThrow(/a Float32Array, not an object/);
    expect(() => writeNpy({ ...array, shape: [3] })).toThrow(/\[3\] of float32 needs 3 numbers, got 2/);
    expect(() => writeNpy({ ...array, dtype: "complex64" })).toThrow(/needs 4 numbers, got 2/);
    expect(() => writeNpy({ ...array, shape: [-1, -2] })).toThrow(/whole numbers/);
    expect(() => writeNpy({ ...array, shape: [0.5, 4] })).toThrow(/whole numbers/);
    expect(() => writeNpy({ dtype: "bool", shape: [1], data: Uint8Array.of(2) })).toThrow(/element 0 is 2/);
  });
});
