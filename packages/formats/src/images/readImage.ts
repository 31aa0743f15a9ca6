// Images by what they are, not by what they are called.

import { FileError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { describeOtherKind } from "../otherKinds.ts";
import { type Pixels, READ_IMAGE_OPTIONS, type ReadImageOptions } from "./pixels.ts";
import { readPng } from "./png/png.ts";
import { readPnm } from "./pnm.ts";

/** First bytes (Latin-1; `?` is any byte) of files that people may take for images to be read here. */
const otherKinds: readonly (readonly [start: string, kind: string, advice?: string])[] = [
  ["GIF87a", "GIF"],
  ["GIF89a", "GIF"],
  ["II+\0", "BigTIFF", "save it as an ordinary TIFF, or as PNG"],
  ["MM\0+", "BigTIFF", "save it as an ordinary TIFF, or as PNG"],
  ["BM????\0\0\0\0", "BMP"],
  ["????ftyp", "HEIC, AVIF or video"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\0\x0cjP  ", "JPEG 2000"],
  ["8BPS", "Photoshop"],
  ["v/1\x01", "OpenEXR"],
  ["\x8aMNG", "MNG"],
  ["P7\n", "PAM", "convert to PNG, PGM or PPM"],
  ["PF\n", "PFM", "convert to PNG, PGM or PPM"],
  ["Pf\n", "PFM", "convert to PNG, PGM or PPM"],
  ["%PDF", "PDF", "export the picture as PNG"],
  ["\x93NUMPY", "a NumPy array", "save it as PNG"],
  ["PK\x03\x04", "a zip archive (.npz, .pt, .zip)", "unpack it and give an image"],
  ["\x1f\x8b", "a gzip archive", "unpack it and give an image"],
];

/**
 * Reads a PNG, JPEG, TIFF, WebP, PBM, PGM or PPM image; the first bytes decide which, never the file's name. The larger
 * decoders are loaded when the first image needs them.
 *
 * @throws FileError for anything else, saying what it looks like, and for images that are damaged or too big
 */
export async function readImage(bytes: Uint8Array, options: ReadImageOptions = {}): Promise<Pixels> {
  checkOptions("readImage()", options, READ_IMAGE_OPTIONS);
  const { name = "image" } = options;
  if (bytes.length === 0) throw new FileError("damaged", name, "the file is empty");
  const start = String.fromCharCode(...bytes.subarray(0, 512));
  const named = { ...options, name };
  // Also PNGs whose signature was mangled: readPng explains.
  if (start.startsWith("\x89PNG")) return readPng(bytes, named);
  if (/^P[1-6][\s#]/.test(start)) return readPnm(bytes, named);
  if (start.startsWith("\xff\xd8\xff")) return (await import("./jpeg/jpeg.ts")).readJpeg(bytes, named);
  if (/^RIFF.{4}WEBP/s.test(start)) return (await import("./webp/webp.ts")).readWebp(bytes, named);
  if (/^(II\*\0|MM\0\*)/.test(start)) return (await import("./tiff/tiff.ts")).readTiff(bytes, named);
  for (const [pattern, kind, advice = "convert to PNG"] of otherKinds) {
    if ([...pattern].every((char, index) => char === "?" || char === start[index])) {
      const subject = kind.startsWith("a ") ? `this is ${kind}, not an image` : `${kind} is not read yet`;
      throw new FileError("unsupported", name, `${subject}; ${advice}`);
    }
  }
  throw new FileError(
    "damaged",
    name,
    `this is not an image that can be read (PNG, JPEG, TIFF, WebP, PGM, PPM)${describe(bytes)}`,
  );
}

/** What unknown bytes look like: what is known of them, else their first bytes. */
function describe(bytes: Uint8Array): string {
  const known = describeOtherKind(bytes);
  if (known !== undefined) return `; it looks like ${known}`;
  const hex = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `; it begins with the bytes ${hex}`;
}
