// Damaged zip archives, with and without compression. What is accepted is unpacked by fflate too.

import { crc32 } from "node:zlib";
import { FileError } from "@plenoptic-js/formats";
import { unzipSync, zipSync } from "fflate";
import { ZipArchive } from "../../../../formats/src/zip/zipReader.ts";
import { writeZip } from "../../../../formats/src/zip/zipWriter.ts";
import { type Draw, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";

const mostEntries = 100;
const mostUnpacked = 1 << 20;

const content = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) >> 3);

function files(): Uint8Array[] {
  const entries = {
    "x/data.pkl": content(300),
    "x/version": content(2),
    "x/data/0": content(100),
    "x/empty": content(0),
  };
  const list = Object.entries(entries).map(([name, data]) => ({ name, data }));
  return [
    writeZip(list),
    writeZip(list.slice(0, 1)),
    zipSync(entries, { level: 6, mtime: "2026-01-01", comment: "notes" }),
    zipSync(entries, { level: 0, mtime: "2026-01-01" }),
    zipSync({ "ä/☃": content(50) }, { level: 9, mtime: "2026-01-01" }),
  ];
}

/** The places of the headers of the directory. */
function headersOf(view: Buffer): number[] {
  const headers: number[] = [];
  const next = (from: number): number => view.indexOf("PK\x01\x02", from, "latin1");
  for (let at = next(0); at >= 0 && at + 46 <= view.length; at = next(at + 1)) headers.push(at);
  return headers;
}

/** By name, as the directory has them; of a name that is there twice the last. */
export function checksumsOf(bytes: Uint8Array): Map<string, number> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return new Map(
    headersOf(view).map((at) => [
      view.toString("utf8", at + 46, at + 46 + view.readUInt16LE(at + 28)),
      view.readUInt32LE(at + 16),
    ]),
  );
}

/** An odd number in a field of a header of the directory, and in the local one, so that both agree. */
function fieldChanged(bytes: Uint8Array, draw: Draw): Uint8Array {
  const view = Buffer.from(bytes);
  const headers = headersOf(view);
  const at = headers[draw(headers.length)];
  // Central and local place of: flags, method, checksum, packed and whole size, length of the extra field.
  const [central, local, width] = [
    [8, 6, 2],
    [10, 8, 2],
    [16, 14, 4],
    [20, 18, 4],
    [24, 22, 4],
    [30, 28, 2],
    [42, -1, 4],
  ][draw(7)];
  const value = oddNumber(draw, view.readUIntLE(at + central, width)) % 2 ** (8 * width);
  view.writeUIntLE(value, at + central, width);
  const header = view.readUInt32LE(at + 42);
  if (local >= 0 && header + 30 < view.length && draw(2)) view.writeUIntLE(value, header + local, width);
  return new Uint8Array(view);
}

/** Data changed where it lies, compressed or not, and its checksum made that of what now comes out. */
function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const kind = draw(4);
  if (kind === 0) return fieldChanged(bytes, draw);
  if (kind === 1) return fieldChanged(fieldChanged(bytes, draw), draw);
  const out = Buffer.from(bytes);
  const headers = headersOf(out);
  for (let changes = draw(3) + 1; changes > 0; changes--) {
    const at = headers[draw(headers.length)];
    const header = out.readUInt32LE(at + 42);
    const start = header + 30 + out.readUInt16LE(header + 26) + out.readUInt16LE(header + 28);
    const packed = out.readUInt32LE(at + 20);
    for (let i = draw(4) + 1; i > 0 && packed > 0; i--)
      out[start + draw(Math.min(packed, draw(2) ? 12 : packed))] ^= 1 << draw(8);
  }
  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(out);
  } catch {
    return new Uint8Array(out);
  }
  for (const at of headers) {
    const data = unpacked[out.toString("utf8", at + 46, at + 46 + out.readUInt16LE(at + 28))];
    if (data === undefined) continue;
    out.writeUInt32LE(crc32(data), at + 16);
    if (out.readUInt16LE(at + 10) === 8 && draw(8)) out.writeUInt32LE(data.length, at + 24);
  }
  return new Uint8Array(out);
}

type Unpacked = Map<string, Uint8Array>;

function readAll(bytes: Uint8Array): Unpacked {
  // As .npz files are read; those of torch may not be compressed.
  const archive = new ZipArchive(bytes, "fuzz", mostEntries, mostUnpacked);
  return new Map([...archive.names()].map((name) => [name, archive.read(name)]));
}

/** fflate finds the same entries with the same bytes, and they have the checksums of the directory. */
function check(bytes: Uint8Array, entries: Unpacked): string | undefined {
  let theirs: Record<string, Uint8Array>;
  try {
    theirs = unzipSync(bytes);
  } catch (error) {
    return `fflate: ${String(error)}`;
  }
  const sums = checksumsOf(bytes);
  for (const [name, data] of entries) {
    if (crc32(data) !== sums.get(name)) return `the checksum of ${JSON.stringify(name)} is wrong`;
    // Names whose flag for UTF-8 is not set are Latin-1 for fflate.
    const other = theirs[name] ?? theirs[Buffer.from(name, "utf8").toString("latin1")];
    if (other === undefined || Buffer.compare(other, data) !== 0)
      return `${JSON.stringify(name)} is other data for fflate`;
  }
  return undefined;
}

export const zip: FuzzReader = {
  name: "zip",
  count: 200_000,
  files,
  within,
  read: readAll,
  isRefusal: (error) => error instanceof FileError,
  stages: [
    [
      "end record",
      /no directory|several parts|zip64 record|end records|should end at|does not fit|at most \d+ are read/,
    ],
    [
      "directory",
      /of its directory|longer than its|encrypted|compressed, |two different|another part|not where|another (name|method)|reaches beyond|zip64 field|not UTF-8|overlap|twice/,
    ],
    ["unpacking", /unpack/],
    ["checksums", /checksum/],
  ],
  check,
  limit: 2 * mostUnpacked,
};
