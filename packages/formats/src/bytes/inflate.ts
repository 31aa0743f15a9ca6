// Unpacking deflated data (RFC 1951), bare or as zlib data (RFC 1950), that comes from a file and may lie about its size.

import { Inflate, Unzlib } from "fflate";

/** Deflate cannot pack better than this. */
const maxRatio = 1032;

/** Fed in slices, because one call may unpack everything it is given, limit or no limit. */
const sliceBytes = 8192;

/** The data unpacks to more bytes than are allowed. */
export class InflateLimitError extends Error {}

/**
 * Unpacks zlib data, up to its end or to where it was cut off.
 *
 * @param limit the most bytes that may come out; work and memory stay in proportion to it
 * @throws InflateLimitError when there are more; another Error when the data is not zlib data
 */
export function inflateZlib(packed: Uint8Array, limit: number): Uint8Array {
  return unpack(Unzlib, packed, limit);
}

/** The same for bare deflated data, as in zip archives. */
export function inflateRaw(packed: Uint8Array, limit: number): Uint8Array {
  return unpack(Inflate, packed, limit);
}

function unpack(Stream: typeof Unzlib | typeof Inflate, packed: Uint8Array, limit: number): Uint8Array {
  const out = new Uint8Array(Math.min(limit, packed.length * maxRatio));
  let length = 0;
  const stream = new Stream((piece) => {
    if (length + piece.length > limit) throw new InflateLimitError();
    out.set(piece, length);
    length += piece.length;
  });
  for (let start = 0; start < packed.length; start += sliceBytes) {
    stream.push(packed.subarray(start, start + sliceBytes));
  }
  return out.subarray(0, length);
}
