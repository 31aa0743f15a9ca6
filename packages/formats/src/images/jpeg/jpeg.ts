// JPEG files, decoded by MozJPEG to the very values of libjpeg-turbo, from which it descends, and which Pillow uses.
//
// One kind differs, by up to two levels: colours with all the columns but half the rows (4:4:0, which comes of turning
// 4:2:2 by a quarter without loss). There libjpeg-turbo has since changed how it rounds.

import factory from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { wasm } from "../codecs/mozjpeg.ts";
import { type Codec, type CodecFactory, runCodec } from "../codecs/runCodec.ts";
import { checkSize, defaultMaxPixels, type IntegerPixels, type ReadImageOptions } from "../pixels.ts";
import { selectChannels } from "../selectChannels.ts";
import { readJpegHeader } from "./jpegMarkers.ts";
import { isHarmlessWarning } from "./jpegWarnings.ts";

const mozjpeg: Codec = {
  kind: "JPEG",
  factory: factory as CodecFactory,
  wasm,
  // Not to be turned as EXIF asks.
  options: [false],
  isHarmless: isHarmlessWarning,
};

/**
 * Reads a gray or colour JPEG, baseline or progressive. Colour profiles and the EXIF orientation are not applied.
 *
 * @throws FileError for a file that is damaged, above `maxPixels`, or of a kind that is not read (CMYK, 12 bits, ...)
 */
export async function readJpeg(bytes: Uint8Array, options: ReadImageOptions = {}): Promise<IntegerPixels> {
  const { name = "JPEG", maxPixels = defaultMaxPixels } = options;
  const { width, height, components: channels, orientation } = readJpegHeader(bytes, name);
  checkSize(width, height, name, maxPixels);
  const data = selectChannels(await runCodec(mozjpeg, bytes, { width, height }, name), channels);
  return { width, height, channels, maxValue: 255, data, ...(orientation !== undefined && { orientation }) };
}
