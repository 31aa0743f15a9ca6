// Damaged PBM, PGM and PPM files. They have no checksum: what is accepted must hold the numbers that its header announces.

import { concatBytes, FileError, type IntegerPixels } from "@plenoptic-js/formats";
import { readPnm } from "../../../../formats/src/images/pnm.ts";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";

const maxPixels = 1 << 20;
/** More than this is not made, however large an image a header asks for. */
const LARGEST = 2000;

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function files(): Uint8Array[] {
  const row = (count: number, most: number): number[] => Array.from({ length: count }, (_, i) => (i * 37) % (most + 1));
  const words = (values: readonly number[]): Uint8Array => latin1(values.join(" "));
  const wide = (values: readonly number[]): Uint8Array => Uint8Array.from(values.flatMap((v) => [v >> 8, v & 255]));
  return [
    concatBytes([latin1("P1\n# a comment\n5 4\n"), words(row(20, 1))]),
    concatBytes([latin1("P2 5 4 15\n"), words(row(20, 15))]),
    concatBytes([latin1("P3\n3 2\n1000\n"), words(row(18, 1000)), latin1(" # end\n")]),
    concatBytes([latin1("P4\n11 3\n"), Uint8Array.from(row(6, 255))]),
    concatBytes([latin1("P5\n7 5\n255\n"), Uint8Array.from(row(35, 255))]),
    concatBytes([latin1("P5 4 4 999\n"), wide(row(16, 999))]),
    concatBytes([latin1("P6\n# 1\n4 3 # 2\n255\n"), Uint8Array.from(row(36, 255))]),
    concatBytes([latin1("P6 2 3 65535 "), wide(row(18, 65535))]),
  ];
}

/** A header of odd numbers, with as many values behind it as it says. */
function within(_: Uint8Array, draw: Draw): Uint8Array {
  const kind = draw(6) + 1;
  const blank = [" ", "\n", "\t", " # x\n", "\r\n", "\v"];
  const side = (): number => (draw(8) ? draw(14) : oddNumber(draw, 8));
  const [width, height] = [side(), side()];
  const most = draw(3) ? [1, 15, 255, 256, 65535][draw(5)] : oddNumber(draw, 255);
  const gap = (): string => blank[draw(blank.length)];
  const isBits = kind === 1 || kind === 4;
  const header = `P${kind}${gap()}${width}${gap()}${height}${isBits ? "" : gap() + most}`;
  const count = Math.min(width * height * (kind === 3 || kind === 6 ? 3 : 1), LARGEST);
  const value = (): number => (draw(200) === 0 ? oddNumber(draw, most) : draw(Math.max(1, isBits ? 2 : most + 1)));
  if (kind <= 3) {
    const text = Array.from({ length: count }, () => value() + gap()).join("");
    return latin1(`${header}${gap()}${text}`);
  }
  const bytes = isBits ? Math.ceil(width / 8) * height : count * (most > 255 ? 2 : 1);
  const raster = Uint8Array.from({ length: Math.min(bytes, LARGEST) }, () => draw(256));
  if (!isBits && most < 255) for (let i = 0; i < raster.length; i++) raster[i] = value();
  if (most > 255 && !isBits) for (let i = 0; i < raster.length; i += 2) raster[i] %= (most >> 8) + 1;
  const whole = concatBytes([latin1(header + (draw(4) ? "\n" : gap())), raster]);
  return draw(4) === 0 ? damage(whole, draw) : whole;
}

/** The header by a pattern, and the values behind it. */
function check(bytes: Uint8Array, { width, height, channels, maxValue, data }: IntegerPixels): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const gap = "(?:[\\t-\\r ]|#[^\\n]*(?:\\n|$))*";
  const isBits = text[1] === "1" || text[1] === "4";
  const head = new RegExp(`^P([1-6])${gap}(\\d+)${gap}(\\d+)${isBits ? "" : `${gap}(\\d+)`}`).exec(text);
  if (head === null) return "no header";
  const [, kind, w, h, most = "1"] = head;
  const samples = kind === "3" || kind === "6" ? 3 : 1;
  if (Number(w) !== width || Number(h) !== height || Number(most) !== maxValue || samples !== channels) {
    return `${w} x ${h} x ${samples} up to ${most}, read as ${width} x ${height} x ${channels} up to ${maxValue}`;
  }
  if (data.length !== width * height * channels) return `${data.length} values`;
  if (data.some((value) => value > maxValue)) return "a value above maxval";
  if (Number(kind) <= 3) {
    const rest = text.slice(head[0].length).replace(/#[^\n]*(\n|$)/g, " ");
    const found = isBits
      ? Array.from(rest.replace(/\s/g, ""), (digit) => 1 - Number(digit))
      : rest.trim().split(/\s+/).map(Number);
    return found.length === data.length && found.every((value, i) => value === data[i]) ? undefined : "other values";
  }
  if (isBits) return undefined;
  // The values are the last bytes but for blanks, which may follow.
  const width_ = maxValue > 255 ? 2 : 1;
  const start =
    head[0].length + (text[head[0].length] === "#" ? text.indexOf("\n", head[0].length) - head[0].length : 0) + 1;
  for (let i = 0; i < data.length; i++) {
    const at = start + i * width_;
    const value = width_ === 2 ? 256 * bytes[at] + bytes[at + 1] : bytes[at];
    if (value !== data[i]) return `value ${i} is ${data[i]}, and stands as ${value}`;
  }
  return undefined;
}

export const pnm: FuzzReader = {
  name: "pnm",
  count: 200_000,
  files,
  within,
  read: (bytes) => readPnm(bytes, { name: "fuzz", maxPixels }),
  isRefusal: (error) => error instanceof FileError,
  stages: [
    ["kind", /is not a PBM/],
    ["header", /the width|the height|greatest value|an image cannot|pixels; at most|a blank should be/],
    ["values", /cut off|a value|pixel \d+|above the stated|follow the/],
  ],
  check,
  limit: maxPixels * 6,
};
