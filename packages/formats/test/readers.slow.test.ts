// The readers and 20,000 damaged files of each kind, the same ones every time: always a value or a FileError, soon. Half are damaged
// anywhere; the other half within, with checksums and lengths that are right, so that the damage reaches the innermost reader.

import { readdirSync, readFileSync } from "node:fs";
import { damage, numbers } from "@plenoptic-js/proof/files/damage";
import { describe, expect, it } from "vitest";
import { writeChunk } from "../src/images/png/pngChunks.ts";
import {
  FileError,
  PtTensor,
  readNpy,
  readNpyTensor,
  readPng,
  readPt,
  readSafetensors,
  writePt,
  writeSafetensors,
} from "../src/index.ts";
import { ZipArchive } from "../src/zip/zipReader.ts";
import { writeZip } from "../src/zip/zipWriter.ts";

const RUNS = 20_000;
/** Damaged sizes may ask for much; what is within this limit is read, and must be read soon. */
const MAX_MILLISECONDS = 5000;

type Below = (bound: number) => number;

interface Kind {
  readonly files: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
  /** Damages what a container holds and closes it again. */
  readonly within: (bytes: Uint8Array, below: Below) => Uint8Array;
}

const data = new URL("./data/", import.meta.url);
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, data)));
const all = (folder: string, ending: string): Uint8Array[] =>
  readdirSync(new URL(folder, data))
    .filter((name) => name.endsWith(ending))
    .map((name) => bytesOf(folder + name))
    .filter((bytes) => bytes.length < 20_000);

function pickleDamaged(bytes: Uint8Array, below: Below): Uint8Array {
  const archive = new ZipArchive(bytes, "fuzz", 100);
  const entries = [...archive.names()].map((name) => {
    const entry = archive.read(name);
    return { name, data: name.endsWith("data.pkl") ? damage(entry, below) : entry };
  });
  return writeZip(entries);
}

function chunkDamaged(bytes: Uint8Array, below: Below): Uint8Array {
  const chunks: { type: string; data: Uint8Array }[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  const hit = below(chunks.length - 1);
  const parts = chunks.map((chunk, i) => writeChunk(chunk.type, i === hit ? damage(chunk.data, below) : chunk.data));
  return Uint8Array.from([...bytes.subarray(0, 8), ...parts.flatMap((part) => [...part])]);
}

/** The header of .npy (version 1) is text of a length that stands before it. */
function npyHeaderDamaged(bytes: Uint8Array, below: Below): Uint8Array {
  if (bytes[6] !== 1) return damage(bytes, below);
  const end = 10 + bytes[8] + 256 * bytes[9];
  const header = damage(bytes.subarray(10, end), below);
  return Uint8Array.from([
    ...bytes.subarray(0, 8),
    header.length & 255,
    header.length >> 8,
    ...header,
    ...bytes.subarray(end),
  ]);
}

/** The header of .safetensors is JSON of a length that stands before it. */
function jsonDamaged(bytes: Uint8Array, below: Below): Uint8Array {
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = damage(bytes.subarray(8, end), below);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return Uint8Array.from([...length, ...header, ...bytes.subarray(end)]);
}

const kinds: Record<string, Kind> = {
  ".pt": {
    files: ["size_device_dtype", "shared_refs", "parameter", "conj_neg", "dtypes_v3", "hand_plain_zip"].map((name) =>
      bytesOf(`pt/format/${name}.pt`),
    ),
    read: (bytes) => {
      const { value } = readPt(bytes, { name: "fuzz" });
      try {
        writePt(value);
      } catch (error) {
        expect(String(error)).toMatch(/^(Type|Range)Error: writePt: /);
      }
    },
    within: pickleDamaged,
  },
  ".png": { files: all("files/", ".png"), read: (bytes) => readPng(bytes, { name: "fuzz" }), within: chunkDamaged },
  ".npy": {
    files: all("files/", ".npy"),
    read: (bytes) => {
      readNpyTensor(bytes, { name: "fuzz" });
      readNpy(bytes, { name: "fuzz" });
    },
    within: npyHeaderDamaged,
  },
  ".safetensors": {
    files: [
      writeSafetensors(
        new Map([
          ["weight", PtTensor.of("float32", [2, 3], new Float32Array(6))],
          ["bias", PtTensor.of("int8", [5], new Int8Array(5))],
        ]),
      ),
      writeSafetensors(new Map([["empty", PtTensor.of("float64", [0], new Float64Array(0))]])),
    ],
    read: (bytes) => readSafetensors(bytes, { name: "fuzz" }),
    within: jsonDamaged,
  },
};

function outcomeOf(read: Kind["read"], bytes: Uint8Array): "value" | "error" {
  const started = performance.now();
  try {
    read(bytes);
    return "value";
  } catch (error) {
    if (error instanceof FileError) return "error";
    throw error;
  } finally {
    expect(performance.now() - started).toBeLessThan(MAX_MILLISECONDS);
  }
}

describe.each(Object.entries(kinds))("damaged %s files", (_, { files, read, within }) => {
  it.each([
    ["anywhere", damage],
    ["within", within],
  ] as const)("%s", (_where, hurt) => {
    const below = numbers(20261129);
    const counts = { value: 0, error: 0 };
    for (let run = 0; run < RUNS / 2; run++) counts[outcomeOf(read, hurt(files[run % files.length], below))]++;
    console.log(`${counts.value} read, ${counts.error} refused`);
    expect(counts.error).toBeGreaterThan(RUNS / 20);
    expect(counts.value).toBeGreaterThan(0);
  });
});
