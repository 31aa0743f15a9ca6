// How the one image of a TIFF file is stored, from the fields of its directory. Format: TIFF 6.0, sections 3 to 10, 14,
// 15, 18 and 19; Adobe Photoshop TIFF technical note 3 (predictor 3).

import { FileError } from "../../errors.ts";
import { checkSize } from "../pixels.ts";
import type { TiffDirectory } from "./tiffDirectory.ts";
import { type Compression, compressions } from "./tiffUnpack.ts";

export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  /** Values a pixel: colours, then alpha. */
  readonly samples: 1 | 2 | 3 | 4;
  readonly bits: 1 | 2 | 4 | 8 | 16 | 32 | 64;
  readonly isFloat: boolean;
  readonly colours: "white is 0" | "black is 0" | "RGB" | "palette";
  readonly alpha: "none" | "premultiplied" | "straight";
  /** Red, green, blue of each index, 0 to 255, one colour after the other. */
  readonly palette: Uint8Array | undefined;
  /** Strips are tiles of full width. They lie row by row and, where planes are separate, plane by plane. */
  readonly tiles: {
    readonly kind: "strip" | "tile";
    readonly width: number;
    readonly height: number;
    readonly across: number;
    readonly down: number;
    readonly offsets: readonly number[];
    readonly byteCounts: readonly number[];
  };
  /** Each sample in tiles of its own. */
  readonly separatePlanes: boolean;
  readonly compression: Compression;
  /** 1 none, 2 differences to the value on the left, 3 differences of the bytes of real numbers. */
  readonly predictor: 1 | 2 | 3;
}

const photometric = ["white is 0", "black is 0", "RGB", "palette"] as const;

const otherColours: ReadonlyMap<number, string> = new Map([
  [4, "a mask"],
  [5, "CMYK colours"],
  [6, "YCbCr colours"],
  [8, "CIELab colours"],
  [9, "ICCLab colours"],
  [10, "ITULab colours"],
  [32803, "a camera's raw data"],
  [34892, "a camera's raw data"],
]);

const otherCompressions: ReadonlyMap<number, string> = new Map([
  [2, "fax (CCITT)"],
  [3, "fax (CCITT)"],
  [4, "fax (CCITT)"],
  [6, "JPEG"],
  [7, "JPEG"],
  [34712, "JPEG 2000"],
  [34925, "LZMA"],
  [50000, "Zstandard"],
  [50001, "WebP"],
  [50002, "JPEG XL"],
]);

