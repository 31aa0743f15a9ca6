// The hash of the pixels of an image file, whatever its compression.

import { concatBytes, sha256Hex } from "@plenoptic-js/formats";

/**
 * SHA-256 over `uint8[height,width]` or `uint16[height,width]`, and then the pixels row by row, little-endian.
 *
 * @param shape [height, width], or [channels, height, width] of pixels whose channels come one after the other
 */
export function pixelHash(data: Uint8Array | Uint16Array, shape: readonly number[]): string {
  const type = new TextEncoder().encode(`${data instanceof Uint16Array ? "uint16" : "uint8"}[${shape.join(",")}]`);
  return sha256Hex(concatBytes([type, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]));
}
