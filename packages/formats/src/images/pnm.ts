// PBM, PGM and PPM files, as text (P1, P2, P3) and binary (P4, P5, P6). Format: netpbm's pbm(5), pgm(5), ppm(5).

import { FileError } from "../errors.ts";
import { checkSize, defaultMaxPixels, type IntegerPixels, type ReadImageOptions } from "./pixels.ts";

/**
 * Reads the one image of a PBM, PGM or PPM file. `maxValue` is the file's maxval (1 for PBM, with white 1); values
 * above 255 come as a Uint16Array.
 *
 * @throws FileError for a file that is damaged, above `maxPixels`, or holds anything behind the image
 */
export function readPnm(bytes: Uint8Array, options: ReadImageOptions = {}): IntegerPixels {
  const { name = "PNM", maxPixels = defaultMaxPixels } = options;
  const text = new PnmText(bytes, name);
  const kind = bytes[0] === 0x50 ? bytes[1] - 0x30 : 0;
  if (!(kind >= 1 && kind <= 6) || isDigit(bytes[2])) {
    throw new FileError("damaged", name, "this is not a PBM, PGM or PPM file (it does not begin with P1 to P6)");
  }
  const isBits = kind === 1 || kind === 4;
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  const width = text.number("the width");
  const height = text.number("the height");
  checkSize(width, height, name, maxPixels);
  const maxValue = isBits ? 1 : text.number("the greatest value (maxval)");
  if (maxValue < 1 || maxValue > 65535) {
    throw new FileError("damaged", name, `the greatest value (maxval) must be 1 to 65535, but is ${maxValue}`);
  }
  const size = { width, height, channels, maxValue } as const;
  if (kind <= 3) return { ...size, data: text.samples(width * height * channels, maxValue, isBits) };
  const raster = text.raster(
    isBits ? Math.ceil(width / 8) * height : width * height * channels * (maxValue > 255 ? 2 : 1),
  );
  if (isBits) return { ...size, data: unpackBits(raster, width, height) };
  const data = maxValue > 255 ? bigEndian(raster) : raster.slice();
  const tooLarge = data.findIndex((value) => value > maxValue);
  if (tooLarge >= 0) {
    throw new FileError("damaged", name, `value ${tooLarge} is ${data[tooLarge]}, above the stated maxval ${maxValue}`);
  }
  return { ...size, data };
}

/** Eight pixels a byte, rows padded to whole bytes; a set bit is black. */
function unpackBits(raster: Uint8Array, width: number, height: number): Uint8Array {
  const rowBytes = Math.ceil(width / 8);
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const byte = raster[row * rowBytes + (column >> 3)];
      data[row * width + column] = 1 - ((byte >> (7 - (column & 7))) & 1);
    }
  }
  return data;
}

function bigEndian(raster: Uint8Array): Uint16Array {
  return Uint16Array.from(
    { length: raster.length / 2 },
    (_, index) => (raster[2 * index] << 8) | raster[2 * index + 1],
  );
}

/** A PNM file behind its first two bytes, read as words; `#` starts a comment up to the end of the line. */
class PnmText {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  #at = 2;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  number(what: string): number {
    this.#skipBlanks();
    const start = this.#at;
    let value = 0;
    for (; isDigit(this.#bytes[this.#at]); this.#at++) value = value * 10 + this.#bytes[this.#at] - 0x30;
    if (this.#at === start) throw this.#unexpected(what);
    if (value > 0x7fffffff) throw this.#damaged(`${what} is absurd (above ${0x7fffffff})`);
    return value;
  }

  /** The values of a text file. */
  samples(count: number, maxValue: number, isBits: boolean): Uint8Array | Uint16Array {
    const left = this.#bytes.length - this.#at;
    if (left < (isBits ? count : 2 * count - 1)) {
      throw this.#damaged(`the file is cut off: ${left} bytes cannot hold its ${count} values`);
    }
    const data = new (maxValue > 255 ? Uint16Array : Uint8Array)(count);
    for (let index = 0; index < count; index++) {
      const value = isBits ? this.#bit(index) : this.number("a value");
      if (value > maxValue) throw this.#damaged(`value ${index} is ${value}, above the stated maxval ${maxValue}`);
      data[index] = isBits ? 1 - value : value;
    }
    this.#skipBlanks();
    this.#expectEnd(count);
    return data;
  }

  /** The bytes of a binary image, behind the single blank that ends the header. */
  raster(length: number): Uint8Array {
    if (this.#bytes[this.#at] === 0x23) this.#skipComment();
    else if (isBlank(this.#bytes[this.#at])) this.#at++;
    else throw this.#unexpected("a blank");
    const left = this.#bytes.length - this.#at;
    if (left < length) throw this.#damaged(`the file is cut off: ${left} of ${length} bytes of its image are there`);
    const raster = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    while (isBlank(this.#bytes[this.#at])) this.#at++;
    this.#expectEnd(length);
    return raster;
  }

  /** One digit of a text PBM; blanks between them are optional. */
  #bit(index: number): number {
    this.#skipBlanks();
    const value = this.#bytes[this.#at] - 0x30;
    if (value !== 0 && value !== 1) throw this.#unexpected(`pixel ${index} (0 or 1)`);
    this.#at++;
    return value;
  }

  #skipBlanks(): void {
    for (;;) {
      if (this.#bytes[this.#at] === 0x23) this.#skipComment();
      else if (isBlank(this.#bytes[this.#at])) this.#at++;
      else return;
    }
  }

  #skipComment(): void {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
  }

  #expectEnd(count: number): void {
    const extra = this.#bytes.length - this.#at;
    if (extra > 0) throw this.#damaged(`${extra} bytes follow the ${count} that the header announces`);
  }

  #unexpected(what: string): FileError {
    if (this.#at >= this.#bytes.length) return this.#damaged(`the file is cut off where ${what} should be`);
    const found = JSON.stringify(String.fromCharCode(this.#bytes[this.#at]));
    return this.#damaged(`byte ${this.#at} is ${found} where ${what} should be`);
  }

  #damaged(problem: string): FileError {
    return new FileError("damaged", this.#name, problem);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
function isBlank(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
