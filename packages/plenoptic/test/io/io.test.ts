// po.io: saved files as data.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError, readPt, writePt } from "@plenoptic-js/formats";
import { differenceOf } from "@plenoptic-js/proof/files/sameValue";
import { hashTensor, type Tensor, tensor } from "@plenoptic-js/tensor";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ZipArchive } from "../../../formats/src/zip/zipReader.ts";
import {
  examineSavedSynthesis,
  loadFile,
  PtObject,
  PtTensor,
  PtTuple,
  type PtValue,
  SavedFile,
  saveFile,
  toTensor,
} from "../../src/io/index.ts";
import { type AnyWarning, on } from "../../src/warnings.ts";

const sample = (file: string): string =>
  fileURLToPath(new URL(`../../../formats/test/data/pt/${file}`, import.meta.url));
const current = sample("HEAD/metamer_adam_plain_noamsgrad_f32.pt");
const old = sample("1.1.0/metamer_sgd_explr_f32.pt");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plenoptic-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("loadFile", () => {
  it("finds values with and without the underscore", async () => {
    const saved = await loadFile(current);
    expect(saved).toBeInstanceOf(SavedFile);
    expect(saved.get("metamer")).toBeInstanceOf(PtTensor);
    expect(saved.get("metamer")).toBe(saved.get("_metamer"));
    expect(saved.has("metamer")).toBe(true);
    expect(saved.has("mad_image")).toBe(false);
    expect(toTensor(saved.get("metamer") as PtTensor).shape).toEqual([1, 1, 24, 24]);
    expect(saved.get("loss_function")).toBeInstanceOf(PtTuple);
  });

  it("takes bytes and Blobs as well", async () => {
    const bytes = await readFile(current);
    expect((await loadFile(bytes)).size).toBe((await loadFile(new Blob([bytes]))).size);
  });

  it("warns of what old files hold beside data", async () => {
    const seen: AnyWarning[] = [];
    const off = on((warning) => seen.push(warning));
    const saved = await loadFile(old).finally(off);
    expect(saved.get("optimizer")).toBeInstanceOf(PtObject);
    expect(seen.map(String)).toEqual([expect.stringMatching(/^UserWarning: loadFile: .*torch\.optim\.sgd\.SGD/)]);
  });

  it("refuses what is no dictionary, no .pt file, no file", async () => {
    await expect(loadFile(writePt(1n))).rejects.toThrow(/neither a dictionary or list, nor a tensor/);
    await expect(loadFile(join(folder, "none.pt"))).rejects.toThrow(/no such file/);
    await expect(loadFile(new Uint8Array(3))).rejects.toBeInstanceOf(FileError);
  });
});

describe("SavedFile", () => {
  it("sets and deletes under the name that is there", () => {
    const saved = new SavedFile([
      ["_losses", [1]],
      ["loss_function", "a"],
    ]);
    saved.set("losses", [2]).set("_new", 1n).set("other", 2n);
    expect([...saved]).toEqual([
      ["_losses", [2]],
      ["loss_function", "a"],
      ["_new", 1n],
      ["other", 2n],
    ]);
    expect(saved.delete("new")).toBe(true);
    expect(saved.delete("new")).toBe(false);
    expect(saved.size).toBe(3);
  });

  it("keeps a name with and one without apart when both are there", () => {
    const saved = SavedFile.from(
      new Map([
        ["_a", 1n],
        ["a", 2n],
      ]),
    );
    expect([saved.get("_a"), saved.get("a")]).toEqual([1n, 2n]);
    saved.set("a", 3n);
    expect([saved.get("_a"), saved.get("a")]).toEqual([1n, 3n]);
  });

  it("gives bytes to download", async () => {
    const saved = await loadFile(current);
    expect(differenceOf(readPt(saved.toBytes()).value, new Map(saved))).toBeUndefined();
  });
});

