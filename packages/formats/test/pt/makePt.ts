// Small .pt files made instruction by instruction, sound or not.

import { writeZip } from "../../src/zip/zipWriter.ts";

/** Some instructions of pickles. */
export const op = {
  mark: 0x28,
  none: 0x4e,
  true: 0x88,
  int8: 0x4b,
  float: 0x47,
  string: 0x58,
  emptyList: 0x5d,
  emptyDict: 0x7d,
  emptyTuple: 0x29,
  tuple: 0x74,
  tuple1: 0x85,
  tuple2: 0x86,
  append: 0x61,
  setItem: 0x73,
  put: 0x71,
  get: 0x68,
} as const;

/** Characters up to U+00FF as one byte each. */
export function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** A file whose pickle is these instructions, between PROTO 2 and STOP. */
export function fileOf(instructions: ArrayLike<number>): Uint8Array {
  const data = new Uint8Array(instructions.length + 3);
  data.set([0x80, 2]);
  data.set(instructions, 2);
  data[data.length - 1] = 0x2e;
  return writeZip([
    { name: "archive/data.pkl", data },
    { name: "archive/byteorder", data: encode("little") },
    { name: "archive/version", data: encode("3\n") },
  ]);
}
