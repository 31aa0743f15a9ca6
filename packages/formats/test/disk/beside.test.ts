// Files beside another one: found in its folder, and never outside of it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readBeside } from "@plenoptic-js/formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let network: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "beside-"));
  network = join(folder, "nets", "a.onnx");
  mkdirSync(join(folder, "nets", "more"), { recursive: true });
  writeFileSync(network, "");
  writeFileSync(join(folder, "nets", "a.data"), "abc");
  writeFileSync(join(folder, "nets", "more", "b.data"), "de");
  writeFileSync(join(folder, "secret"), "s");
  symlinkSync(join(folder, "secret"), join(folder, "nets", "out"));
  symlinkSync(join(folder, "nets", "a.data"), join(folder, "nets", "in"));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("readBeside", () => {
  test("reads what is in the folder, also through a link, and by an address", async () => {
    const read = async (path: string, name: string) => String.fromCharCode(...(await readBeside(path, name)).bytes);
    expect(await read(network, "a.data")).toBe("abc");
    expect(await read(network, "more/b.data")).toBe("de");
    expect(await read(network, "in")).toBe("abc");
    expect(await read(pathToFileURL(network).href, "a.data")).toBe("abc");
  });

  test.each([
    ["../secret", "this file lies outside of the folder"],
    ["more/../../secret", "this file lies outside of the folder"],
    ["out", "this file lies outside of the folder"],
    ["none", "there is no such file beside it"],
    ["more", "this is no ordinary file"],
  ])("refuses %s", async (name, words) => {
    await expect(readBeside(network, name)).rejects.toThrow(`${name}: ${words}`);
  });

  test("refuses too many bytes, and places without folders", async () => {
    await expect(readBeside(network, "a.data", { maxBytes: 2 })).rejects.toThrow("3 bytes; at most 2 bytes");
    await expect(readBeside("https://example.org/a.onnx", "a.data")).rejects.toThrow("found on a disk only");
  });
});
