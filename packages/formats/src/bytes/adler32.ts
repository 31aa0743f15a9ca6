// The checksum behind zlib data (RFC 1950, section 9).

/** The Adler-32 of some bytes. */
export function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let at = 0; at < bytes.length; ) {
    // The sums of so many stay small integers.
    const end = Math.min(at + 1024, bytes.length);
    for (; at < end; at++) {
      low += bytes[at];
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return high * 65536 + low;
}
