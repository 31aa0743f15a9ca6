// .pt files as strangers met them (test/data/cases): Python's values beside tensors.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type PtDict, PtObject, PtTensor, type PtValue, readPt } from "../../src/index.ts";
import { encode, fileOf, op } from "./makePt.ts";

const read = (file: string) => readPt(readFileSync(new URL(`../data/cases/${file}`, import.meta.url)), { name: file });
const dictOf = (file: string): PtDict => read(file).value as PtDict;

function tensorOf(value: PtValue | undefined): [dtype: string, shape: readonly number[], numbers: unknown[]] {
  if (!(value instanceof PtTensor)) throw new TypeError("no tensor");
  return [value.dtype, value.shape, Array.from<unknown>(value.data())];
}

describe("NumPy's values", () => {
  it("a scalar is a tensor without axes, of its own type", () => {
    const { value, warnings } = read("numpy_scalar.pt");
    expect(tensorOf((value as PtDict).get("loss"))).toEqual(["float64", [], [0.25]]);
    expect(tensorOf((value as PtDict).get("x"))[1]).toEqual([2, 2]);
    expect(warnings).toEqual([]);
    const dict = dictOf("numpy_arrays.pt");
    expect(tensorOf(dict.get("flag"))).toEqual(["bool", [], [1]]);
    expect(tensorOf(dict.get("float32"))).toEqual(["float32", [], [Math.fround(0.1)]]);
    expect(tensorOf(dict.get("int64"))).toEqual(["int64", [], [-7n]]);
  });

  it("an array is a tensor, in whatever order its elements lie", () => {
    const dict = dictOf("numpy_arrays.pt");
    expect(tensorOf(dict.get("array"))).toEqual(["int16", [2, 3], [0, 1, 2, 3, 4, 5]]);
    expect(tensorOf(dict.get("fortran"))).toEqual(["float64", [2, 3], [0, 1, 2, 3, 4, 5]]);
    expect(tensorOf(dict.get("big"))).toEqual(["float32", [3], [0, 1, 2]]);
    expect(tensorOf(dict.get("empty"))).toEqual(["float64", [0, 4], []]);
  });

  it("one array in three places is one tensor", () => {
    const dict = dictOf("numpy_arrays.pt");
    const [first, second] = dict.get("again") as PtValue[];
    expect(first).toBe(dict.get("array"));
    expect(second).toBe(first);
  });

  it("what is no number is a placeholder, and is listed", () => {
    const { value, warnings } = read("numpy_arrays.pt");
    expect((value as PtDict).get("names")).toBeInstanceOf(PtObject);
    expect((value as PtDict).get("objects")).toBeInstanceOf(PtObject);
    expect(warnings).toEqual([expect.stringMatching(/numpy array of U2, numpy array of O8.*never run/)]);
  });
});

describe("objects of unknown classes", () => {
  it("are placeholders with their names and what they hold, and are listed", () => {
    const { value, warnings } = read("argparse.pt");
    const args = (value as PtDict).get("args") as PtObject;
    expect(args).toBeInstanceOf(PtObject);
    expect(args.className).toBe("argparse.Namespace");
    expect(args.state).toEqual(new Map([["lr", 0.1]]));
    expect(tensorOf((value as PtDict).get("x"))[1]).toEqual([2, 2]);
    expect(warnings).toEqual([expect.stringMatching(/\(argparse\.Namespace\).*never run/)]);
    const more = dictOf("numpy_arrays.pt").get("more") as PtObject[];
    expect(more.map(({ state }) => state)).toEqual([new Map([["depth", 3n]]), new Map([["depth", 4n]])]);
  });

  const namespace = [0x63, ...encode("argparse\nNamespace\n")];
  it.each<[string, number[]]>([
    ["as a value", namespace],
    ["called", [...namespace, op.emptyTuple, 0x52]],
    ["made with arguments", [...namespace, op.none, op.tuple1, 0x81]],
  ])("a class that is %s is refused", (_, instructions) => {
    expect(() => readPt(fileOf(instructions))).toThrow(/it refers to "argparse\.Namespace", which is not read/);
  });

  it("a class whose object was made cannot be called afterwards", () => {
    const made = [op.emptyTuple, 0x81];
    const called = [op.get, 0, op.emptyTuple, 0x52, op.tuple2];
    expect(() => readPt(fileOf([...namespace, op.put, 0, ...made, ...called]))).toThrow(/it calls argparse\.Namespace/);
  });
});

describe("other files of strangers", () => {
  it("views of one memory as two types", () => {
    expect(() => read("shared_complex_views.pt")).toThrow(
      /two tensors see the same memory as different types \(4 complex64 and 8 float32\).*save copies of them/,
    );
  });
});
