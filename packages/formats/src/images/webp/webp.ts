// WebP files, decoded by libwebp.

import factory from "@jsquash/webp/codec/dec/webp_dec.js";
import { wasm } from "../codecs/libwebp.ts";
import { type Codec, type CodecFactory, runCodec } from "../codecs/runCodec.ts";
import { checkSize, defaultMaxPixels, type IntegerPixels, type ReadImageOptions } from "../pixels.ts";
import { selectChannels } from "../selectChannels.ts";
import { readWebpHeader } from "./webpChunks.ts";

const libwebp: Codec = {
  kind: "WebP",
  factory: factory as CodecFactory,
  wasm,
  options: [],
  isHarmless: () => false,
};

/**
 * Reads a lossy or lossless WebP of one frame, as RGB, or as RGBA where the file says that it has alpha. Colour
 * profiles and the EXIF orientation are not applied.
 *
 * @throws FileError for a file that is damaged, animated, or above `maxPixels`
 */
export async function readWebp(bytes: Uint8Array, options: ReadImageOptions = {}): Promise<IntegerPixels> {
  const { name = "WebP", maxPixels = defaultMaxPixels } = options;
  const { width, height, hasAlpha, orientation } = readWebpHeader(bytes, name);
  checkSize(width, height, name, maxPixels);
  const channels = hasAlpha ? 4 : 3;
  const data = selectChannels(await runCodec(libwebp, bytes, { width, height }, name), channels);
  return { width, height, channels, maxValue: 255, data, ...(orientation !== undefined && { orientation }) };
}
