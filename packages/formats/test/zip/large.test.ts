// Archives of 4 GiB and more: what is written after that byte, and that it is read where it comes in pieces. The bytes to compare
// with are those that torch 2.13 wrote for 66 tensors of 64 MiB and a small one.

import { describe, expect, it } from "vitest";
import { BytePieces } from "../../src/bytes/bytePieces.ts";
import { PtStorage, PtTensor, readPt, writePtParts } from "../../src/index.ts";
import { ZipArchive } from "../../src/zip/zipReader.ts";
import { type NewEntry, zipParts } from "../../src/zip/zipWriter.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** Zeros of which there are more than memory has: all entries share them. */
const shared = new Uint8Array(64 * 1024 * 1024);

/** The archive of torch: what is in the small entries does not matter, but their sizes do. */
const entries: NewEntry[] = [
  { name: "big/data.pkl", data: new Uint8Array(4558) },
  { name: "big/.format_version", data: new Uint8Array(1) },
  { name: "big/.storage_alignment", data: new Uint8Array(2) },
  { name: "big/byteorder", data: new Uint8Array(6) },
  ...Array.from({ length: 66 }, (_, i) => ({ name: `big/data/${i}`, data: shared, crc: 0xf9f9d7d8 })),
  { name: "big/data/66", data: new Uint8Array(40), crc: 0x6c8f4e1c },
  { name: "big/version", data: new Uint8Array(2) },
  { name: "big/.data/serialization_id", data: new Uint8Array(40) },
];

describe("an archive of more than 4 GiB", () => {
  const parts = [...zipParts(entries)];
  const archive = new BytePieces(parts);

  it("is as long as torch's, and ends as it does", () => {
    expect(archive.length).toBe(4429199226);
    const end =
      "504b06062c000000000000001e032d0000000000000000004900000000000000490000000000000098100000000000008026000801000000" +
      "504b060700000000183700080100000001000000" +
      "504b0506000000004900490098100000ffffffff0000";
    expect(hex(archive.slice(archive.length - end.length / 2, archive.length))).toBe(end);
  });

  it("has torch's fields of 64 bits, where it is that long", () => {
    const at = 4294976464;
    const header =
      "504b0304000008080000000000000000000000000000000000000b004700" + Buffer.from("big/data/64").toString("hex");
    const padding = "5a".repeat(55);
    expect(hex(archive.slice(at, at + 112))).toBe(`${header}01000800d02300000100000046423700${padding}`);
    const behind = 4294976576 + shared.length;
    expect(hex(archive.slice(behind, behind + 24))).toBe("504b0708d8d7f9f900000004000000000000000400000000");
    // The last one before that has none.
    const before = 4227867536;
    expect(hex(archive.slice(before + 28, before + 48))).toBe(
      `0700${Buffer.from("big/data/63").toString("hex")}464203005a5a5a`,
    );
    expect(hex(archive.slice(4227867584 + shared.length, 4227867584 + shared.length + 16))).toBe(
      "504b0708d8d7f9f90000000400000004",
    );
  });

  it("is read", () => {
    const zip = new ZipArchive(archive, "big.pt", 100);
    expect([...zip.names()]).toEqual(entries.map(({ name }) => name));
    expect(zip.read("big/version")).toEqual(new Uint8Array(2));
  });
});

it("a .pt file that comes in pieces is what it is in one", () => {
  const numbers = Float64Array.from({ length: 1000 }, (_, i) => i / 7);
  const tensors = ["float64", "float32"].map((dtype) => {
    const values = dtype === "float64" ? numbers : Float32Array.from(numbers);
    const bytes = new Uint8Array(values.buffer);
    return new PtTensor({
      dtype: dtype as "float64",
      shape: [10, 100],
      storage: new PtStorage(dtype as "float64", 1000, bytes),
    });
  });
  const whole = Buffer.concat([...writePtParts(new Map(tensors.map((tensor, i) => [`t${i}`, tensor])))]);
  const plain = readPt(whole).value as Map<string, PtTensor>;
  for (const size of [1, 7, 64, 1000, 12_000]) {
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
      whole.subarray(i * size, (i + 1) * size),
    );
    const value = readPt(new BytePieces(pieces)).value as Map<string, PtTensor>;
    for (const [name, tensor] of plain) expect(value.get(name)?.data()).toEqual(tensor.data());
  }
});

describe("bytes in pieces", () => {
  const all = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) % 256);
  const pieces = new BytePieces([all.subarray(0, 3), all.subarray(3, 3), all.subarray(3, 20), all.subarray(20)]);

  it("are read like one array", () => {
    const view = new DataView(all.buffer);
    for (const start of [39, 20, 2, 0, 30, 19, 3]) {
      for (let end = start; end <= 40; end++) expect(pieces.slice(start, end)).toEqual(all.slice(start, end));
      if (start + 8 > 40) continue;
      expect(pieces.uint16(start)).toBe(view.getUint16(start, true));
      expect(pieces.uint32(start)).toBe(view.getUint32(start, true));
      expect(pieces.uint64(start)).toBe(view.getBigUint64(start, true));
    }
  });

  it("are not copied where they lie in one", () => {
    expect(pieces.slice(4, 20).buffer).toBe(all.buffer);
    expect(pieces.slice(4, 21).buffer).not.toBe(all.buffer);
  });

  it("have an end", () => {
    expect(() => pieces.slice(0, 41)).toThrow(RangeError);
    expect(() => pieces.slice(-1, 1)).toThrow(RangeError);
    expect(new BytePieces([]).slice(0, 0).length).toBe(0);
  });
});
