// Damaged JPEG files: the walk over their markers, and the decoder behind it.

import { concatBytes } from "@plenoptic-js/formats";
import { type JpegHeader, readJpegHeader } from "../../../../formats/src/images/jpeg/jpegMarkers.ts";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { Stage } from "../reader.ts";
import { codecReaders } from "./codec.ts";

interface Segment {
  marker: number;
  content: Uint8Array;
  /** The data of a scan, which follows its segment up to the next marker. */
  scan: Uint8Array;
}

function segmentsOf(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  for (let at = 2; bytes[at] === 0xff && bytes[at + 1] !== 0xd9; ) {
    const end = at + 2 + (bytes[at + 2] << 8) + bytes[at + 3];
    let next = end;
    while (next < bytes.length && (bytes[next] !== 0xff || bytes[next + 1] === 0 || (bytes[next + 1] & 0xf8) === 0xd0))
      next++;
    segments.push({ marker: bytes[at + 1], content: bytes.subarray(at + 4, end), scan: bytes.subarray(end, next) });
    at = next;
  }
  return segments;
}

function segmentBytes({ marker, content, scan }: Segment): Uint8Array {
  const length = content.length + 2;
  return concatBytes([Uint8Array.of(0xff, marker, (length >> 8) & 255, length & 255), content, scan]);
}

/** The height and width of the frame, changed. */
function frameChanged(content: Uint8Array, draw: Draw): Uint8Array {
  // Another segment, which was made a frame.
  if (content.length < 6) return damage(content, draw);
  const out = content.slice();
  const view = new DataView(out.buffer);
  if (draw(2)) view.setUint16(1 + 2 * draw(2), oddNumber(draw, 40) & 0xffff);
  else out[draw(out.length)] = draw(5);
  return out;
}

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const segments = segmentsOf(bytes);
  for (let changes = draw(2) + 1; changes > 0; changes--) {
    const hit = draw(segments.length);
    const segment = segments[hit];
    const kind = draw(10);
    if (kind === 0) segments.splice(draw(segments.length + 1), 0, segment);
    else if (kind === 1 && segments.length > 1) segments.splice(hit, 1);
    else if (kind === 2) segment.marker = [0xc0, 0xc1, 0xc2, 0xc4, 0xda, 0xdb, 0xdd, 0xe1, 0xee, 0xc9][draw(10)];
    else if (segment.scan.length > 0 && kind < 9) segment.scan = damage(segment.scan, draw);
    else if (segment.marker >= 0xc0 && segment.marker <= 0xc2) segment.content = frameChanged(segment.content, draw);
    else segment.content = damage(segment.content, draw);
  }
  return concatBytes([bytes.subarray(0, 2), ...segments.map(segmentBytes), Uint8Array.of(0xff, 0xd9)]);
}

const stages: readonly Stage[] = [
  ["kind", /not an image|is empty|mangled|not read yet|it looks like|is not a|a .* file/],
  ["markers", /cut off|segment of|holds no image|scans, which/],
  ["frame", /describes its image|which is not read|inks|components;|pixels; at most|an image cannot/],
];

/** The first frame by a search for its marker: nothing but entropy-coded data and segments may hold one before it. */
function checkHeader(bytes: Uint8Array, { width, height, components }: JpegHeader): string | undefined {
  const wanted = [8, height >> 8, height & 255, width >> 8, width & 255, components];
  for (let at = 2; at + 10 < bytes.length; at++) {
    if (bytes[at] !== 0xff || bytes[at + 1] < 0xc0 || bytes[at + 1] > 0xc2) continue;
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    if (length === 8 + 3 * components && wanted.every((byte, i) => bytes[at + 4 + i] === byte)) return undefined;
  }
  return `no frame of ${width} x ${height} x ${components}`;
}

export const [jpeg, mozjpeg] = codecReaders({
  name: "jpeg",
  decoder: "mozjpeg",
  end: ".jpg",
  within,
  readHeader: (bytes) => readJpegHeader(bytes, "fuzz"),
  checkHeader,
  stages,
});
