// The container of a PNG file: signature, chunks, checksums. PNG specification (third edition), sections 5 and 11.2.1.

import { FileError } from "../../errors.ts";
import { otherKindError } from "../../otherKinds.ts";

const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export interface PngChunk {
  /** Four letters. */
  readonly type: string;
  readonly data: Uint8Array;
}

/** The first chunk, IHDR. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA. */
  readonly colourType: number;
  /** Samples of a pixel; 1 for a palette. */
  readonly samples: 1 | 2 | 3 | 4;
  readonly interlaced: boolean;
}

/** Where the header chunk ends: signature, length, type, 13 bytes, checksum. */
export const headerEnd = 33;

/** A file of 8192 x 8192 RGBA pixels of 16 bit in chunks of 8 KiB has half as many. */
const maxChunks = 131072;

const colourTypes = new Map<number, { samples: PngHeader["samples"]; depths: readonly number[] }>([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);

/**
 * Checks the signature and reads the header chunk.
 *
 * @throws FileError when this is not a PNG, or its header is cut off, altered or against the standard
 */
export function readHeader(bytes: Uint8Array, name: string): PngHeader {
  if (!pngSignature.every((byte, index) => bytes[index] === byte)) {
    const isMangled = bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
    const hint = isMangled ? "; it looks like one that was copied as text, so copy it again as binary" : "";
    const found = ` file (its first 8 bytes are not the PNG signature)${hint}`;
    if (isMangled) throw new FileError("damaged", name, `this is not a PNG${found}`);
    throw otherKindError(bytes, name, "a PNG", found);
  }
  if (bytes.length < headerEnd) throw new FileError("damaged", name, `the PNG ends after ${bytes.length} bytes`);
  const view = viewOf(bytes);
  const type = typeAt(bytes, 12);
  if (type !== "IHDR" || view.getUint32(8) !== 13) {
    throw new FileError("damaged", name, "the PNG does not begin with a header (an IHDR chunk of 13 bytes)");
  }
  checkCrc(bytes, 8, 13, name);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) {
    throw new FileError("damaged", name, `a PNG cannot be ${width} x ${height} pixels`);
  }
  const [depth, colourType, compression, filter, interlace] = bytes.subarray(24, 29);
  const colour = colourTypes.get(colourType);
  if (colour === undefined || !colour.depths.includes(depth)) {
    throw new FileError("damaged", name, `a PNG of colour type ${colourType} cannot have ${depth} bits a sample`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    const found = `compression ${compression}, filter ${filter}, interlace ${interlace}`;
    throw new FileError("damaged", name, `the PNG header names methods that do not exist (${found})`);
  }
  return { width, height, depth, colourType, samples: colour.samples, interlaced: interlace === 1 };
}

/**
 * The chunks between header and end. Bytes after the IEND chunk are no part of the image.
 *
 * @throws FileError when a chunk is cut off, misplaced, or of a kind without which the image cannot be understood
 */
export function readChunks(bytes: Uint8Array, name: string): PngChunk[] {
  const view = viewOf(bytes);
  const chunks: PngChunk[] = [];
  for (let offset = headerEnd; ; ) {
    if (offset + 12 > bytes.length) throw new FileError("damaged", name, "the PNG is cut off before its end (IEND)");
    const type = typeAt(bytes, offset + 4);
    const length = view.getUint32(offset);
    if (!/^[A-Za-z]{4}$/.test(type)) {
      throw new FileError("damaged", name, `the PNG has no chunk at byte ${offset}, where one should begin`);
    }
    if (offset + 12 + length > bytes.length) {
      const missing = offset + 12 + length - bytes.length;
      throw new FileError("damaged", name, `the PNG is cut off: ${missing} bytes of its ${type} chunk are missing`);
    }
    if (type === "IEND") {
      checkCrc(bytes, offset, length, name);
      if (length > 0) throw new FileError("damaged", name, `the end of the PNG (IEND) holds ${length} bytes, not none`);
      return chunks;
    }
    if (type === "IHDR") throw new FileError("damaged", name, "the PNG has two headers (IHDR)");
    // An upper-case first letter means that readers must understand the chunk.
    if (/^[A-Z]/.test(type) && type !== "PLTE" && type !== "IDAT") {
      throw new FileError("unsupported", name, `the PNG needs an extension (${type}) that is not read; save it again`);
    }
    if (chunks.length === maxChunks) throw new FileError("too-big", name, `the PNG has more than ${maxChunks} chunks`);
    chunks.push({ type, data: bytes.subarray(offset + 8, offset + 8 + length) });
    offset += 12 + length;
  }
}

/**
 * Compares every chunk with its checksum. Apart from `readChunks`, so that a file with absurd sizes is refused first.
 *
 * @throws FileError naming the chunk that was altered
 */
export function checkChunks(bytes: Uint8Array, chunks: readonly PngChunk[], name: string): void {
  for (const { data } of chunks) checkCrc(bytes, data.byteOffset - bytes.byteOffset - 8, data.length, name);
}

/** One chunk as it stands in a file. */
export function writeChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = viewOf(chunk);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index++) chunk[4 + index] = type.charCodeAt(index);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

function checkCrc(bytes: Uint8Array, offset: number, length: number, name: string): void {
  const found = crc32(bytes.subarray(offset + 4, offset + 8 + length));
  if (found !== viewOf(bytes).getUint32(offset + 8 + length)) {
    const type = typeAt(bytes, offset + 4);
    throw new FileError("damaged", name, `the PNG was altered: the checksum of its ${type} chunk is wrong`);
  }
}

function typeAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as in ISO 3309 and PNG annex D. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let index = 0; index < bytes.length; index++) {
    crc = crcTable[(crc ^ bytes[index]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
