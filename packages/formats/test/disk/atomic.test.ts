// Files that are there whole or not at all: what is refused beforehand, what a failure leaves, what is cleared away.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkWritable, clearUnfinished, FileError, writeFileAtomic } from "@plenoptic-js/formats";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atomic-"));
  path = join(folder, "a file.pt");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("writeFileAtomic", () => {
  test("asks for a piece when those before it are written", async () => {
    const order: string[] = [];
    const fs = process.getBuiltinModule("node:fs/promises");
    const { open } = fs;
    vi.spyOn(fs, "open").mockImplementation(async (...args) => {
      const handle = await open(...args);
      const { writeFile } = handle;
      vi.spyOn(handle, "writeFile").mockImplementation(async (piece) => {
        await writeFile.call(handle, piece);
        order.push(`wrote ${String(piece)}`);
      });
      return handle;
    });
    function* pieces(): Generator<Uint8Array> {
      for (const i of [1, 2]) {
        order.push(`made ${i}`);
        yield Uint8Array.of(i);
      }
    }
    await writeFileAtomic(path, pieces());
    expect(order).toEqual(["made 1", "wrote 1", "made 2", "wrote 2"]);
    expect([...readFileSync(path)]).toEqual([1, 2]);
    expect(readdirSync(folder)).toEqual(["a file.pt"]);
  });

  test.each([
    ["ENOSPC", "the disk is full"],
    ["EDQUOT", "the disk is full"],
    ["EROFS", "you are not allowed to write in"],
    ["EIO", "could not be written"],
  ])("what the system reports as %s leaves the file that was there, and nothing else", async (code, words) => {
    writeFileSync(path, "before");
    const fs = process.getBuiltinModule("node:fs/promises");
    const { open } = fs;
    vi.spyOn(fs, "open").mockImplementation(async (...args) => {
      const handle: FileHandle = await open(...args);
      vi.spyOn(handle, "sync").mockRejectedValue(Object.assign(new Error(code), { code }));
      return handle;
    });
    await expect(writeFileAtomic(path, Uint8Array.of(1))).rejects.toThrow(words);
    expect(readFileSync(path, "utf8")).toBe("before");
    expect(readdirSync(folder)).toEqual(["a file.pt"]);
  });

  test("what the pieces throw is thrown, and leaves nothing", async () => {
    function* pieces(): Generator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new RangeError("no second piece");
    }
    await expect(writeFileAtomic(path, pieces())).rejects.toThrow(RangeError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("takes a long name", async () => {
    const long = join(folder, `${"ä".repeat(120)}.pt`);
    await writeFileAtomic(long, Uint8Array.of(1));
    expect(readFileSync(long)).toHaveLength(1);
  });
});

describe("checkWritable", () => {
  test("tells whether a file is there, and leaves nothing", () => {
    expect(checkWritable(path)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(path, "x");
    expect(checkWritable(path)).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("x");
    expect(readdirSync(folder)).toEqual(["a file.pt"]);
  });

  test("refuses a folder in the way, one that is missing, and a file in the place of one", () => {
    mkdirSync(path);
    writeFileSync(join(folder, "f"), "");
    expect(() => checkWritable(path)).toThrow("a folder of this name is in the way");
    expect(() => checkWritable(join(folder, "no", "f"))).toThrow("does not exist");
    expect(() => checkWritable(join(folder, "f", "f"))).toThrow("is not a folder");
    expect(() => checkWritable("")).toThrow(FileError);
    expect(() => checkWritable(1 as unknown as string)).toThrow(TypeError);
  });
});

test("clearUnfinished removes what was left of this file, and nothing else", async () => {
  const uuid = "01234567-89ab-cdef-0123-456789abcdef";
  const others = [`.a file.pt.${uuid}`, `.b file.pt.${uuid}.tmp`, ".a file.pt.mine.tmp", `.${uuid}.tmp`];
  for (const name of [`.a file.pt.${uuid}.tmp`, ...others]) writeFileSync(join(folder, name), "");
  await clearUnfinished(path);
  expect(readdirSync(folder).sort()).toEqual(others.sort());
  await clearUnfinished(join(folder, "no", "f"));
});
