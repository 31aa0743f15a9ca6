// What the readers and writers of images exchange: plain data.

import { FileError } from "../errors.ts";
import { requireLittleEndian } from "../tensors/byteOrder.ts";

requireLittleEndian();

/** An image as its file stores it: values from 0 to `maxValue`. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA. Alpha is not premultiplied. */
  readonly channels: 1 | 2 | 3 | 4;
  /**
   * The value that means 1.0: 255 or 65535, or what the file says (a 1-bit image has 1, a PGM its maxval). It is 1
   * where the file holds real numbers, which are used as they are.
   */
  readonly maxValue: number;
  /** `height * width * channels` values, row by row, the channels of a pixel side by side; real ones in float arrays. */
  readonly data: Uint8Array | Uint16Array | Float32Array | Float64Array;
  /** Text stored in the file, by keyword. */
  readonly text?: ReadonlyMap<string, string>;
  /** The EXIF number that asks viewers to mirror or turn the image, 2 to 8. The pixels are as stored. */
  readonly orientation?: number;
}

/** An image of whole numbers. */
export interface IntegerPixels extends Pixels {
  readonly data: Uint8Array | Uint16Array;
}

/** How image bytes are read. */
export interface ReadImageOptions {
  /** Stands in front of every error message; the file's name, as a rule. */
  readonly name?: string;
  /** Images of more pixels are refused before any memory is taken. Default: 67,108,864 (8192 x 8192). */
  readonly maxPixels?: number;
}

export const READ_IMAGE_OPTIONS: readonly string[] = ["name", "maxPixels"];

export const defaultMaxPixels: number = 8192 * 8192;

/** Refuses images of no pixels, and of too many. */
export function checkSize(width: number, height: number, name: string, maxPixels: number): void {
  if (width < 1 || height < 1) throw new FileError("damaged", name, `an image cannot be ${width} x ${height} pixels`);
  if (width * height > maxPixels) {
    throw new FileError("too-big", name, `${width} x ${height} pixels; at most ${maxPixels} pixels are read`);
  }
}
