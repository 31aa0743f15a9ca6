// The compressions of a TIFF file's strips and tiles. Each unpacks up to a stated number of bytes and stops there, so
// that work and memory stay in proportion to the image. Format: TIFF 6.0, sections 9 (PackBits) and 13 (LZW); Adobe's
// TIFF technical note 3 (deflate).

import { inflateZlib } from "../../bytes/inflate.ts";

/** Gives `limit` bytes, or fewer where the data ends. Throws an Error for what it cannot make sense of. */
export type Unpack = (packed: Uint8Array, limit: number) => Uint8Array;

export interface Compression {
  readonly unpack: Unpack;
  /** No byte unpacks to more bytes than this. */
  readonly maxRatio: number;
}

const tableSize = 4096;
const lzw: Compression = {
  unpack: unpackLzw,
  // A code of 12 bits can stand for no more bytes than the table has entries.
  maxRatio: (tableSize * 8) / 12,
};
const deflate: Compression = {
  // Bytes behind the last row harm nothing; libtiff reads on.
  unpack: (packed, limit) => inflateZlib(packed, limit, { surplus: limit + 65536 }),
  maxRatio: 1032,
};

/** By the number in the Compression field. */
export const compressions: ReadonlyMap<number, Compression> = new Map([
  [1, { unpack: (packed, limit) => packed.subarray(0, limit), maxRatio: 1 }],
  [5, lzw],
  [8, deflate],
  [32946, deflate],
  [32773, { unpack: unpackBits, maxRatio: 64 }],
]);

/** Runs: a count n, then n + 1 bytes as they are, or, for n above 128, one byte 257 - n times. */
function unpackBits(packed: Uint8Array, limit: number): Uint8Array {
  const out = new Uint8Array(Math.min(limit, packed.length * 64));
  let length = 0;
  for (let at = 0; at < packed.length && length < out.length; ) {
    const count = packed[at++];
    if (count < 128) {
      const run = packed.subarray(at, at + count + 1).subarray(0, out.length - length);
      out.set(run, length);
      length += run.length;
      at += count + 1;
    } else if (count > 128) {
      if (at >= packed.length) break;
      out.fill(packed[at++], length, length + 257 - count);
      length = Math.min(length + 257 - count, out.length);
    }
  }
  return out.subarray(0, length);
}

const clearCode = 256;
const endCode = 257;

/**
 * Codes of 9 to 12 bits, highest bit first; they grow one code earlier than in GIF. A string is a shorter string and
 * one byte more, so the table holds for each the string before (`prefixes`), the last byte, and the length.
 */
function unpackLzw(packed: Uint8Array, limit: number): Uint8Array {
  if (packed[0] === 0 && (packed[1] & 1) === 1) throw new Error("LZW of the old kind, lowest bit first");
  const prefixes = new Uint16Array(tableSize);
  const lasts = new Uint8Array(tableSize);
  const lengths = new Uint16Array(tableSize).fill(1, 0, 256);
  for (let byte = 0; byte < 256; byte++) lasts[byte] = byte;
  const out = new Uint8Array(Math.min(limit, Math.ceil(packed.length * lzw.maxRatio)));
  let length = 0;
  let next = endCode + 1;
  let width = 9;
  let previous = -1;
  let bits = 0;
  let buffer = 0;
  for (let at = 0; length < out.length; ) {
    while (bits < width && at < packed.length) {
      buffer = ((buffer << 8) | packed[at++]) & 0xffffff;
      bits += 8;
    }
    if (bits < width) break;
    bits -= width;
    const code = (buffer >> bits) & ((1 << width) - 1);
    if (code === endCode) break;
    if (code === clearCode) {
      next = endCode + 1;
      width = 9;
      previous = -1;
      continue;
    }
    // The code that is just being made stands for the string before and that string's first byte.
    const isNew = code === next && previous >= 0;
    if (!isNew && code >= (previous < 0 ? clearCode : next)) throw new Error(`LZW code ${code} means nothing yet`);
    const known = isNew ? previous : code;
    const size = lengths[known] + (isNew ? 1 : 0);
    let first = known;
    for (let entry = known, place = length + lengths[known] - 1; place >= length; place--) {
      if (place < out.length) out[place] = lasts[entry];
      first = entry;
      entry = prefixes[entry];
    }
    if (isNew && length + size <= out.length) out[length + size - 1] = lasts[first];
    length = Math.min(length + size, out.length);
    if (previous >= 0 && next < tableSize) {
      prefixes[next] = previous;
      lasts[next] = lasts[first];
      lengths[next] = lengths[previous] + 1;
      next++;
      if (next === (1 << width) - 1 && width < 12) width++;
    }
    previous = code;
  }
  return out.subarray(0, length);
}
