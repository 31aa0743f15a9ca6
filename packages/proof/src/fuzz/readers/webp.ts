// Damaged WebP files: the walk over their chunks, and the decoder behind it.

import { concatBytes } from "@plenoptic-js/formats";
import { readWebpHeader, type WebpHeader } from "../../../../formats/src/images/webp/webpChunks.ts";
import { type Draw, damage } from "../damage.ts";
import type { Stage } from "../reader.ts";
import { codecReaders } from "./codec.ts";

interface Chunk {
  kind: string;
  data: Uint8Array;
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const kind = String.fromCharCode(...bytes.subarray(at, at + 4));
    chunks.push({ kind, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

function container(chunks: readonly Chunk[]): Uint8Array {
  const parts = chunks.map(({ kind, data }) => {
    const part = new Uint8Array(8 + data.length + (data.length & 1));
    for (let i = 0; i < 4; i++) part[i] = kind.charCodeAt(i);
    new DataView(part.buffer).setUint32(4, data.length, true);
    part.set(data, 8);
    return part;
  });
  const body = concatBytes([Buffer.from("WEBP"), ...parts]);
  const head = new Uint8Array(8);
  head.set(Buffer.from("RIFF"));
  new DataView(head.buffer).setUint32(4, body.length, true);
  return concatBytes([head, body]);
}

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const chunks = chunksOf(bytes);
  for (let changes = draw(2) + 1; changes > 0; changes--) {
    const hit = draw(chunks.length);
    const kind = draw(10);
    if (kind === 0) chunks.splice(draw(chunks.length + 1), 0, chunks[hit]);
    else if (kind === 1 && chunks.length > 1) chunks.splice(hit, 1);
    else if (kind === 2) chunks[hit].kind = ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "EXIF", "XMP ", "abcd"][draw(8)];
    else chunks[hit].data = damage(chunks[hit].data, draw);
  }
  return container(chunks);
}

const stages: readonly Stage[] = [
  ["kind", /not an image|is empty|not read yet|it looks like/],
  ["chunks", /cut off|ends inside its|holds no image|two images/],
  ["headers", /too short|animated|does not begin as|pixels, but holds|pixels; at most|an image cannot/],
];

/** Chunks, one behind the other, fill the container; the image is one of them and has this size. */
function checkHeader(bytes: Uint8Array, { width, height }: WebpHeader): string | undefined {
  const images = chunksOf(bytes.subarray(0, Buffer.from(bytes).readUInt32LE(4) + 8)).filter(({ kind }) =>
    /^VP8[ L]$/.test(kind),
  );
  if (images.length !== 1) return `${images.length} images`;
  const [{ kind, data }] = images;
  const word = Buffer.from(data).readUInt32LE(kind === "VP8 " ? 6 : 1);
  const size =
    kind === "VP8 " ? [word & 0x3fff, (word >>> 16) & 0x3fff] : [(word & 0x3fff) + 1, ((word >>> 14) & 0x3fff) + 1];
  return size[0] === width && size[1] === height
    ? undefined
    : `the image is ${size.join(" x ")}, not ${width} x ${height}`;
}

export const [webp, libwebp] = codecReaders({
  name: "webp",
  decoder: "libwebp",
  end: ".webp",
  within,
  readHeader: (bytes) => readWebpHeader(bytes, "fuzz"),
  checkHeader,
  stages,
});
