// TIFF files of one image. Format: TIFF 6.0.
//
// Read here, because the reader on npm, `tiff` 7.1.3, was tried on the samples of the tests and fails users:
// it gives wrong values for tiles and planes without a word, does not read PackBits, bilevel images and predictor 3,
// takes signed, NaN and premultiplied values for good ones, and unpacks without a limit (0.3 MB of malice took 5 s and
// 650 MB for an image of 6 pixels).
//
// Colour profiles, resolution and orientation are not applied: samples are taken as they stand.

import { FileError } from "../../errors.ts";
import { orientationOf } from "../exif.ts";
import { defaultMaxPixels, type Pixels, type ReadImageOptions } from "../pixels.ts";
import { readTiffSamples } from "./tiffBlocks.ts";
import { readDirectory, readTiffStart, type TiffDirectory, type TiffStart } from "./tiffDirectory.ts";
import { readTiffLayout, type TiffLayout } from "./tiffLayout.ts";

/** More directories than this are no file that anybody would call an image. */
const maxDirectories = 1000;

/**
 * Reads gray, RGB and palette images of 1, 2, 4, 8 and 16 bits, and gray and RGB ones of 32- and 64-bit floating-point
 * numbers; uncompressed, or with LZW, deflate or PackBits; in strips or tiles.
 *
 * Floating-point values stay as they are, with `maxValue` 1; they must lie in [0, 1]. Palettes become RGB of 8 bits.
 *
 * @throws FileError for a file that is damaged, above `maxPixels`, of several pages, or of a kind that is not read
 */
export function readTiff(bytes: Uint8Array, options: ReadImageOptions = {}): Pixels {
  const { name = "TIFF", maxPixels = defaultMaxPixels } = options;
  const start = readTiffStart(bytes, name);
  const directory = onlyPage(start);
  const layout = readTiffLayout(directory, name, maxPixels);
  const { width, height, samples, bits, isFloat, colours, palette } = layout;
  const stored = readTiffSamples(bytes, start, layout);
  const orientation = orientationOf(directory);
  const shared = { width, height, ...(orientation !== undefined && { orientation }) };
  if (palette !== undefined) {
    const data = new Uint8Array(3 * stored.length);
    for (let i = 0; i < data.length; i++) data[i] = palette[3 * stored[Math.floor(i / 3)] + (i % 3)];
    return { ...shared, channels: 3, maxValue: 255, data };
  }
  const maxValue = isFloat ? 1 : (1 << bits) - 1;
  if (isFloat) checkRange(stored, name);
  if (layout.alpha === "premultiplied") checkOpaque(stored, layout, maxValue, name);
  if (colours === "white is 0") {
    // Not alpha, where there is any.
    for (let i = 0; i < stored.length; i += samples) stored[i] = maxValue - stored[i];
  }
  return { ...shared, channels: samples, maxValue, data: stored };
}

/** The one directory of a full image; those of thumbnails and masks, which say so, are passed over. */
function onlyPage(start: TiffStart): TiffDirectory {
  const seen = new Set<number>();
  const pages: TiffDirectory[] = [];
  for (let offset = start.first; offset !== 0; ) {
    if (seen.has(offset) || seen.size >= maxDirectories) {
      const problem = seen.has(offset) ? "run in a circle" : `are more than ${maxDirectories}`;
      throw new FileError("damaged", start.name, `the directories of the TIFF ${problem}`);
    }
    seen.add(offset);
    const directory = readDirectory(start, offset);
    const kind = directory.numbers(254, 1)?.[0] ?? 0;
    // Bit 0: a smaller copy of another image. Bit 2: a mask for one.
    if ((kind & 5) === 0) pages.push(directory);
    if (pages.length > 1) {
      const advice = "save the one you mean as a file of its own";
      throw new FileError("unsupported", start.name, `this TIFF holds several images (pages); ${advice}`);
    }
    offset = directory.next;
  }
  if (pages.length === 0) throw new FileError("damaged", start.name, "the TIFF holds no full image");
  return pages[0];
}

function checkRange(values: ArrayLike<number>, name: string): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) throw new FileError("unsupported", name, "this floating-point TIFF has NaN in it");
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  if (least < 0 || most > 1) {
    const range = `from ${least} to ${most}`;
    const problem = `the values of this floating-point TIFF go ${range}; they must lie between 0 (black) and 1 (white)`;
    throw new FileError("unsupported", name, `${problem}, so scale them first, or save it with 16-bit whole numbers`);
  }
}

/** Colours that were multiplied by their alpha cannot be had back exactly, unless alpha is full everywhere. */
function checkOpaque(values: ArrayLike<number>, { samples }: TiffLayout, maxValue: number, name: string): void {
  for (let i = samples - 1; i < values.length; i += samples) {
    if (values[i] === maxValue) continue;
    const problem = "the colours of this TIFF are multiplied by their alpha";
    throw new FileError("unsupported", name, `${problem}; lay it on a background, or save it with straight alpha`);
  }
}
