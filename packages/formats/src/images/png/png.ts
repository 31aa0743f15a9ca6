// PNG files. PNG specification (third edition), https://www.w3.org/TR/png-3/.
//
// Writing is fast-png's work. Reading is done here: fast-png unpacks without a limit (image data and colour
// profiles), and cannot read interlaced images of less than 8 bits.
// Gamma, colour profiles and significant bits are not applied: samples are taken as they stand.

import { encode } from "fast-png";
import { concatBytes } from "../../bytes/concatBytes.ts";
import { InflateLimitError, inflateZlib } from "../../bytes/inflate.ts";
import { FileError } from "../../errors.ts";
import { checkOptions } from "../../options.ts";
import {
  checkSize,
  defaultMaxPixels,
  type IntegerPixels,
  READ_IMAGE_OPTIONS,
  type ReadImageOptions,
} from "../pixels.ts";
import { checkChunks, headerEnd, type PngChunk, type PngHeader, readChunks, readHeader } from "./pngChunks.ts";
import { type ColourChunk, writeColour } from "./pngColour.ts";
import { readScanlines, scanlineBytes } from "./pngScanlines.ts";
import { readText, writeText } from "./pngText.ts";

/**
 * Reads a PNG of any kind but animated ones.
 *
 * Gray samples of 1, 2 and 4 bits stay as they are, with `maxValue` 1, 3 and 15. Palettes become RGB. Transparency
 * stored as a colour or beside a palette becomes an alpha channel.
 *
 * @throws FileError for a file that is damaged, hostile, or above `maxPixels`
 */
export function readPng(bytes: Uint8Array, options: ReadImageOptions = {}): IntegerPixels {
  checkOptions("readPng()", options, READ_IMAGE_OPTIONS);
  const { name = "PNG", maxPixels = defaultMaxPixels } = options;
  const header = readHeader(bytes, name);
  const { width, height, depth } = header;
  checkSize(width, height, name, maxPixels);
  const chunks = readChunks(bytes, name);
  checkOrder(chunks, name);
  const packed = joinImageData(header, chunks, name);
  checkChunks(bytes, chunks, name);
  const scanlines = unpackImageData(header, packed, name);
  const samples = readScanlines(header, scanlines, name);
  const transparency = chunks.find(({ type }) => type === "tRNS")?.data;
  const palette = chunks.find(({ type }) => type === "PLTE")?.data;
  // Other images may have one too, as a suggestion.
  if (palette !== undefined) checkPalette(palette, name);
  const text = readText(chunks, name);
  const shared = { width, height, ...(text.size > 0 ? { text } : {}) };
  if (header.colourType === 3) {
    return { ...shared, ...applyPalette(header, samples, palette, transparency, name), maxValue: 255 };
  }
  const maxValue = (1 << depth) - 1;
  if (transparency === undefined) return { ...shared, channels: header.samples, maxValue, data: samples };
  return { ...shared, ...applyColourKey(header, samples, transparency, name), maxValue };
}

function checkOrder(chunks: readonly PngChunk[], name: string): void {
  const types = chunks.map(({ type }) => type);
  const first = types.indexOf("IDAT");
  const last = types.lastIndexOf("IDAT");
  if (first < 0) throw new FileError("damaged", name, "the PNG has no image data (IDAT)");
  if (types.includes("acTL")) {
    throw new FileError("unsupported", name, "this is an animated PNG; save one of its frames as a PNG");
  }
  if (types.slice(first, last).some((type) => type !== "IDAT")) {
    throw new FileError("damaged", name, "the image data of the PNG (IDAT chunks) is interrupted by another chunk");
  }
  for (const type of ["PLTE", "tRNS"]) {
    if (types.indexOf(type) !== types.lastIndexOf(type)) {
      throw new FileError("damaged", name, `the PNG has two ${type} chunks`);
    }
    if (types.indexOf(type) > first) {
      throw new FileError("damaged", name, `the PNG has its ${type} chunk after the image data`);
    }
  }
}

function joinImageData(header: PngHeader, chunks: readonly PngChunk[], name: string): Uint8Array {
  const parts = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  const length = parts.reduce((total, part) => total + part.length, 0);
  // No encoder makes image data twice as long as it is unpacked, and 64 KiB more.
  if (length > 2 * scanlineBytes(header) + 65536) {
    const size = `${header.width} x ${header.height} pixels`;
    throw new FileError("damaged", name, `${length} bytes of image data (IDAT) are absurd for ${size}`);
  }
  return concatBytes(parts);
}

function unpackImageData(header: PngHeader, packed: Uint8Array, name: string): Uint8Array {
  const expected = scanlineBytes(header);
  const size = `${header.width} x ${header.height} pixels`;
  let scanlines: Uint8Array;
  try {
    // Bytes behind the last row harm nothing; libpng warns of them and reads on.
    scanlines = inflateZlib(packed, expected, { surplus: expected + 65536 });
  } catch (cause) {
    const problem =
      cause instanceof InflateLimitError
        ? `the PNG unpacks to far more than the ${expected} bytes that ${size} take`
        : `the image data of the PNG cannot be unpacked (${cause instanceof Error ? cause.message : cause})`;
    throw new FileError("damaged", name, problem, { cause });
  }
  if (scanlines.length < expected) {
    const found = `${scanlines.length} of ${expected} bytes`;
    throw new FileError("damaged", name, `the image data of the PNG ends early: ${found} for ${size}`);
  }
  return scanlines;
}

