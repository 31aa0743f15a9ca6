// What a JPEG says about itself, read from its markers before a decoder sees it.
// Format: ITU-T T.81 (annex B); EXIF 2.3 (orientation).

import { FileError } from "../../errors.ts";
import { exifOrientation } from "../exif.ts";

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 colour. */
  readonly components: 1 | 3;
  readonly orientation: number | undefined;
}

type Frame = Omit<JpegHeader, "orientation">;

/** Real files have a dozen at most. Each costs a pass over the image, however few bytes it has. */
const maxScans = 200;

/** Kinds of JPEG, by the marker of their frame, that are not read. */
const otherFrames: ReadonlyMap<number, string> = new Map([
  [0xc3, "a lossless JPEG"],
  [0xc5, "a hierarchical JPEG"],
  [0xc6, "a hierarchical JPEG"],
  [0xc7, "a hierarchical JPEG"],
  [0xc9, "a JPEG with arithmetic coding"],
  [0xca, "a JPEG with arithmetic coding"],
  [0xcb, "a lossless JPEG"],
  [0xcd, "a hierarchical JPEG"],
  [0xce, "a hierarchical JPEG"],
  [0xcf, "a hierarchical JPEG"],
  [0xde, "a hierarchical JPEG"],
]);

/**
 * Walks over all markers, to the end of the image. What follows there is left alone: phones put films behind photographs.
 *
 * @throws FileError for kinds of JPEG that are not read (CMYK, 12 bits, ...), and for files that are cut off
 */
export function readJpegHeader(bytes: Uint8Array, name: string): JpegHeader {
  let frame: Frame | undefined;
  let scans = 0;
  let orientation: number | undefined;
  for (const { marker, content } of segments(bytes, name)) {
    const other = otherFrames.get(marker);
    if (other !== undefined) {
      throw new FileError("unsupported", name, `this is ${other}, which is not read; convert to PNG`);
    }
    if (marker >= 0xc0 && marker <= 0xc2) {
      if (frame !== undefined) throw new FileError("damaged", name, "the JPEG describes its image twice");
      frame = readFrame(content, name);
    } else if (marker === 0xda) {
      if (++scans > maxScans) {
        throw new FileError("damaged", name, `the JPEG has more than ${maxScans} scans, which is absurd`);
      }
    } else if (marker === 0xe1 && String.fromCharCode(...content.subarray(0, 6)) === "Exif\0\0") {
      orientation ??= exifOrientation(content.subarray(6));
    }
  }
  if (frame === undefined || scans === 0) throw new FileError("damaged", name, "the JPEG holds no image");
  return { ...frame, orientation };
}

/** The segments up to the end marker, and their content. Scans are walked over byte by byte. */
function* segments(bytes: Uint8Array, name: string): Generator<{ marker: number; content: Uint8Array }> {
  const cutOff = (): FileError => new FileError("damaged", name, "the JPEG is cut off: it has no end marker");
  for (let at = 2; ; ) {
    // Between segments, and in a scan, anything may stand but a marker: 0xFF and a byte that is neither 0 nor 0xFF.
    const start = bytes.indexOf(0xff, at);
    if (start < 0 || start + 1 >= bytes.length) throw cutOff();
    const marker = bytes[start + 1];
    if (marker === 0xd9) return;
    if (marker === 0xff) {
      at = start + 1;
    } else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      // A 0xFF of the scan itself; restart markers and two others, which have no content.
      at = start + 2;
    } else {
      if (start + 4 > bytes.length) throw cutOff();
      const length = (bytes[start + 2] << 8) | bytes[start + 3];
      at = start + 2 + length;
      if (length < 2) throw new FileError("damaged", name, `the JPEG has a segment of ${length} bytes; 2 is the least`);
      if (at > bytes.length) throw cutOff();
      yield { marker, content: bytes.subarray(start + 4, at) };
    }
  }
}

function readFrame(content: Uint8Array, name: string): Frame {
  const [precision, height1, height0, width1, width0, components] = content;
  if (content.length < 6 || content.length !== 6 + 3 * components) {
    throw new FileError("damaged", name, "the JPEG describes its image in the wrong number of bytes");
  }
  if (precision !== 8) {
    throw new FileError("unsupported", name, `this is a JPEG of ${precision} bits, which is not read; convert to PNG`);
  }
  if (components === 4) {
    throw new FileError("unsupported", name, "this JPEG has CMYK colours (4 inks); convert it to RGB or gray");
  }
  if (components !== 1 && components !== 3) {
    throw new FileError("unsupported", name, `this JPEG has ${components} components; 1 (gray) and 3 (RGB) are read`);
  }
  return { width: (width1 << 8) | width0, height: (height1 << 8) | height0, components };
}
