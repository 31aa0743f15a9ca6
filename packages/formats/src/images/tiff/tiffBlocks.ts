// The values of a TIFF image, gathered from its strips or tiles. Format: TIFF 6.0, sections 3, 14 and 15; Adobe Photoshop
// TIFF technical note 3 (differences of real numbers).

import { InflateLimitError } from "../../bytes/inflate.ts";
import { FileError } from "../../errors.ts";
import type { TiffStart } from "./tiffDirectory.ts";
import type { TiffLayout } from "./tiffLayout.ts";

type Samples = Uint8Array | Uint16Array | Float32Array | Float64Array;

/** `height * width * samples` values, row by row, the samples of a pixel side by side. */
export function readTiffSamples(bytes: Uint8Array, start: TiffStart, layout: TiffLayout): Samples {
  const { width, height, samples, bits, separatePlanes, tiles, compression } = layout;
  const { offsets, byteCounts, across, down, kind } = tiles;
  const damaged = (problem: string, cause?: unknown): FileError =>
    new FileError("damaged", start.name, problem, { cause });
  const packedBytes = byteCounts.reduce((total, count) => total + count, 0);
  if (packedBytes > bytes.length) {
    throw damaged(`the ${kind}s of the TIFF are together longer than the file: it is cut off, or they overlap`);
  }
  // Before memory is taken.
  if (packedBytes * compression.maxRatio < (width * height * samples * bits) / 8) {
    throw damaged(`${packedBytes} bytes of image data in the TIFF cannot hold ${width} x ${height} pixels`);
  }
  const together = separatePlanes ? 1 : samples;
  const perRow = tiles.width * together;
  const rowBytes = Math.ceil((perRow * bits) / 8);
  const out = allocate(layout, width * height * samples);
  const row = allocate(layout, perRow);
  for (const [index, offset] of offsets.entries()) {
    const top = (Math.floor(index / across) % down) * tiles.height;
    const left = (index % across) * tiles.width;
    const plane = Math.floor(index / (across * down));
    const rows = Math.min(tiles.height, height - top);
    const columns = Math.min(tiles.width, width - left);
    const what = `${kind} ${index} of the TIFF`;
    if (offset + byteCounts[index] > bytes.length) throw damaged(`${what} lies beyond the end of the file`);
    let unpacked: Uint8Array;
    try {
      unpacked = compression.unpack(bytes.subarray(offset, offset + byteCounts[index]), rowBytes * tiles.height);
    } catch (cause) {
      if (cause instanceof InflateLimitError) throw damaged(`${what} unpacks to far more than its pixels take`, cause);
      throw damaged(`${what} cannot be unpacked (${cause instanceof Error ? cause.message : cause})`, cause);
    }
    if (unpacked.length < rowBytes * rows) {
      throw damaged(`${what} ends early: ${unpacked.length} of ${rowBytes * rows} bytes are there`);
    }
    for (let y = 0; y < rows; y++) {
      readRow(unpacked.subarray(y * rowBytes, (y + 1) * rowBytes), row, layout, start.littleEndian, together);
      const to = ((top + y) * width + left) * samples;
      if (!separatePlanes) out.set(row.subarray(0, columns * samples), to);
      else for (let x = 0; x < columns; x++) out[to + x * samples + plane] = row[x];
    }
  }
  return out;
}

function allocate({ bits, isFloat }: TiffLayout, length: number): Samples {
  if (isFloat) return bits === 64 ? new Float64Array(length) : new Float32Array(length);
  return bits === 16 ? new Uint16Array(length) : new Uint8Array(length);
}

function readRow(
  bytes: Uint8Array,
  row: Samples,
  { bits, predictor }: TiffLayout,
  littleEndian: boolean,
  together: number,
): void {
  if (predictor === 3) {
    const ordered = undoFloatDifferences(bytes, row.length, together);
    readNumbers(ordered, row, bits, false);
    return;
  }
  if (bits < 8) {
    for (let i = 0; i < row.length; i++) {
      const bit = i * bits;
      row[i] = (bytes[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
    }
  } else {
    readNumbers(bytes, row, bits, littleEndian);
  }
  if (predictor === 2) {
    // The arrays keep 8 or 16 bits of the sums, as they should.
    for (let i = together; i < row.length; i++) row[i] += row[i - together];
  }
}

function readNumbers(bytes: Uint8Array, row: Samples, bits: number, littleEndian: boolean): void {
  if (bits === 8) {
    row.set(bytes);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < row.length; i++) {
    if (bits === 16) row[i] = view.getUint16(2 * i, littleEndian);
    else row[i] = bits === 32 ? view.getFloat32(4 * i, littleEndian) : view.getFloat64(8 * i, littleEndian);
  }
}

/**
 * Sums the differences between bytes of neighbouring pixels, then puts together what belongs to one number: the first,
 * highest bytes of all numbers come first, then all second bytes, and so on.
 */
function undoFloatDifferences(bytes: Uint8Array, count: number, together: number): Uint8Array {
  const sums = bytes.slice();
  for (let i = together; i < sums.length; i++) sums[i] += sums[i - together];
  const size = bytes.length / count;
  const ordered = new Uint8Array(bytes.length);
  for (let i = 0; i < count; i++) {
    for (let byte = 0; byte < size; byte++) ordered[i * size + byte] = sums[byte * count + i];
  }
  return ordered;
}