function checkPalette({ length }: Uint8Array, name: string): void {
  if (length % 3 === 0 && length >= 3 && length <= 768) return;
  throw new FileError("damaged", name, `the palette of the PNG has ${length} bytes, not 3 a colour, 3 to 768`);
}

function applyPalette(
  header: PngHeader,
  indices: Uint8Array | Uint16Array,
  palette: Uint8Array | undefined,
  alphas: Uint8Array | undefined,
  name: string,
): { channels: 3 | 4; data: Uint8Array } {
  if (palette === undefined) throw new FileError("damaged", name, "the PNG has no palette (PLTE), but needs one");
  const colours = palette.length / 3;
  if (alphas !== undefined && alphas.length > colours) {
    throw new FileError("damaged", name, `the PNG has ${alphas.length} alpha values (tRNS) for ${colours} colours`);
  }
  const channels = alphas === undefined ? 3 : 4;
  const data = new Uint8Array(indices.length * channels);
  for (let pixel = 0; pixel < indices.length; pixel++) {
    const index = indices[pixel];
    if (index >= colours) {
      const place = `row ${Math.floor(pixel / header.width)}, column ${pixel % header.width}`;
      throw new FileError("damaged", name, `the PNG has ${colours} palette colours, but ${place} uses number ${index}`);
    }
    for (let channel = 0; channel < 3; channel++) {
      data[pixel * channels + channel] = palette[index * 3 + channel];
    }
    if (alphas !== undefined) data[pixel * channels + 3] = alphas[index] ?? 255;
  }
  return { channels, data };
}

/** Adds an alpha channel: 0 where a pixel has exactly the colour that the tRNS chunk names, full elsewhere. */
function applyColourKey(
  header: PngHeader,
  samples: Uint8Array | Uint16Array,
  transparency: Uint8Array,
  name: string,
): { channels: 2 | 4; data: Uint8Array | Uint16Array } {
  const { samples: count, depth, colourType } = header;
  if ((colourType !== 0 && colourType !== 2) || transparency.length !== 2 * count) {
    const found = `${transparency.length} bytes for colour type ${colourType}`;
    throw new FileError("damaged", name, `the PNG has a transparent colour (tRNS) that makes no sense (${found})`);
  }
  const maxValue = (1 << depth) - 1;
  const key = Array.from({ length: count }, (_, sample) => {
    return ((transparency[2 * sample] << 8) | transparency[2 * sample + 1]) & maxValue;
  });
  const channels = count === 1 ? 2 : 4;
  const pixels = samples.length / count;
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    let isKey = true;
    for (let sample = 0; sample < count; sample++) {
      const value = samples[pixel * count + sample];
      data[pixel * channels + sample] = value;
      if (value !== key[sample]) isKey = false;
    }
    data[pixel * channels + count] = isKey ? 0 : maxValue;
  }
  return { channels, data };
}

/**
 * Writes a PNG: 8 bits a sample for `maxValue` 255, 16 bits for 65535. The same pixels and text give the same bytes.
 *
 * @param options.text texts by keyword, instead of `pixels.text`
 * @param options.colour what programs that manage colours are told of the samples: that they are linear, or encoded as sRGB is.
 *   Default: nothing. The samples are written as they are in any case.
 * @throws RangeError for pixels that are not consistent, or a text that PNG cannot hold
 */
export function writePng(
  pixels: IntegerPixels,
  options: { text?: ReadonlyMap<string, string>; colour?: ColourChunk | null } = {},
): Uint8Array<ArrayBuffer> {
  checkOptions("writePng()", options, ["text", "colour"]);
  const { width, height, channels, maxValue, data } = pixels;
  const depth = maxValue === 255 ? 8 : 16;
  if (maxValue !== 255 && maxValue !== 65535) {
    throw new RangeError(`a PNG is written with maxValue 255 or 65535, not ${maxValue}; scale the values first`);
  }
  if (data instanceof Uint16Array !== (depth === 16)) {
    throw new RangeError(`maxValue ${maxValue} needs a ${depth === 16 ? "Uint16Array" : "Uint8Array"}`);
  }
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`a PNG cannot be ${width} x ${height} pixels`);
  }
  if (data.length !== width * height * channels) {
    const needed = `${width} x ${height} pixels of ${channels} channels need ${width * height * channels}`;
    throw new RangeError(`${needed} values, got ${data.length}`);
  }
  const image = encode({ width, height, channels, depth, data });
  const text = [...(options.text ?? pixels.text ?? [])].map(([keyword, value]) => writeText(keyword, value));
  // Text goes before the image, where a reader finds it without unpacking anything; colours before a palette, if there were one.
  const colour = writeColour(options.colour ?? null);
  return concatBytes([image.subarray(0, headerEnd), ...colour, ...text, image.subarray(headerEnd)]);
}
