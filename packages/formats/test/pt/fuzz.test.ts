// Damaged files at random, the same ones every time: always a value or a FileError, soon.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { readPt, writePt } from "../../src/index.ts";
import { ZipArchive } from "../../src/zip/zipReader.ts";
import { writeZip } from "../../src/zip/zipWriter.ts";

const folder = new URL("../data/pt/", import.meta.url);
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));

/** Whole numbers below a bound, the same row for the same seed (mulberry32). */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** One to four changes: bytes set, bits flipped, pieces cut out, doubled or moved, the end cut off. */
function damage(bytes: Uint8Array, below: (bound: number) => number): Uint8Array {
  let out = [...bytes];
  for (let change = 0; change <= below(4); change++) {
    const at = below(out.length || 1);
    const length = below(8) + 1;
    const piece = out.slice(at, at + length);
    const change_ = below(6);
    if (change_ === 0) out[at] = below(256);
    else if (change_ === 1) out[at] ^= 1 << below(8);
    else if (change_ === 2) out.splice(at, length);
    else if (change_ === 3) out.splice(below(out.length || 1), 0, ...piece);
    else if (change_ === 4) out.splice(at, length, ...piece.map(() => (below(2) ? 0xff : 0)));
    else if (below(4) === 0) out = out.slice(0, at);
  }
  return Uint8Array.from(out);
}

/** Reads, and writes again what was read. */
function tryOut(bytes: Uint8Array): "value" | "error" {
  const started = performance.now();
  let value: ReturnType<typeof readPt>["value"];
  try {
    value = readPt(bytes, { name: "fuzz" }).value;
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return "error";
  } finally {
    expect(performance.now() - started).toBeLessThan(2000);
  }
  try {
    writePt(value);
  } catch (error) {
    expect(String(error)).toMatch(/^(Type|Range)Error: writePt: /);
  }
  return "value";
}

const files = [
  "format/size_device_dtype.pt",
  "format/shared_refs.pt",
  "format/parameter.pt",
  "format/conj_neg.pt",
  "format/dtypes_v3.pt",
  "format/hand_plain_zip.pt",
  "format/legacy_plain.pt",
  "HEAD/eig_init_only_f32.pt",
];

describe("damaged files", () => {
  it.each(files)("%s", (file) => {
    const bytes = bytesOf(file);
    const below = numbers(20260101);
    const counts = { value: 0, error: 0 };
    for (let run = 0; run < 250; run++) counts[tryOut(damage(bytes, below))]++;
    expect(counts.error).toBeGreaterThan(50);
  });

  it.each(files.filter((file) => !file.includes("legacy")))("the pickle inside %s", (file) => {
    const archive = new ZipArchive(bytesOf(file), file, 100);
    const below = numbers(7);
    const counts = { value: 0, error: 0 };
    for (let run = 0; run < 400; run++) {
      // With checksums that are right, so that the damage reaches the reader of pickles.
      const entries = [...archive.names()].map((name) => {
        const data = archive.read(name);
        return { name, data: name.endsWith("data.pkl") ? damage(data, below) : data };
      });
      counts[tryOut(writeZip(entries))]++;
    }
    expect(counts.error).toBeGreaterThan(50);
    expect(counts.value).toBeGreaterThan(5);
  });
});