/** @throws FileError for what is not consistent, not read, or above `maxPixels` */
export function readTiffLayout(directory: TiffDirectory, name: string, maxPixels: number): TiffLayout {
  const damaged = (problem: string): FileError => new FileError("damaged", name, `the TIFF ${problem}`);
  const unsupported = (found: string, advice: string): FileError =>
    new FileError("unsupported", name, `this TIFF has ${found}; ${advice}`);
  const number = (tag: number, field: string, missing?: number): number => {
    const value = directory.numbers(tag, 1)?.[0] ?? missing;
    if (value === undefined) throw damaged(`has no field ${tag} (${field})`);
    return value;
  };

  const width = number(256, "width");
  const height = number(257, "height");
  checkSize(width, height, name, maxPixels);

  const colourNumber = number(262, "colours");
  const colours = photometric.find((_, value) => value === colourNumber);
  if (colours === undefined) {
    throw unsupported(otherColours.get(colourNumber) ?? `colours of kind ${colourNumber}`, "convert it to RGB or gray");
  }
  const samples = number(277, "samples a pixel", 1);
  const extra = samples - (colours === "RGB" ? 3 : 1);
  const meaning = (extra === 1 && colours !== "palette" && directory.numbers(338, samples)?.[0]) || 0;
  if (extra < 0) throw damaged(`has ${samples} samples a pixel, too few for ${colours}`);
  if (extra > 0 && meaning !== 1 && meaning !== 2) {
    const place = colours === "RGB" ? "red, green and blue" : colours === "palette" ? "its palette" : "gray";
    throw unsupported(
      `${samples} samples a pixel: ${extra} beside ${place}, not said to be alpha`,
      "save it without them",
    );
  }

  const depths = directory.numbers(258, Math.max(samples, 1)) ?? [1];
  const formats = directory.numbers(339, Math.max(samples, 1)) ?? [1];
  const [bits] = depths;
  const [format] = formats;
  if (depths.some((depth) => depth !== bits) || formats.some((other) => other !== format)) {
    throw unsupported("samples of several kinds", "convert it to 8 or 16 bits");
  }
  // Format 4 is "not said": the same as 1, whole numbers without a sign.
  const isFloat = format === 3;
  const isWhole = format === 1 || format === 4;
  const readable = isFloat ? [32, 64] : isWhole ? [1, 2, 4, 8, 16] : [];
  if (!readable.includes(bits) || (colours === "palette" && (isFloat || bits > 8))) {
    const kind = isFloat ? "floating-point" : isWhole ? "whole" : format === 2 ? "signed" : "complex or unknown";
    const where = colours === "palette" ? " in a palette image" : "";
    throw unsupported(
      `${kind} numbers of ${bits} bits${where}`,
      "convert it to 8 or 16 bits, or to 32-bit floating point",
    );
  }
  if (isFloat && colours === "white is 0")
    throw unsupported("real numbers with 0 for white", "save it with 0 for black");
  if (number(266, "order of bits", 1) !== 1) throw unsupported("its bits in reverse order", "convert to PNG");

  const compressionNumber = number(259, "compression", 1);
  const compression = compressions.get(compressionNumber);
  if (compression === undefined) {
    const kind = otherCompressions.get(compressionNumber) ?? `kind ${compressionNumber}`;
    throw unsupported(`compression of ${kind}`, "save it with LZW or deflate, or uncompressed");
  }
  // The predictor belongs to LZW and deflate; elsewhere the field means nothing.
  const predictor = compressionNumber === 1 || compressionNumber === 32773 ? 1 : number(317, "predictor", 1);
  const fits = predictor === 1 || (predictor === 2 && !isFloat && bits >= 8) || (predictor === 3 && isFloat);
  if (!fits) throw unsupported(`predictor ${predictor} with ${bits} bits`, "save it without a predictor");

  const planes = number(284, "planes", 1);
  if (planes !== 1 && planes !== 2) throw damaged(`arranges its samples in an unknown way (${planes})`);
  const separatePlanes = planes === 2 && samples > 1;

  return {
    width,
    height,
    samples: samples as TiffLayout["samples"],
    bits: bits as TiffLayout["bits"],
    isFloat,
    colours,
    alpha: extra === 0 ? "none" : meaning === 1 ? "premultiplied" : "straight",
    palette: colours === "palette" ? readPalette(directory, bits, damaged) : undefined,
    tiles: readTiles(directory, width, height, separatePlanes ? samples : 1, damaged),
    separatePlanes,
    compression,
    predictor,
  };
}

type Damaged = (problem: string) => FileError;

function readTiles(
  directory: TiffDirectory,
  width: number,
  height: number,
  planes: number,
  damaged: Damaged,
): TiffLayout["tiles"] {
  const tileWidth = directory.numbers(322, 1)?.[0];
  const tileHeight = directory.numbers(323, 1)?.[0];
  const isTiled = tileWidth !== undefined && tileHeight !== undefined;
  const kind = isTiled ? "tile" : "strip";
  const size = isTiled
    ? { width: tileWidth, height: tileHeight }
    : { width, height: Math.min(directory.numbers(278, 1)?.[0] ?? height, height) };
  if (size.width < 1 || size.height < 1 || (isTiled && (size.width % 16 !== 0 || size.height % 16 !== 0))) {
    throw damaged(`has ${kind}s of ${size.width} x ${size.height} pixels`);
  }
  const across = Math.ceil(width / size.width);
  const down = Math.ceil(height / size.height);
  if (across * size.width * down * size.height > 4 * width * height + 0x1000000) {
    throw damaged(`has tiles of ${size.width} x ${size.height} pixels, absurd for ${width} x ${height}`);
  }
  const count = across * down * planes;
  const offsets = directory.numbers(isTiled ? 324 : 273, count);
  const byteCounts = directory.numbers(isTiled ? 325 : 279, count);
  if (offsets?.length !== count || byteCounts?.length !== count) {
    const found = `${offsets?.length ?? 0} offsets and ${byteCounts?.length ?? 0} lengths`;
    throw damaged(`has ${found} for ${count} ${count === 1 ? kind : `${kind}s`}`);
  }
  return { kind, ...size, across, down, offsets, byteCounts };
}

/** Colours are stored with 16 bits, of which 8 are meant: as multiples of 256 or 257, or, by old programs, as they are. */
function readPalette(directory: TiffDirectory, bits: number, damaged: Damaged): Uint8Array {
  const colours = 1 << bits;
  const stored = directory.numbers(320, 3 * colours);
  if (stored?.length !== 3 * colours)
    throw damaged(`has ${stored?.length ?? 0} numbers in its palette, not ${3 * colours}`);
  const shift = stored.some((value) => value > 255) ? 8 : 0;
  return Uint8Array.from({ length: 3 * colours }, (_, at) => stored[(at % 3) * colours + Math.floor(at / 3)] >> shift);
}
