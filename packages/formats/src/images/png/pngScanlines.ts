// From the unpacked image data of a PNG to samples: undo the row filters, the interlacing and the packing of bits.
// PNG specification (third edition), sections 7 to 9.

import { FileError } from "../../errors.ts";
import type { PngHeader } from "./pngChunks.ts";

/** A grid of pixels that is stored together: the whole image, or one of the seven passes of an interlaced one. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly xStep: number;
  readonly yStep: number;
}

const wholeImage: readonly Pass[] = [{ x: 0, y: 0, xStep: 1, yStep: 1 }];

const adam7: readonly Pass[] = [
  { x: 0, y: 0, xStep: 8, yStep: 8 },
  { x: 4, y: 0, xStep: 8, yStep: 8 },
  { x: 0, y: 4, xStep: 4, yStep: 8 },
  { x: 2, y: 0, xStep: 4, yStep: 4 },
  { x: 0, y: 2, xStep: 2, yStep: 4 },
  { x: 1, y: 0, xStep: 2, yStep: 2 },
  { x: 0, y: 1, xStep: 1, yStep: 2 },
];

/** The passes that hold at least one pixel, with their sizes. Each row is one filter byte and `rowBytes` bytes. */
function layout(header: PngHeader): { pass: Pass; columns: number; rows: number; rowBytes: number }[] {
  return (header.interlaced ? adam7 : wholeImage)
    .map((pass) => {
      const columns = Math.ceil((header.width - pass.x) / pass.xStep);
      const rows = Math.ceil((header.height - pass.y) / pass.yStep);
      return { pass, columns, rows, rowBytes: Math.ceil((columns * header.samples * header.depth) / 8) };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** How many bytes the image data of such a PNG unpacks to. */
export function scanlineBytes(header: PngHeader): number {
  return layout(header).reduce((total, { rows, rowBytes }) => total + rows * (rowBytes + 1), 0);
}

/**
 * The samples of the image, row by row, unscaled (from 0 to 2^depth - 1).
 *
 * @param scanlines `scanlineBytes(header)` bytes; they are overwritten
 * @throws FileError for a row filter that does not exist
 */
export function readScanlines(header: PngHeader, scanlines: Uint8Array, name: string): Uint8Array | Uint16Array {
  const { width, height, depth, samples } = header;
  const out = new (depth === 16 ? Uint16Array : Uint8Array)(width * height * samples);
  const step = Math.max(1, (samples * depth) / 8); // filters look this many bytes to the left
  let at = 0;
  for (const { pass, columns, rows, rowBytes } of layout(header)) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const filter = scanlines[at];
      const line = scanlines.subarray(at + 1, at + 1 + rowBytes);
      if (filter > 4) {
        const place = header.interlaced ? "a row" : `row ${row}`;
        throw new FileError("damaged", name, `the PNG names a filter that does not exist (${filter}) in ${place}`);
      }
      undoFilter(filter, line, above, step);
      const target = ((pass.y + row * pass.yStep) * width + pass.x) * samples;
      unpack(line, depth, columns, samples, out, target, pass.xStep * samples);
      above = line;
      at += rowBytes + 1;
    }
  }
  return out;
}

function undoFilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  if (filter === 0) return;
  for (let index = 0; index < line.length; index++) {
    const a = index < step ? 0 : line[index - step];
    const b = above[index];
    let guess: number;
    if (filter === 1) guess = a;
    else if (filter === 2) guess = b;
    else if (filter === 3) guess = (a + b) >> 1;
    else guess = paeth(a, b, index < step ? 0 : above[index - step]);
    line[index] = line[index] + guess;
  }
}

/** Of left, above and upper left the one nearest to a plane through all three. */
function paeth(a: number, b: number, c: number): number {
  const toA = Math.abs(b - c);
  const toB = Math.abs(a - c);
  const toC = Math.abs(a + b - 2 * c);
  if (toA <= toB && toA <= toC) return a;
  return toB <= toC ? b : c;
}

/** Puts the samples of one row into `out`: those of a pixel together, pixels `stride` apart. */
function unpack(
  line: Uint8Array,
  depth: number,
  columns: number,
  samples: number,
  out: Uint8Array | Uint16Array,
  target: number,
  stride: number,
): void {
  const mask = (1 << depth) - 1;
  for (let column = 0, index = 0; column < columns; column++) {
    for (let sample = 0; sample < samples; sample++, index++) {
      let value: number;
      if (depth === 8) value = line[index];
      else if (depth === 16) value = (line[2 * index] << 8) | line[2 * index + 1];
      else {
        const bit = index * depth;
        value = (line[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
      }
      out[target + column * stride + sample] = value;
    }
  }
}