describe("saveFile", () => {
  it("writes what was loaded as it was, with one value changed", async () => {
    const saved = await loadFile(current);
    const image = tensor(new Float32Array(24 * 24).fill(0.25), { shape: [1, 1, 24, 24] });
    const path = join(folder, "my metamer.v2.pt");
    await saveFile(path, saved.set("store_progress", 3n));
    await saveFile(path, new Map<PtValue, PtValue | Tensor>(saved).set("_metamer", image));
    expect(await readdir(folder)).toEqual(["my metamer.v2.pt"]);

    const again = await loadFile(path);
    expect([...again.keys()]).toEqual([...saved.keys()]);
    expect(again.get("store_progress")).toBe(3n);
    expect(await hashTensor(toTensor(again.get("metamer") as PtTensor))).toBe(await hashTensor(image));
    expect(differenceOf(new Map(again).set("_metamer", 0), new Map(saved).set("_metamer", 0))).toBeUndefined();
    const [first] = new ZipArchive(await readFile(path), path, 1000).names();
    expect(first).toBe("my metamer.v2/data.pkl");
  });

  it.each([
    ["ünicode.pt", "archive"],
    [".pt", ".pt"],
    ["noextension", "noextension"],
  ])("names the folder inside %s as torch does", async (file, root) => {
    await saveFile(join(folder, file), new Map());
    const [first] = new ZipArchive(await readFile(join(folder, file)), file, 1000).names();
    expect(first).toBe(`${root}/data.pkl`);
  });

  it("leaves the old file when something cannot be written", async () => {
    const path = join(folder, "a.pt");
    await writeFile(path, "old");
    const off = on(() => undefined);
    const unwritable = await loadFile(old).finally(off);
    await expect(saveFile(path, unwritable)).rejects.toThrow(/torch\.optim\.sgd\.SGD/);
    await expect(saveFile(path, { a: 1 } as never)).rejects.toThrow(/must be a Map/);
    const nested = new Map([["a", [tensor(1)]]]) as never;
    await expect(saveFile(path, nested)).rejects.toThrow(/\["a"\]\[0\] is a Tensor, .*PtTensor\.of\(\)/);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a.pt"]);
  });
});

describe("examineSavedSynthesis", () => {
  it("prints four groups, aligned, and gives the text", async () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const text = await examineSavedSynthesis(current).finally(() => print.mockRestore());
    expect(text).toMatch(/^Metadata\n {2}plenoptic_version {2}2\.1\.1/);
    expect(text.match(/^\w+$/gm)).toEqual(["Metadata", "Callables", "Tensors", "Others"]);
    expect(text).toMatch(
      /^ {2}model +plenoptic\.models\.naive\.Gaussian +image \[1, 1, 24, 24\] -> \[1, 1, 24, 24\]$/m,
    );
    expect(text).toMatch(/^ {2}optimizer +torch\.optim\.adam\.Adam$/m);
    expect(text).toMatch(/^ {2}metamer +float32 {2}\[1, 1, 24, 24\] {2}-?[\d.e-]+ to [\d.]+$/m);
    expect(text).toMatch(/^ {2}image_shape +\[1, 1, 24, 24\]$/m);
    expect(text).not.toMatch(/^ {2}_/m);
  });

  it("prints what an unusual file holds, and nothing that steers a terminal", async () => {
    const nan = PtTensor.of("float32", [3], Float32Array.of(Number.NaN, 1, 2));
    const value = new Map<PtValue, PtValue>([
      ["_x\u001b[31m", "y\u001b]0;z\u0007"],
      ["nan", nan],
      ["long", "a".repeat(100)],
      ["none", PtTensor.of("complex64", [], Float32Array.of(1, 2))],
      [5, null],
    ]);
    const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const text = await examineSavedSynthesis(writePt(value)).finally(() => print.mockRestore());
    expect([...text].filter((char) => char < " " && char !== "\n")).toEqual([]);
    expect(text).toMatch(/^ {2}nan +float32 +\[3\] +1 to 2, 1 NaN$/m);
    expect(text).toMatch(/^ {2}none +complex64 +\[\]$/m);
    expect(text).toMatch(/a{60}\.\.\. \(100 characters\)/);
    expect(text).toMatch(/^ {2}5 +None$/m);
  });
});
