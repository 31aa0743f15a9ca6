// Damaged PNG files. What is accepted is looked at by fast-png and by Node's zlib.

import { crc32, deflateSync, inflateSync } from "node:zlib";
import { concatBytes, FileError, type IntegerPixels, readPng } from "@plenoptic-js/formats";
import { decode } from "fast-png";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";
import { samples } from "./samples.ts";

interface Chunk {
  type: string;
  data: Uint8Array;
}

const maxPixels = 1 << 20;

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function chunkBytes({ type, data }: Chunk): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The rows of the image changed, and packed again. */
function packedAgain(packed: Uint8Array, draw: Draw): Uint8Array {
  return new Uint8Array(deflateSync(damage(new Uint8Array(inflateSync(packed)), draw), { level: 1 }));
}

function headerChanged(data: Uint8Array, draw: Draw): Uint8Array {
  const out = data.slice();
  const view = new DataView(out.buffer);
  const field = draw(7);
  if (field < 2) view.setUint32(4 * field, oddNumber(draw, view.getUint32(4 * field)));
  else out[6 + field] = draw(3) ? draw(17) : draw(256);
  return out;
}

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const chunks = chunksOf(bytes);
  for (let changes = draw(2) + 1; changes > 0; changes--) {
    const hit = draw(chunks.length);
    const chunk = chunks[hit];
    const kind = draw(12);
    if (kind === 0) chunks.splice(hit, 1);
    else if (kind === 1) chunks.splice(draw(chunks.length + 1), 0, chunk);
    else if (kind === 2) chunk.type = ["tRNS", "PLTE", "zTXt", "iTXt", "tEXt", "IDAT", "acTL", "abCd"][draw(8)];
    else if (chunk.type === "IHDR" && chunk.data.length === 13 && kind < 8)
      chunk.data = headerChanged(chunk.data, draw);
    else if (chunk.type === "IDAT" && kind < 9) {
      try {
        chunk.data = packedAgain(chunk.data, draw);
      } catch {
        // One part of several, or changed before.
        chunk.data = damage(chunk.data, draw);
      }
    } else chunk.data = damage(chunk.data, draw);
    if (chunks.length === 0) break;
  }
  return concatBytes([bytes.subarray(0, 8), ...chunks.map(chunkBytes)]);
}

/** Checksums, and the length of the image, as zlib sees them; then the pixels, as fast-png does. */
function check(bytes: Uint8Array, pixels: IntegerPixels): string | undefined {
  const { width, height, channels, data } = pixels;
  if (data.length !== width * height * channels) return `${data.length} values for ${width} x ${height} x ${channels}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const image: Uint8Array[] = [];
  for (let at = 8; ; ) {
    const length = view.getUint32(at);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) return `checksum at ${at}`;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IEND") break;
    if (type === "IDAT") image.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  try {
    inflateSync(concatBytes(image));
  } catch (error) {
    return `zlib: ${String(error)}`;
  }
  return pixelsDiffer(bytes, pixels);
}

/** fast-png knows no interlaced images of less than 8 bits, and gives palettes and packed bits as they are. */
function pixelsDiffer(bytes: Uint8Array, { width, height, channels, data }: IntegerPixels): string | undefined {
  const [depth, colourType, , , interlace] = bytes.subarray(24, 29);
  if (interlace !== 0 && depth < 8) return undefined;
  let theirs: ReturnType<typeof decode>;
  try {
    theirs = decode(bytes, { checkCrc: true });
  } catch (error) {
    return `fast-png: ${String(error)}`;
  }
  if (theirs.width !== width || theirs.height !== height) return `fast-png: ${theirs.width} x ${theirs.height}`;
  if (depth < 8 || colourType === 3 || theirs.channels !== channels) return undefined;
  const other = theirs.data;
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== other[i]) return `value ${i} is ${data[i]}, and ${other[i]} for fast-png`;
  }
  return undefined;
}

export const png: FuzzReader = {
  name: "png",
  count: 200_000,
  files: () => samples("files/", ".png"),
  within,
  read: (bytes) => readPng(bytes, { name: "fuzz", maxPixels }),
  isRefusal: (error) => error instanceof FileError,
  stages: [
    ["signature", /not a PNG|file is empty|looks like|copied as text|ends after \d+ bytes/],
    ["header", /header|cannot be \d|cannot have|pixels; at most/],
    [
      "chunks",
      /cut off|no chunk at|needs an extension|more than \d+ chunks|no image data|interrupted|has two|of the PNG \(IEND\)|after the image data|animated|are absurd/,
    ],
    ["checksums", /checksum of its/],
    ["image data", /cannot be unpacked|unpacks to|ends early/],
    ["rows", /filter that/],
    ["colours and texts", /palette|alpha values|transparent colour|text/],
  ],
  check,
  // Four values of two bytes, and the rows that they come from.
  limit: maxPixels * 16,
};
