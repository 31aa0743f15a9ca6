// .npz files: those that NumPy 2.4 wrote, in Base64; round trips; files that lie.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNpyTensor, writeNpyTensor } from "../../src/arrays/npyTensor.ts";
import { readNpz, writeNpz } from "../../src/arrays/npz.ts";
import { FileError } from "../../src/errors.ts";
import { type PtElementType, PtStorage, PtTensor } from "../../src/index.ts";

const base64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** `savez(x=array([[1, 2], [3, 4]], "<i8"), y=array(True))` */
const plain = base64(
  "UEsDBC0AAAAAAAAAIQCgREtb//////////8FABQAeC5ucHkBABAAoAAAAAAAAACgAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29y" +
    "ZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAQAA" +
    "AAAAAAACAAAAAAAAAAMAAAAAAAAABAAAAAAAAABQSwMELQAAAAAAAAAhAIIt+NP//////////wUAFAB5Lm5weQEAEACBAAAAAAAAAIEAAAAAAAAAk05VTVBZAQB2" +
    "AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg" +
    "ICAgICAgICAgICAgICAgICAgICAgICAgIAoBUEsBAi0DLQAAAAAAAAAhAKBES1ugAAAAoAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAAAAAAh" +
    "AIIt+NOBAAAAgQAAAAUAAAAAAAAAAAAAAIAB1wAAAHkubnB5UEsFBgAAAAACAAIAZgAAAI8BAAAAAA==",
);

/** `savez_compressed` of x = arange(6, ">f4") and f = arange(6, "<f2"), both 2 x 3 with the first axis fastest, and 200 zeros */
const packed = base64(
  "UEsDBC0AAAAIAAAAIQByJCHd//////////8FABQAeC5ucHkBABAAmAAAAAAAAABXAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6XZqKuo6Cell9UUpSYF59f" +
    "lJIKEg8pKk0FChdnJBakArkaRjoKxpo6CrUK5AMuBiCwb2BgcADSDkDCAcRewMAAAFBLAwQtAAAACAAAACEAdAqySP//////////BQAUAHoubnB5AQAQAMAGAAAA" +
    "AAAAVAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomBjoKppo6CrUK5AIuhlEwCkbBKBgFo4AM" +
    "AABQSwMELQAAAAgAAAAhAGLzF/f//////////wUAFABmLm5weQEAEACMAAAAAAAAAFEAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmpK6joJ6WX1RSlJgX" +
    "n1+UkgoSDykqTQUKF2ckFqQCuRpGOgrGmjoKtQrkAy4GBgYnBhsGFwYHBlcAUEsBAi0DLQAAAAgAAAAhAHIkId1XAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAHgu" +
    "bnB5UEsBAi0DLQAAAAgAAAAhAHQKskhUAAAAwAYAAAUAAAAAAAAAAAAAAIABjgAAAHoubnB5UEsBAi0DLQAAAAgAAAAhAGLzF/dRAAAAjAAAAAUAAAAAAAAAAAAA" +
    "AIABGQEAAGYubnB5UEsFBgAAAAADAAMAmQAAAKEBAAAAAA==",
);

const list = (tensor: PtTensor | undefined): unknown[] => [...(tensor?.data() ?? [])];

