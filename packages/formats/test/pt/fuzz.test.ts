// Damaged files at random, the same ones every time: always a value or a FileError, soon.

import { readFileSync } from "node:fs";
import { damage, numbers } from "@plenoptic-js/proof/files/damage";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { readPt, writePt } from "../../src/index.ts";
import { ZipArchive } from "../../src/zip/zipReader.ts";
import { writeZip } from "../../src/zip/zipWriter.ts";

const folder = new URL("../data/pt/", import.meta.url);
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));

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
