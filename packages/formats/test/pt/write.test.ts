// What is written is read again as it was.

import { differenceOf } from "@plenoptic-js/proof/files/sameValue";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PtFloat,
  PtGlobal,
  PtObject,
  PtOrderedDict,
  PtStorage,
  PtTensor,
  PtTuple,
  type PtValue,
  readPt,
  writePt,
} from "../../src/index.ts";
import { decodeLong, encodeLong } from "../../src/pt/integers.ts";
import { decodePythonString, encodePythonString } from "../../src/pt/strings.ts";
import { ZipArchive } from "../../src/zip/zipReader.ts";
import { anyInt, anyString, anyValue } from "./arbitrary.ts";

const again = (value: PtValue): PtValue => readPt(writePt(value)).value;

describe("writePt, then readPt", () => {
  it("gives the same value, with what was shared still shared", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(differenceOf(again(value), value)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("writes equal values as equal bytes", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = writePt(value);
        expect(writePt(readPt(bytes).value)).toEqual(bytes);
      }),
    );
  });

  it("keeps what the comparison would miss if it saw nothing", () => {
    expect(differenceOf([1], [1n])).toBeDefined();
    expect(differenceOf([0], [-0])).toBeDefined();
    const list: PtValue[] = [];
    expect(differenceOf([list, list], [[], []])).toBeDefined();
    expect(differenceOf([[], []], [list, list])).toBeDefined();
    const storage = (): PtStorage => new PtStorage("int8", 1, Uint8Array.of(1));
    const view = (of: PtStorage): PtTensor => new PtTensor({ dtype: "int8", shape: [1], storage: of });
    const shared = storage();
    expect(differenceOf([view(shared), view(shared)], [view(storage()), view(storage())])).toBeDefined();
  });

  it("keeps lists and dicts that hold themselves", () => {
    const list: PtValue[] = [1n];
    const dict = new PtOrderedDict([["list", list]]);
    list.push(list, dict, new PtTuple([list]));
    dict.set("self", dict);
    expect(differenceOf(again(list), list)).toBeUndefined();
  });

  it("refuses a tuple that holds itself, which cannot be said without instructions torch refuses", () => {
    const list: PtValue[] = [];
    const tuple = new PtTuple([list]);
    list.push(tuple);
    expect(() => writePt(tuple)).toThrow(/the value\[0\]\[0\] holds itself/);
    // Begun at the list, it can.
    expect(differenceOf(again(list), list)).toBeUndefined();
  });

  it.each([0, 1, 2, 999, 1000, 1001, 2000, 2001])("keeps a list and a dict of %i items", (count) => {
    const numbers = Array.from({ length: count }, (_, i) => BigInt(i * i));
    const value = [numbers, new Map(numbers.map((number, i) => [i, number]))];
    expect(differenceOf(again(value), value)).toBeUndefined();
  });

  it("recalls more values than one byte can number", () => {
    const strings = Array.from({ length: 600 }, (_, i) => `s${i}`);
    const value = [strings, [...strings]];
    expect(differenceOf(again(value), value)).toBeUndefined();
  });

  it("keeps keys as they are: ints, floats, tuples", () => {
    const value: PtValue = new Map<PtValue, PtValue>([
      [1, "int"],
      [2n ** 64n, "long"],
      [0.5, "float"],
      [new PtFloat(3), "3.0"],
      [new PtFloat(-0), "-0.0"],
      [null, "None"],
      [true, "True, which is 1"],
    ]);
    expect(() => writePt(value)).toThrow(/two keys of a dict are equal in Python/);
    value.delete(true);
    expect(differenceOf(again(value), value)).toBeUndefined();
  });

  it("keeps attributes of tensors and parameters", () => {
    const parts = { dtype: "float16", shape: [1], storage: new PtStorage("float16", 1, Uint8Array.of(0, 60)) } as const;
    const attributes = new Map<PtValue, PtValue>([["tag", "hello"]]);
    const value = [
      new PtTensor({ ...parts, attributes }),
      new PtTensor({ ...parts, attributes, isParameter: true, requiresGrad: true }),
    ];
    expect(differenceOf(again(value), value)).toBeUndefined();
  });

  it("keeps 1000 levels of lists, and refuses one more", () => {
    let value: PtValue = null;
    for (let i = 0; i < 1000; i++) value = [value];
    expect(differenceOf(again(value), value)).toBeUndefined();
    expect(() => writePt([value])).toThrow(/more than 1000 deep/);
  });
});

