// What a WebP file says about itself, read before a decoder sees it.
// Format: WebP container specification; VP8 (RFC 6386, section 9.1); WebP lossless (RFC 9649, section 3).

import { FileError } from "../../errors.ts";
import { exifOrientation } from "../exif.ts";

export interface WebpHeader {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly orientation: number | undefined;
}

type Size = Pick<WebpHeader, "width" | "height">;

/** @throws FileError for animations, and for files that are cut off or not consistent */
export function readWebpHeader(bytes: Uint8Array, name: string): WebpHeader {
  const damaged = (problem: string): FileError => new FileError("damaged", name, problem);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = (at: number, length: number): string => String.fromCharCode(...bytes.subarray(at, at + length));
  const end = bytes.length < 12 ? Number.POSITIVE_INFINITY : view.getUint32(4, true) + 8;
  if (end > bytes.length) {
    throw damaged(`the WebP is cut off: ${bytes.length} of ${end < 1e10 ? end : "12 or more"} bytes are there`);
  }

  let extended: (Size & { hasAlpha: boolean }) | undefined;
  let image: (Size & { hasAlpha: boolean }) | undefined;
  let orientation: number | undefined;
  for (let at = 12; at + 8 <= end; ) {
    const kind = text(at, 4);
    const length = view.getUint32(at + 4, true);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (at + 8 + length > end) throw damaged(`the WebP ends inside its ${JSON.stringify(kind)} chunk`);
    // Chunks are padded to an even number of bytes.
    at += 8 + length + (length & 1);
    if (kind === "VP8X" && extended === undefined) {
      if (length < 10) throw damaged("the header of the WebP (VP8X) is too short");
      if ((chunk[0] & 0x02) !== 0) throw animated(name);
      extended = { width: uint24(chunk, 4) + 1, height: uint24(chunk, 7) + 1, hasAlpha: (chunk[0] & 0x10) !== 0 };
    } else if (kind === "ANIM" || kind === "ANMF") {
      throw animated(name);
    } else if (kind === "VP8 " || kind === "VP8L") {
      if (image !== undefined) throw damaged("the WebP holds two images");
      image = kind === "VP8 " ? lossySize(chunk) : losslessSize(chunk);
      if (image === undefined) throw damaged(`the WebP's image (${kind.trim()}) does not begin as it should`);
    } else if (kind === "EXIF") {
      const exif = String.fromCharCode(...chunk.subarray(0, 6)) === "Exif\0\0" ? chunk.subarray(6) : chunk;
      orientation ??= exifOrientation(exif);
    }
  }
  if (image === undefined) throw damaged("the WebP holds no image");
  const { width, height } = image;
  if (extended !== undefined && (extended.width !== width || extended.height !== height)) {
    throw damaged(`the WebP says ${extended.width} x ${extended.height} pixels, but holds ${width} x ${height}`);
  }
  return { width, height, hasAlpha: (extended ?? image).hasAlpha, orientation };
}

function animated(name: string): FileError {
  return new FileError("unsupported", name, "this is an animated WebP; save one of its frames as a PNG");
}

function uint24(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
}

function lossySize(chunk: Uint8Array): (Size & { hasAlpha: false }) | undefined {
  const isKeyFrame = (chunk[0] & 1) === 0 && uint24(chunk, 3) === 0x2a019d;
  if (chunk.length < 10 || !isKeyFrame) return undefined;
  const side = (at: number): number => ((chunk[at + 1] << 8) | chunk[at]) & 0x3fff;
  return { width: side(6), height: side(8), hasAlpha: false };
}

function losslessSize(chunk: Uint8Array): (Size & { hasAlpha: boolean }) | undefined {
  if (chunk.length < 5 || chunk[0] !== 0x2f) return undefined;
  // 14 bits of width - 1, 14 bits of height - 1, 1 bit of alpha, 3 bits of version.
  const bits = uint24(chunk, 1) + chunk[4] * 0x1000000;
  if (chunk[4] >> 5 !== 0) return undefined;
  return {
    width: (bits & 0x3fff) + 1,
    height: (Math.floor(bits / 0x4000) & 0x3fff) + 1,
    hasAlpha: ((chunk[4] >> 4) & 1) === 1,
  };
}
