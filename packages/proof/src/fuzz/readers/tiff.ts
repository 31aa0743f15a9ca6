// Damaged TIFF files: fields of the directory, and packed strips whose checksums are right.

import { deflateSync, inflateSync } from "node:zlib";
import { concatBytes, FileError, type Pixels } from "@plenoptic-js/formats";
import { readTiff } from "../../../../formats/src/images/tiff/tiff.ts";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";
import { samples } from "./samples.ts";

const maxPixels = 1 << 20;

interface Field {
  readonly tag: number;
  readonly kind: number;
  readonly count: number;
  /** Where the field is, and where its values are. */
  readonly at: number;
  readonly values: number;
}

/** A TIFF file in its own byte order. */
class Tiff {
  readonly view: DataView;
  readonly little: boolean;
  readonly fields: readonly Field[];

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.little = bytes[0] === 0x49;
    const first = this.u32(4);
    this.fields = Array.from({ length: this.u16(first) }, (_, i) => {
      const at = first + 2 + 12 * i;
      const [tag, kind, count] = [this.u16(at), this.u16(at + 2), this.u32(at + 4)];
      const bytes = count * ({ 1: 1, 3: 2, 4: 4 }[kind] ?? 8);
      return { tag, kind, count, at, values: bytes <= 4 ? at + 8 : this.u32(at + 8) };
    });
  }

  u16(at: number): number {
    return this.view.getUint16(at, this.little);
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.little);
  }

  /** The whole numbers of a field; the first of those with its tag counts. */
  numbers(tag: number): number[] {
    const field = this.fields.find((one) => one.tag === tag);
    // A field of another type is none, for the reader too.
    if (field === undefined || ![1, 3, 4].includes(field.kind)) return [];
    return Array.from({ length: field.count }, (_, i) => this.#number(field, i));
  }

  #number({ kind, values }: Field, i: number): number {
    return kind === 3
      ? this.u16(values + 2 * i)
      : kind === 4
        ? this.u32(values + 4 * i)
        : this.view.getUint8(values + i);
  }

  set({ kind, values }: Field, i: number, value: number): void {
    if (kind === 3) this.view.setUint16(values + 2 * i, value, this.little);
    else if (kind === 4) this.view.setUint32(values + 4 * i, value, this.little);
    else this.view.setUint8(values + i, value);
  }
}

const meaningful: Readonly<Record<number, readonly number[]>> = {
  254: [0, 1, 4],
  258: [1, 2, 4, 8, 16, 32, 64, 3],
  259: [1, 5, 8, 32773, 32946, 7],
  262: [0, 1, 2, 3, 5],
  277: [1, 2, 3, 4, 5],
  284: [1, 2, 3],
  317: [1, 2, 3],
  338: [0, 1, 2],
  339: [1, 2, 3, 4],
};

/** A value of a field, its type or its number of values. */
function fieldChanged(bytes: Uint8Array, draw: Draw): Uint8Array {
  const out = bytes.slice();
  const tiff = new Tiff(out);
  const field = tiff.fields[draw(tiff.fields.length)];
  const kind = draw(10);
  if (kind === 0) tiff.view.setUint16(field.at + 2, [1, 3, 4, 5, 12][draw(5)], tiff.little);
  else if (kind === 1) tiff.view.setUint32(field.at + 4, oddNumber(draw, field.count), tiff.little);
  else if (kind === 2)
    tiff.view.setUint16(field.at, [254, 258, 259, 277, 278, 284, 317, 320, 322, 338][draw(10)], tiff.little);
  else if (field.count > 0 && field.count < 5000) {
    const choice = meaningful[field.tag];
    const old = tiff.numbers(field.tag)[0];
    const value = choice !== undefined && draw(4) > 0 ? choice[draw(choice.length)] : oddNumber(draw, old);
    const hit = draw(field.count);
    for (let i = 0; i < field.count; i++) if (i === hit || choice !== undefined) tiff.set(field, i, value);
  }
  return out;
}

/** One strip or tile, unpacked where it is deflated, changed, packed again, and put behind the file. */
function pieceChanged(bytes: Uint8Array, draw: Draw): Uint8Array {
  const tiff = new Tiff(bytes);
  const offsets = tiff.fields.find(({ tag }) => tag === 273 || tag === 324);
  const counts = tiff.fields.find(({ tag }) => tag === 279 || tag === 325);
  if (offsets === undefined || counts === undefined || offsets.kind !== 4) return damage(bytes, draw);
  const hit = draw(offsets.count);
  const start = tiff.numbers(offsets.tag)[hit];
  const piece = bytes.subarray(start, start + tiff.numbers(counts.tag)[hit]);
  const deflated = tiff.numbers(259)[0] === 8 || tiff.numbers(259)[0] === 32946;
  const changed =
    deflated && draw(4)
      ? new Uint8Array(deflateSync(damage(new Uint8Array(inflateSync(piece)), draw), { level: 1 }))
      : damage(piece, draw);
  const out = concatBytes([bytes, changed]);
  const after = new Tiff(out);
  after.set(offsets, hit, bytes.length);
  after.set(counts, hit, changed.length);
  return out;
}

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const kind = draw(4);
  if (kind === 0) return pieceChanged(bytes, draw);
  let out = bytes;
  for (let changes = draw(3) + 1; changes > 0; changes--) {
    try {
      out = fieldChanged(out, draw);
    } catch {
      // The field points out of the file since the last change.
    }
  }
  return out;
}

/** As many values as it says, none above the greatest; and zlib finds the checksums of deflated pieces right. */
function check(bytes: Uint8Array, { width, height, channels, maxValue, data }: Pixels): string | undefined {
  if (data.length !== width * height * channels) return `${data.length} values for ${width} x ${height} x ${channels}`;
  if (!data.every((value) => value >= 0 && value <= maxValue)) return `a value that is not in 0 to ${maxValue}`;
  const tiff = new Tiff(bytes);
  // Thumbnails and masks may come first; the image is then another.
  if (((tiff.numbers(254)[0] ?? 0) & 5) !== 0) return undefined;
  if (tiff.numbers(256)[0] !== width || tiff.numbers(257)[0] !== height) return "another size";
  if (![8, 32946].includes(tiff.numbers(259)[0])) return undefined;
  const tiled = tiff.numbers(322).length > 0 && tiff.numbers(323).length > 0;
  const counts = tiff.numbers(tiled ? 325 : 279);
  for (const [i, offset] of tiff.numbers(tiled ? 324 : 273).entries()) {
    try {
      inflateSync(bytes.subarray(offset, offset + counts[i]));
    } catch (error) {
      return `piece ${i}: ${String(error)}`;
    }
  }
  return undefined;
}

export const tiff: FuzzReader = {
  name: "tiff",
  count: 200_000,
  files: () => samples("codecs/", ".tif"),
  within,
  read: (bytes) => readTiff(bytes, { name: "fuzz", maxPixels }),
  isRefusal: (error) => error instanceof FileError,
  stages: [
    ["directory", /first 8 bytes|file is empty|not a TIFF|directory lies|directories of|several images|no full image/],
    [
      "fields",
      /field \d+|this TIFF has|the TIFF has|arranges|samples a pixel, too few|an image cannot|pixels; at most/,
    ],
    ["pieces", /cannot hold|together longer|beyond the end/],
    ["unpacking", /cannot be unpacked|unpacks to|ends early/],
    ["values", /NaN|must lie between|multiplied by/],
  ],
  check,
  // Four values of eight bytes.
  limit: maxPixels * 32,
};
