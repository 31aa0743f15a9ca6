// Animated PNG files. PNG specification (third edition), https://www.w3.org/TR/png-3/, sections 4.9 and 11.3.6. Each frame is packed as a
// PNG of its own, whose image data is taken over.

import { concatBytes } from "../../bytes/concatBytes.ts";
import { checkOptions } from "../../options.ts";
import { writePng } from "../png/png.ts";
import { headerEnd, readChunks, writeChunk } from "../png/pngChunks.ts";
import { ANIMATION_OPTIONS, type AnimationOptions, type AnimationPixels, checkAnimation } from "./animation.ts";

/**
 * Writes an animated PNG. Programs that know no animations show its first frame.
 *
 * @throws RangeError for what is not consistent
 */
export function writeApng(pixels: AnimationPixels, options: AnimationOptions = {}): Uint8Array<ArrayBuffer> {
  checkOptions("writeApng()", options, ANIMATION_OPTIONS);
  const { framerate, repeat } = checkAnimation("an APNG", pixels, options);
  const { width, height, channels, frames } = pixels;
  const parts: Uint8Array[] = [];
  let sequence = 0;
  frames.forEach((data, i) => {
    const png = writePng({ width, height, channels, maxValue: 255, data });
    if (i === 0) parts.push(png.subarray(0, headerEnd), writeChunk("acTL", numbers(frames.length, repeat ? 0 : 1)));
    parts.push(writeChunk("fcTL", frameControl(sequence++, width, height, framerate)));
    for (const chunk of readChunks(png, "PNG")) {
      if (chunk.type !== "IDAT") continue;
      parts.push(
        i === 0 ? writeChunk("IDAT", chunk.data) : writeChunk("fdAT", concatBytes([numbers(sequence++), chunk.data])),
      );
    }
  });
  parts.push(writeChunk("IEND", new Uint8Array(0)));
  return concatBytes(parts);
}

/** Numbers of four bytes, the highest first. */
function numbers(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return bytes;
}

/** A whole frame, which replaces all of the one before. */
function frameControl(sequence: number, width: number, height: number, framerate: number): Uint8Array {
  const bytes = new Uint8Array(26);
  const view = new DataView(bytes.buffer);
  [sequence, width, height, 0, 0].forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  const [parts, second] = Number.isInteger(framerate) ? [1, framerate] : [Math.floor(1000 / framerate + 0.5), 1000];
  view.setUint16(20, parts);
  view.setUint16(22, second);
  return bytes;
}
