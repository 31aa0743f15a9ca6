// The hash of an array: what names a result, and a constant of a stored graph.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ArrayValue, Operand, Plane } from "../ops/definition.ts";

function canonicalBytes(plane: Plane): Uint8Array {
  const copy = plane.slice();
  if (copy instanceof Float32Array || copy instanceof Float64Array) {
    for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  }
  return new Uint8Array(copy.buffer);
}

/** Dtype and shape in one word. */
export function typeText({ dtype, shape }: Operand): string {
  return `${dtype}[${shape.join(",")}]`;
}

/** SHA-256 over dtype, shape and little-endian values with canonical NaN. */
export function hashArray(value: ArrayValue): string {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(typeText(value)));
  hash.update(canonicalBytes(value.re));
  if (value.im) hash.update(canonicalBytes(value.im));
  return bytesToHex(hash.digest());
}

/** SHA-256 of a text. */
export function hashText(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}