describe("the archive", () => {
  it("has the entries of torch, in its order", () => {
    const value = [PtTensor.of("float32", [2], Float32Array.of(1, 2)), PtTensor.of("float32", [0], new Float32Array())];
    const archive = new ZipArchive(writePt(value, { root: "metamer" }), "x", 100);
    expect([...archive.names()]).toEqual([
      "metamer/data.pkl",
      "metamer/.format_version",
      "metamer/.storage_alignment",
      "metamer/byteorder",
      "metamer/data/0",
      "metamer/data/1",
      "metamer/version",
      "metamer/.data/serialization_id",
    ]);
    expect(archive.read("metamer/data/0")).toEqual(new Uint8Array(Float32Array.of(1, 2).buffer));
    expect(String.fromCharCode(...archive.read("metamer/.data/serialization_id"))).toMatch(/^\d{40}$/);
  });

  it.each(["", "a/b", "a\0"])("cannot have the root %j", (root) => {
    expect(() => writePt(null, { root })).toThrow(/root is .* name of a folder/);
  });

  it("takes no options that do not exist", () => {
    expect(() => writePt(null, { rooot: "a" } as object)).toThrow(/no option "rooot"/);
  });
});

describe("writePt refuses", () => {
  const at = (value: unknown): PtValue => new Map([["a", [0n, value as PtValue]]]);

  it.each<[string, unknown, RegExp]>([
    ["undefined", undefined, /the value\["a"\]\[1\] is undefined/],
    ["plain objects", { b: 1 }, /is an object, .*use a Map for a dict/],
    ["typed arrays", Float32Array.of(1), /is a Float32Array, .*PtTensor\.of\(\)/],
    ["functions", () => 1, /is a function/],
    ["an object of Python", new PtObject("torch.optim.adam.Adam"), /object or function torch\.optim\.adam\.Adam/],
    ["a function of Python", new PtGlobal("plenoptic.tools.optim.mse"), /plenoptic\.tools\.optim\.mse/],
    ["ints of more than 255 bytes", 2n ** 2040n, /int of more than 255 bytes/],
    ["a list as a key", new Map([[[1n], 1n]]), /used as a key of a dict/],
  ])("%s", (_, value, message) => {
    expect(() => writePt(at(value))).toThrow(message);
  });
});

describe("ints and strings", () => {
  it("ints have the bytes of Python's pickle.encode_long", () => {
    const known: [bigint, number[]][] = [
      [0n, []],
      [255n, [0xff, 0]],
      [32767n, [0xff, 0x7f]],
      [-256n, [0, 0xff]],
      [-32768n, [0, 0x80]],
      [-128n, [0x80]],
      [127n, [0x7f]],
    ];
    for (const [value, bytes] of known) expect([...encodeLong(value)]).toEqual(bytes);
    fc.assert(fc.property(anyInt, (value) => decodeLong(encodeLong(value)) === value));
  });

  it("strings come back, halves of surrogate pairs too", () => {
    fc.assert(fc.property(anyString, (text) => decodePythonString(encodePythonString(text)) === text));
    expect([...encodePythonString("\ud800")]).toEqual([0xed, 0xa0, 0x80]);
    expect([...encodePythonString("😀")]).toEqual([0xf0, 0x9f, 0x98, 0x80]);
  });
});

describe("tensors made here", () => {
  it("are written with one bit pattern for NaN", () => {
    const odd = new Float32Array(Uint32Array.of(0xffc00001, 0x3f800000).buffer);
    const written = again(PtTensor.of("float32", [2], odd)) as PtTensor;
    expect([...new Uint32Array(written.bytes().buffer)]).toEqual([0x7fc00000, 0x3f800000]);
  });

  it("but what came from a file keeps its bits", () => {
    const bytes = new Uint8Array(Uint32Array.of(0xffc00001).buffer);
    const value = new PtTensor({ dtype: "float32", shape: [1], storage: new PtStorage("float32", 1, bytes) });
    expect((again(value) as PtTensor).bytes()).toEqual(bytes);
  });
});