describe("readNpz", () => {
  it("reads what numpy.savez writes", () => {
    const { arrays } = readNpz(plain);
    expect([...arrays.keys()]).toEqual(["x", "y"]);
    const [x, y] = arrays.values();
    expect([x.dtype, x.shape, list(x)]).toEqual(["int64", [2, 2], [1n, 2n, 3n, 4n]]);
    expect([y.dtype, y.shape, list(y)]).toEqual(["bool", [], [1]]);
  });

  it("reads what numpy.savez_compressed writes, in other orders of bytes and axes too", () => {
    const { arrays } = readNpz(packed);
    expect([...arrays.keys()]).toEqual(["x", "z", "f"]);
    const [x, z, f] = arrays.values();
    expect([x.dtype, x.shape, list(x)]).toEqual(["float32", [2, 3], [0, 2, 4, 1, 3, 5]]);
    expect([f.dtype, f.shape, list(f)]).toEqual(["float16", [2, 3], [0, 1, 2, 3, 4, 5]]);
    expect([z.dtype, z.shape, new Set(list(z))]).toEqual(["float64", [40, 5], new Set([0])]);
  });

  const changed = (bytes: Uint8Array, change: (view: DataView, bytes: Uint8Array) => void): Uint8Array => {
    const copy = bytes.slice();
    change(new DataView(copy.buffer), copy);
    return copy;
  };
  /** Where the directory's record of the first entry begins. */
  const record = 0x1a1;
  const lies: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
    ["an empty file", new Uint8Array(), /the file is empty/],
    ["a single array", writeNpyTensor(PtTensor.of("int8", [1], Int8Array.of(1))), /a single array \(\.npy\)/],
    ["something else", new TextEncoder().encode("Dear diary"), /this is text, not an \.npz file: "Dear diary"/],
    ["half a file", plain.subarray(0, 300), /cut off/],
    ["an altered number", changed(plain, (_, bytes) => bytes.fill(9, 200, 201)), /checksum of "x\.npy" is wrong/],
    ["altered packed bytes", changed(packed, (_, bytes) => bytes.fill(0xff, 60, 70)), /"x\.npy" unpacks|checksum/],
    [
      "a size that is too small",
      changed(packed, (view) => view.setUint32(record + 24, 7, true)),
      /more than the 7 bytes/,
    ],
    [
      "a size that is too large",
      changed(packed, (view) => view.setUint32(record + 24, 1000, true)),
      /unpacks to 152 bytes where it says 1000/,
    ],
    [
      "an absurd size",
      changed(packed, (view) => view.setUint32(record + 24, 0xf0000000, true)),
      /unpack to more than is read/,
    ],
    [
      "another method",
      changed(packed, (view) => view.setUint16(record + 10, 12, true)),
      /compressed, by something else/,
    ],
    ["a method only here", changed(packed, (view) => view.setUint16(record + 10, 0, true)), /two different sizes/],
  ];

  it.each(lies)("refuses %s", (_, bytes, message) => {
    const read = (): unknown => readNpz(bytes, { name: "a.npz" });
    expect(read).toThrow(FileError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^a\.npz/);
  });

  it("leaves out what is not an array, and refuses Python objects", () => {
    const other = writeNpz(new Map([["x", PtTensor.of("int8", [1], Int8Array.of(1))]]));
    const text = new TextDecoder("latin1").decode(other).replaceAll("x.npy", "x.txt");
    const renamed = Uint8Array.from(text, (char) => char.charCodeAt(0));
    expect(readNpz(renamed)).toEqual({ arrays: new Map(), leftOut: ["x.txt (no array)"] });
    const npy = (description: string): Uint8Array => {
      const bytes = writeNpyTensor(PtTensor.of("int8", [8], new Int8Array(8)));
      const header = new TextDecoder("latin1").decode(bytes).replace("'|i1'", description.padEnd(5));
      return Uint8Array.from(header, (char) => char.charCodeAt(0));
    };
    expect(() => readNpyTensor(npy("'|O'"), { name: "a" })).toThrow(/type "\|O" are not read \(Python objects/);
    expect(() => readNpyTensor(npy("'<V8'"), { name: "a" })).toThrow(/type "<V8" are not read$/);
    expect(() => readNpyTensor(npy("'|i8'"), { name: "a" })).toThrow(/type "\|i8" are not read/);
    expect(() => readNpyTensor(npy("'<f8'"), { name: "a" })).toThrow(/shape \[8\] of <f8 takes 64 bytes, but 8 follow/);
  });

  it("refuses bool arrays that hold something else", () => {
    const bytes = writeNpyTensor(PtTensor.of("bool", [2], Uint8Array.of(1, 0)));
    bytes[bytes.length - 1] = 3;
    expect(() => readNpyTensor(bytes, { name: "a" })).toThrow(/^a: element 1 of a bool array is 3, not 0 or 1/);
  });
});

describe("writeNpz", () => {
  const types: readonly PtElementType[] = [
    ...(["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"] as const),
    ...(["float16", "float32", "float64", "complex64", "complex128"] as const),
  ];

  it.each(types)("keeps every bit of %s", (dtype) => {
    const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
    fc.assert(
      fc.property(shape, fc.uint8Array({ minLength: 1024, maxLength: 1024 }), (sizes, random) => {
        const probe = new PtTensor({ dtype, shape: [0], storage: new PtStorage(dtype, 0, new Uint8Array()) });
        const count = sizes.reduce((product, size) => product * size, 1);
        const width = probe.storage.elementBytes;
        const raw = random.slice(0, count * width).map((byte) => (dtype === "bool" ? byte & 1 : byte));
        const tensor = new PtTensor({ dtype, shape: sizes, storage: new PtStorage(dtype, count, raw) });
        const back = readNpz(writeNpz(new Map([["some/name", tensor]]))).arrays.get("some/name");
        expect([back?.dtype, back?.shape, back?.bytes()]).toEqual([dtype, sizes, raw]);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it("refuses types that NumPy has not, and names that would lead out of a folder", () => {
    const one = PtTensor.of("int8", [1], Int8Array.of(1));
    const half = new PtTensor({
      dtype: "bfloat16",
      shape: [1],
      storage: new PtStorage("bfloat16", 1, new Uint8Array(2)),
    });
    expect(() => writeNpz(new Map([["x", half]]))).toThrow(/"x" cannot be in an \.npz file: NumPy has no bfloat16/);
    for (const name of ["../x", "/x", "a//b", "a/..", "..", ".", "", "a\\b", "a\0b", "\ud800"]) {
      expect(() => writeNpz(new Map([[name, one]])), name).toThrow(RangeError);
    }
  });
});
