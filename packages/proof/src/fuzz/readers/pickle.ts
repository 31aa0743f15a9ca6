// Damaged .pt files: the pickle, and what is around it. What is read must be the same when it is written and read again.

import { FileError, type PtFile, readPt, writePt } from "@plenoptic-js/formats";
import { ZipArchive } from "../../../../formats/src/zip/zipReader.ts";
import { writeZip } from "../../../../formats/src/zip/zipWriter.ts";
import { differenceOf } from "../../files/sameValue.ts";
import { type Draw, damage } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";
import { sample } from "./samples.ts";

const names = [
  "size_device_dtype",
  "shared_refs",
  "parameter",
  "conj_neg",
  "dtypes_v3",
  "hand_plain_zip",
  "legacy_plain",
  "cycle",
];

/** Instructions that torch writes: a pickle is a program, and changes of it are better made of its words. */
const instructions = [
  0x80, 0x28, 0x7d, 0x5d, 0x8f, 0x29, 0x4e, 0x88, 0x89, 0x4b, 0x4d, 0x4a, 0x8a, 0x47, 0x58, 0x55, 0x85, 0x86, 0x87,
  0x74, 0x61, 0x65, 0x73, 0x75, 0x71, 0x72, 0x68, 0x6a, 0x63, 0x52, 0x81, 0x62, 0x51, 0x2e,
];

function programChanged(bytes: Uint8Array, draw: Draw): Uint8Array {
  const out = [...bytes];
  for (let changes = draw(3) + 1; changes > 0; changes--) {
    const at = draw(out.length);
    const kind = draw(4);
    const code = instructions[draw(instructions.length)];
    if (kind === 0) out.splice(at, 0, code, ...(code === 0x68 || code === 0x71 || code === 0x4b ? [draw(40)] : []));
    else if (kind === 1) out[at] = code;
    else if (kind === 2) out.splice(at, draw(6) + 1);
    else out.splice(draw(out.length), 0, ...out.slice(at, at + draw(20) + 1));
    if (out.length === 0) out.push(code);
  }
  return Uint8Array.from(out);
}

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (bytes[0] !== 0x50) return programChanged(bytes, draw);
  const archive = new ZipArchive(bytes, "fuzz", 100);
  const entries = [...archive.names()].map((name) => ({ name, data: archive.read(name) }));
  const other = draw(8) === 0 ? draw(entries.length) : -1;
  return writeZip(
    entries.map(({ name, data }, i) => {
      if (i === other) return { name, data: damage(data, draw) };
      if (!name.endsWith("data.pkl")) return { name, data };
      return { name, data: draw(2) ? damage(data, draw) : programChanged(data, draw) };
    }),
  );
}

/** Not all that torch can save is written by us; what is, comes back. */
function check(_: Uint8Array, { value }: PtFile): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = writePt(value);
  } catch (error) {
    return /^(Type|Range)Error: writePt: /.test(String(error)) ? undefined : `writing: ${String(error)}`;
  }
  return differenceOf(value, readPt(bytes, { name: "written" }).value);
}

export const pickle: FuzzReader = {
  name: "pickle",
  count: 200_000,
  files: () => names.map((name) => sample(`pt/format/${name}.pt`)),
  within,
  read: (bytes) => readPt(bytes, { name: "fuzz" }),
  isRefusal: (error) => error instanceof FileError,
  stages: [
    [
      "container",
      /a \.pt file|file is empty|archive|TorchScript|not a file of|byte order|version|the stream has protocol|compressed|encrypted|checksum|no directory|not UTF-8$/,
    ],
    ["pickle", /pickle|refers to/],
    ["values", /storage|tensor|lie in each other|memory|the stream/],
  ],
  check,
  limit: 64 << 20,
};
