// Hostile and damaged files: one clear error or a value, fast, and nothing is run.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkHostile, type HostileCase } from "@plenoptic-js/proof/conformance/saved/pt";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { type PtTensor, type PtTuple, type PtValue, readPt } from "../../src/index.ts";
import { encode, fileOf, op } from "./makePt.ts";

const folder = fileURLToPath(new URL("../data/pt/hostile/", import.meta.url));
const cases: HostileCase[] = JSON.parse(readFileSync(`${folder}cases.json`, "utf8"));
const read = (file: string): PtValue => readPt(readFileSync(folder + file), { name: file }).value;

/** The error of reading some bytes. */
function errorOf(bytes: Uint8Array): FileError {
  try {
    readPt(bytes, { name: "x.pt" });
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("hostile samples", () => {
  it.each(cases)("$file: $answer", (hostileCase) => {
    expect(checkHostile(folder, hostileCase)).toEqual([]);
  });

  it.each([
    ["exec_os_system.pt", "os.system"],
    ["exec_builtins_eval.pt", "builtins.eval"],
    ["exec_in_backward_hooks.pt", "os.system"],
    ["exec_legacy.pt", "os.system"],
    ["exec_dotted_name.pt", "torch.os.system"],
    ["exec_subprocess.pt", "subprocess.Popen"],
  ])("%s: the error names %s", (file, name) => {
    const error = errorOf(readFileSync(folder + file));
    expect(error.message).toContain(`x.pt: it refers to "${name}"`);
    expect(error.code).toBe("unsupported");
  });

  it("answers where a value is due are right", () => {
    expect(read("op_memo_huge_index.pt")).toEqual(new Map([["a", 1n]]));
    const bool = (read("st_bool_not_01.pt") as Map<string, PtTensor>).get("a");
    expect(bool?.data()).toEqual(Uint8Array.of(0, 1, 1, 1));
    const huge = read("met_optimizer_state_huge_index.pt") as Map<string, PtValue>;
    expect(JSON.stringify([...huge.keys()])).toContain("_optimizer");
    const cycle = read("cycle_tuple_dict.pt") as Map<PtValue, PtValue>;
    expect(cycle).toBeInstanceOf(Map);
  });
});

describe("files that ask for too much", () => {
  it("120000 lists in each other", () => {
    const deep = new Uint8Array(120_000).fill(op.emptyList);
    const error = errorOf(fileOf([...deep, ...new Uint8Array(119_999).fill(op.append)]));
    expect(error.code).toBe("too-big");
    expect(error.message).toMatch(/more than 1000 deep/);
  });

  it("120000 tuples in each other", () => {
    expect(errorOf(fileOf([op.none, ...new Uint8Array(120_000).fill(op.tuple1)])).message).toMatch(/1000 deep/);
  });

  it("nesting is counted along the deepest way, whichever was met first", () => {
    // [a, b] where b holds a chain of 800 that ends in a, and a is a chain of 300 that was met before.
    const chain = (length: number): number[] => new Array<number>(length).fill(op.tuple1);
    const program = [op.mark, op.none, ...chain(300), op.put, 0, op.get, 0, ...chain(800), op.tuple];
    expect(errorOf(fileOf(program)).message).toMatch(/1000 deep/);
    expect(() => readPt(fileOf([op.mark, op.none, ...chain(900), op.tuple]))).not.toThrow();
  });

  it("values shared so often that they would fill the world are not copied", () => {
    const program = [op.emptyTuple, ...Array.from({ length: 60 }, () => [op.put, 0, op.get, 0, op.tuple2]).flat()];
    const value = readPt(fileOf(program)).value as PtTuple;
    expect(value.length).toBe(2);
    expect(value.items[0]).toBe(value.items[1]);
  });

  it("a key of a dict as large as that", () => {
    const key = [op.emptyTuple, ...Array.from({ length: 40 }, () => [op.put, 0, op.get, 0, op.tuple2]).flat()];
    expect(errorOf(fileOf([op.emptyDict, ...key, op.none, op.setItem])).message).toMatch(/key of a dict is too large/);
  });

  it("more memory than the limit", () => {
    const dicts = [op.mark, ...new Uint8Array(500_000).fill(op.emptyDict), op.tuple];
    const error = errorOf(fileOf(dicts));
    expect(error.code).toBe("too-big");
    expect(error.message).toMatch(/more than \d+ bytes of memory/);
    const few = fileOf([op.mark, op.emptyDict, op.emptyDict, op.tuple]);
    expect(() => readPt(few, { limits: { maxMemory: 500 } })).toThrow(/500 bytes of memory/);
    expect(() => readPt(few)).not.toThrow();
  });

  it("more instructions or entries than the limit", () => {
    const file = fileOf([op.mark, op.none, op.none, op.tuple]);
    expect(() => readPt(file, { limits: { maxInstructions: 5 } })).toThrow(/more than 5 instructions/);
    expect(() => readPt(file, { limits: { maxEntries: 2 } })).toThrow(/3 entries; at most 2/);
    expect(() => readPt(file, { limits: { maxEntries: 3, maxInstructions: 6 } })).not.toThrow();
  });
});

describe("keys of dicts", () => {
  const dictOf = (...items: readonly (readonly number[])[]): Map<PtValue, PtValue> =>
    readPt(fileOf([op.emptyDict, ...items.flatMap((item) => [...item, op.setItem])])).value as Map<PtValue, PtValue>;
  const int = (value: number): number[] => [op.int8, value];
  const one = [op.float, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0];

  it("1, 1.0 and True are one key, as in Python", () => {
    const dict = dictOf([...int(1), ...int(5)], [op.true, ...int(6)], [...one, ...int(7)]);
    expect([...dict]).toEqual([[1, 7n]]);
  });

  it("equal tuples are one key", () => {
    const tuple = (last: number): number[] => [...int(3), ...int(last), op.tuple2];
    const dict = dictOf([...tuple(4), ...int(5)], [...tuple(4), ...int(6)], [...tuple(5), ...int(7)]);
    expect([...dict.values()]).toEqual([6n, 7n]);
  });

  it("lists are none", () => {
    const program = [op.emptyDict, op.emptyList, op.none, op.setItem];
    expect(errorOf(fileOf(program)).message).toMatch(/list, dict or set .* key/);
  });
});

describe("strings", () => {
  const string = (...bytes: readonly number[]): Uint8Array => fileOf([op.string, bytes.length, 0, 0, 0, ...bytes]);

  it("may hold halves of surrogate pairs, as Python's do", () => {
    expect(readPt(string(0x61, 0xed, 0xa0, 0x80, 0x62)).value).toBe("a\ud800b");
    expect(readPt(string(0xed, 0xb0, 0x80, 0xed, 0xa0, 0x80)).value).toBe("\udc00\ud800");
  });

  it("are refused when they are no UTF-8", () => {
    expect(errorOf(string(0xff)).message).toMatch(/not UTF-8/);
    // Both halves of one character, each for itself: JavaScript cannot tell that from the character.
    expect(errorOf(string(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)).message).toMatch(/not UTF-8/);
  });
});

describe("what is no .pt file", () => {
  it.each<[string, Uint8Array | string, RegExp]>([
    ["nothing", "", /the file is empty/],
    ["text", "Dear diary", /this is text, not a \.pt file: "Dear diary"/],
    ["a web page", "<!DOCTYPE html><html>", /a web page.*the download went wrong/],
    ["a bare pickle", Uint8Array.of(0x80, 2, 0x4e, 0x2e), /a bare pickle.*torch\.save/],
    ["a NumPy array", "\x93NUMPY\x01\0", /NumPy array/],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\n", /git lfs pull/],
    ["noise", Uint8Array.of(1, 2, 3, 200), /not a \.pt file/],
  ])("%s", (_, content, message) => {
    const bytes = typeof content === "string" ? encode(content) : content;
    expect(errorOf(bytes).message).toMatch(message);
  });
});
