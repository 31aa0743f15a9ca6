// How EXIF data wants an image to be shown. EXIF data is a TIFF file without an image. Format: EXIF 2.3, section 4.6.

import { FileError } from "../errors.ts";
import { readDirectory, readTiffStart, type TiffDirectory } from "./tiff/tiffDirectory.ts";

/** The orientation, 2 to 8; undefined where the image is to be shown as it is stored, or the EXIF data is broken. */
export function exifOrientation(exif: Uint8Array): number | undefined {
  try {
    const start = readTiffStart(exif, "EXIF");
    return orientationOf(readDirectory(start, start.first));
  } catch (error) {
    // The image itself is none the worse.
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

/** The orientation that a directory states, if it is one and not 1, which is as stored. */
export function orientationOf(directory: TiffDirectory): number | undefined {
  const value = directory.numbers(0x112, 1)?.[0];
  return value !== undefined && value >= 2 && value <= 8 ? value : undefined;
}
