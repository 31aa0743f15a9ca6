// A PNG writer for tests: every kind, depth, row filter and interlacing, one step of the standard at a time, and free
// to write nonsense.

import { zlibSync } from "fflate";
import { writeChunk } from "../../../formats/src/images/png/pngChunks.ts";

export interface PngParts {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  interlaced?: boolean;
  /** `height * width * samples` values. */
  samples?: ArrayLike<number>;
  /** The filter of each row, in turn. */
  filters?: readonly number[];
  /** Chunks between header and image data. */
  before?: readonly Uint8Array[];
  /** Instead of the packed samples. */
  imageData?: Uint8Array;
  /** Bytes of each IDAT chunk. */
  chunkBytes?: number;
}

export const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export function samplesOf(colourType: number): number {
  return { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType] ?? 1;
}

export function makePng(parts: PngParts): Uint8Array {
  const imageData = parts.imageData ?? zlibSync(scanlines(parts));
  const size = parts.chunkBytes ?? Math.max(imageData.length, 1);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < imageData.length; start += size) {
    chunks.push(writeChunk("IDAT", imageData.subarray(start, start + size)));
  }
  return join([
    Uint8Array.from(signature),
    headerChunk(parts),
    ...(parts.before ?? []),
    ...chunks,
    writeChunk("IEND", new Uint8Array(0)),
  ]);
}

export function headerChunk(parts: PngParts): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, parts.width);
  view.setUint32(4, parts.height);
  data.set([parts.depth, parts.colourType, 0, 0, parts.interlaced ? 1 : 0], 8);
  return writeChunk("IHDR", data);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

// For each pass of Adam7: first row, row step, first column, column step.
const adam7 = [
  [0, 8, 0, 8],
  [0, 8, 4, 8],
  [4, 8, 0, 4],
  [0, 4, 2, 4],
  [2, 4, 0, 2],
  [0, 2, 1, 2],
  [1, 2, 0, 1],
];

function scanlines(parts: PngParts): Uint8Array {
  const { width, height, depth, colourType, samples = [], filters = [0] } = parts;
  const count = samplesOf(colourType);
  const step = Math.ceil((count * depth) / 8);
  const out: number[] = [];
  let filterAt = 0;
  for (const [rowStart, rowStep, columnStart, columnStep] of parts.interlaced ? adam7 : [[0, 1, 0, 1]]) {
    if (columnStart >= width) continue;
    let above: number[] | undefined;
    for (let row = rowStart; row < height; row += rowStep) {
      let bits = "";
      for (let column = columnStart; column < width; column += columnStep) {
        for (let sample = 0; sample < count; sample++) {
          bits += samples[(row * width + column) * count + sample].toString(2).padStart(depth, "0");
        }
      }
      const line = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
      const up = above ?? line.map(() => 0);
      const filter = filters[filterAt++ % filters.length];
      out.push(filter);
      line.forEach((byte, index) => {
        const a = line[index - step] ?? 0;
        const c = up[index - step] ?? 0;
        out.push((byte - guess(filter, a, up[index], c)) & 255);
      });
      above = line;
    }
  }
  return Uint8Array.from(out);
}

function guess(filter: number, a: number, b: number, c: number): number {
  if (filter === 1) return a;
  if (filter === 2) return b;
  if (filter === 3) return Math.floor((a + b) / 2);
  if (filter !== 4) return 0;
  const p = a + b - c;
  const distances = [a, b, c].map((value) => Math.abs(p - value));
  return [a, b, c][distances.indexOf(Math.min(...distances))];
}
