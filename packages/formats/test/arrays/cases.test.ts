// Files of arrays as strangers met them (test/data/cases): mixed, empty, and something else than they are called.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readNpy } from "../../src/arrays/npy.ts";
import { readNpz, writeNpz } from "../../src/arrays/npz.ts";
import { readSafetensors, writeSafetensors } from "../../src/arrays/safetensors.ts";
import { FileError } from "../../src/errors.ts";
import { readPng } from "../../src/images/png/png.ts";
import { readImage } from "../../src/images/readImage.ts";
import { readPt } from "../../src/pt/readPt.ts";
import { writePt } from "../../src/pt/writePt.ts";
import { PtTensor } from "../../src/tensors/tensor.ts";
import { writeZip } from "../../src/zip/zipWriter.ts";

const bytesOf = (file: string): Uint8Array => readFileSync(new URL(`../data/cases/${file}`, import.meta.url));

describe("an .npz file of more than numbers", () => {
  it.each<[string, string[], RegExp[]]>([
    ["with_strings.npz", ["image"], [/^labels \(arrays of type "<U6" are not read\)$/]],
    ["with_readme.npz", ["a"], [/^README\.txt \(no array\)$/]],
    ["zip_dirs.npz", ["x/a"], []],
  ])("%s", (file, names, leftOut) => {
    const read = readNpz(bytesOf(file), { name: file });
    expect([...read.arrays.keys()]).toEqual(names);
    expect(read.arrays.get(names[0])?.shape).toEqual([3, 4, 5]);
    expect(read.leftOut).toHaveLength(leftOut.length);
    for (const [i, pattern] of leftOut.entries()) expect(read.leftOut[i]).toMatch(pattern);
  });

  it("a member that is called like an array and is none, as macOS adds them", () => {
    const data = new TextEncoder().encode("\0\x05\x16\x07");
    expect(readNpz(writeZip([{ name: "__MACOSX/._a.npy", data }]))).toEqual({
      arrays: new Map(),
      leftOut: ["__MACOSX/._a.npy (no array)"],
    });
  });

  it("a damaged array is an error and is not left out", () => {
    const data = bytesOf("with_readme.npz");
    const start = Buffer.from(data).indexOf("NUMPY") - 1;
    expect(() => readNpz(writeZip([{ name: "a.npy", data: data.subarray(start, start + 300) }]))).toThrow(/takes 480/);
  });
});

describe("empty containers", () => {
  it("are written as NumPy tells them, and read", () => {
    const empty = writeNpz(new Map());
    // numpy.load knows an empty archive by its first bytes.
    expect([...empty.subarray(0, 4)]).toEqual([0x50, 0x4b, 5, 6]);
    expect(empty).toHaveLength(22);
    expect(readNpz(empty)).toEqual({ arrays: new Map(), leftOut: [] });
    expect(readSafetensors(bytesOf("no_tensors.safetensors")).tensors.size).toBe(0);
    expect(readSafetensors(bytesOf("only_meta.safetensors")).metadata).toEqual(new Map([["key", "value"]]));
  });

  it("metadata of null is none", () => {
    const { tensors, metadata } = readSafetensors(bytesOf("meta_null.safetensors"));
    expect(metadata.size).toBe(0);
    expect(tensors.get("x")?.data()).toEqual(Float32Array.of(1, 2, 3, 4));
  });
});

describe("files that are something else", () => {
  const text = (words: string): Uint8Array => new TextEncoder().encode(words);
  const tensors = new Map([["x", PtTensor.of("int8", [1], Int8Array.of(1))]]);
  const tar = new Uint8Array(512);
  tar.set(text("some/name"));
  tar.set(text("ustar"), 257);
  const others: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
    ["a Git LFS pointer", bytesOf("lfs_pointer.safetensors"), /a Git LFS pointer.*git lfs pull/],
    ["a web page", bytesOf("html.safetensors"), /a web page.*the download went wrong/],
    ["JSON", text('{"error": "not found"}'), /JSON.*"\{\\"error/],
    ["text", text("Dear diary, today I met a tensor"), /text.*"Dear diary/],
    ["gzip", gzipSync("x"), /a gzip archive.*unpack it/],
    ["tar", tar, /a tar archive/],
    ["a pickle", Uint8Array.of(0x80, 4, 0x95, 1, 0, 0, 0, 0, 0, 0, 0, 0x4e, 0x2e), /a bare pickle/],
    ["HDF5", text("\x89HDF\r\n\x1a\n").subarray(1), /HDF5/],
    ["blanks", text(" \n".repeat(20)), /nothing but blanks/],
  ];
  others[7][1].set([0x89]);
  const readers: readonly [name: string, read: (bytes: Uint8Array) => unknown][] = [
    ["readNpy", (bytes) => readNpy(bytes, { name: "x" })],
    ["readNpz", (bytes) => readNpz(bytes, { name: "x" })],
    ["readSafetensors", (bytes) => readSafetensors(bytes, { name: "x" })],
    ["readPt", (bytes) => readPt(bytes, { name: "x" })],
    ["readPng", (bytes) => readPng(bytes, { name: "x" })],
    ["readImage", (bytes) => readImage(bytes, { name: "x" })],
  ];
  const cases = others.flatMap(([what, bytes, message]) =>
    readers.map(([reader, read]) => [what, reader, read, bytes, message] as const),
  );

  it.each(cases)("%s is named by %s", async (_, __, read, bytes, message) => {
    const error: unknown = await (async () => read(bytes))().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(message);
    expect((error as FileError).message).not.toMatch(/\n/);
  });

  it("the formats are told from each other", () => {
    const tensor = tensors.get("x") as PtTensor;
    expect(() => readPt(writeSafetensors(tensors))).toThrow(/this is a \.safetensors file, not a \.pt file/);
    expect(() => readNpz(writePt(tensor))).toThrow(/this is a \.pt file of PyTorch, not an \.npz file/);
    expect(() => readPt(writeNpz(tensors))).toThrow(/this is a NumPy archive \(\.npz\), not a \.pt file/);
    expect(() => readSafetensors(writeNpz(tensors))).toThrow(/this is a zip archive .*, not a \.safetensors file/);
  });
});
