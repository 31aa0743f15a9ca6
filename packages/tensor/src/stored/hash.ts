// The hash of an array: what names a result, and a constant of a stored graph.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ArrayValue, Operand, Plane } from "../ops/definition.ts";

/** Elements that are looked at together: a large array is not copied as a whole. */
const CHUNK = 1 << 16;

/** Little-endian bytes with canonical NaN, in pieces. */
function* canonicalBytes(plane: Plane): Generator<Uint8Array> {
  for (let at = 0; at < plane.length; at += CHUNK) {
    const copy = plane.slice(at, at + CHUNK);
    if (copy instanceof Float32Array || copy instanceof Float64Array) {
      for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
    }
    yield new Uint8Array(copy.buffer);
  }
}

/** Dtype and shape in one word. */
export function typeText({ dtype, shape }: Operand): string {
  return `${dtype}[${shape.join(",")}]`;
}

/** SHA-256 over dtype, shape and little-endian values with canonical NaN. */
export function hashArray(value: ArrayValue): string {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(typeText(value)));
  for (const bytes of canonicalBytes(value.re)) hash.update(bytes);
  if (value.im) for (const bytes of canonicalBytes(value.im)) hash.update(bytes);
  return bytesToHex(hash.digest());
}

/** SHA-256 of a text. */
export function hashText(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}
