// Damaged .npy and .npz files.

import { crc32 } from "node:zlib";
import {
  type ArrayData,
  concatBytes,
  FileError,
  type NpzFile,
  type PtTensor,
  readNpy,
  readNpyTensor,
  readNpz,
} from "@plenoptic-js/formats";
import { unzipSync, zipSync } from "fflate";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";
import { samples } from "./samples.ts";
import { checksumsOf } from "./zip.ts";

const npyFiles = (): Uint8Array[] => samples("files/", ".npy").filter(({ length }) => length < 3000);

const typeCodes = ["<f4", ">f8", "|b1", "<i4", ">i2", "<u8", "<c8", ">c16", "|i1", "<f2", "|O", "<U4"];

/** The header, which is text of a length that stands before it, changed; then the length made right, and often the data's too. */
function npyWithin(bytes: Uint8Array, draw: Draw): Uint8Array {
  const wide = bytes[6] > 1;
  const start = wide ? 12 : 10;
  const length = bytes[8] + 256 * bytes[9];
  const text = Buffer.from(bytes.subarray(start, start + length)).toString("latin1");
  let data = bytes.subarray(start + length);
  let header: Uint8Array;
  const kind = draw(4);
  if (kind === 0) header = damage(Buffer.from(text, "latin1"), draw);
  else {
    const axes = Array.from({ length: draw(5) }, () => (draw(6) ? draw(5) : oddNumber(draw, 4)));
    const code = typeCodes[draw(typeCodes.length)];
    const shape = `(${axes.join(", ")}${axes.length === 1 ? "," : ""})`;
    const changed = `{'descr': '${code}', 'fortran_order': ${draw(2) ? "True" : "False"}, 'shape': ${shape}, }`;
    header = Buffer.from(kind === 1 ? text.replace(/'[<>|]\w+'/, `'${code}'`) : changed, "latin1");
    const size = axes.reduce((product, n) => product * n, 1) * Number(/\d+/.exec(code)?.[0] ?? 1);
    if (kind > 1 && size < 5000) data = Uint8Array.from({ length: size }, () => (code === "|b1" ? draw(2) : draw(256)));
    if (kind > 1 && draw(8) === 0) data = damage(data, draw);
  }
  const head = bytes.slice(0, start);
  head[8] = header.length & 255;
  head[9] = (header.length >> 8) & 255;
  return concatBytes([head, header, data]);
}

/** Both readers of .npy files, which share the header only. */
function readBoth(bytes: Uint8Array): { tensor: PtTensor; array?: ArrayData } {
  const tensor = readNpyTensor(bytes, { name: "fuzz" });
  try {
    return { tensor, array: readNpy(bytes, { name: "fuzz" }) };
  } catch (error) {
    // Some types, and whole numbers that are too large, are for tensors only.
    if (error instanceof FileError && error.code === "unsupported") return { tensor };
    throw error;
  }
}

/** The header by a pattern; as many bytes behind it as it says; bools are 0 and 1; both readers see one shape. */
function npyProblem(bytes: Uint8Array, shape: readonly number[]): string | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = view[6] === 1 ? 10 + view.readUInt16LE(8) : 12 + view.readUInt32LE(8);
  const header = view.toString("latin1", view[6] === 1 ? 10 : 12, start);
  const code = /['"]descr['"]\s*:\s*['"][<>|]([a-z])(\d+)['"]/.exec(header);
  const sizes = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(header)?.[1].match(/\d+/g)?.map(Number) ?? [];
  if (code === null) return `no type in ${JSON.stringify(header)}`;
  if (String(sizes) !== String(shape)) return `[${shape.join()}] of ${JSON.stringify(header)}`;
  const needed = sizes.reduce((product, n) => product * n, Number(code[2]));
  if (bytes.length - start !== needed) return `${bytes.length - start} bytes of data, not ${needed}`;
  return code[1] === "b" && bytes.subarray(start).some((value) => value > 1) ? "a bool that is none" : undefined;
}

export const npy: FuzzReader = {
  name: "npy",
  count: 200_000,
  files: npyFiles,
  within: npyWithin,
  read: readBoth,
  isRefusal: (error) => error instanceof FileError,
  stages: [
    ["kind", /an \.npy file|file is empty|format \d+\.\d+ is not known/],
    [
      "header",
      /header is malformed|inside its header|absurd|not a Python dictionary|unexpected entry|lacks one|shape|records/,
    ],
    ["type", /are not read|is not 0 or 1|element \d|axes|tensor/],
  ],
  check: (bytes: Uint8Array, { tensor, array }: ReturnType<typeof readBoth>) => {
    if (array !== undefined && String(array.shape) !== String(tensor.shape)) return "two shapes";
    return npyProblem(bytes, tensor.shape);
  },
  limit: 1 << 20,
};

function npzFiles(): Uint8Array[] {
  const files = npyFiles();
  const names = ["a.npy", "weights/b.npy", "c.npy", "notes.txt"];
  return [0, 3, 6].flatMap((first) => {
    const entries = Object.fromEntries(names.map((name, i) => [name, files[(first + i * 5) % files.length]]));
    return [zipSync(entries, { level: 0, mtime: "2026-01-01" }), zipSync(entries, { level: 6, mtime: "2026-01-01" })];
  });
}

/** Arrays changed, then zipped again with checksums that are right. */
function npzWithin(bytes: Uint8Array, draw: Draw): Uint8Array {
  const entries = Object.entries(unzipSync(bytes));
  const hit = draw(entries.length);
  const changed = entries.map(([name, data], i): [string, Uint8Array] => {
    if (i !== hit) return [name, data];
    return [draw(6) ? name : `${name}.npy`, draw(2) ? npyWithin(data, draw) : damage(data, draw)];
  });
  return zipSync(Object.fromEntries(changed), { level: draw(2) ? 0 : 1, mtime: "2026-01-01" });
}

/** What fflate unpacks has the checksums of the directory, and is what was read. */
function npzCheck(bytes: Uint8Array, { arrays }: NpzFile): string | undefined {
  const entries = unzipSync(bytes, { filter: ({ name }) => name.endsWith(".npy") });
  const sums = checksumsOf(bytes);
  for (const [name, array] of arrays) {
    const data = entries[`${name}.npy`];
    if (data === undefined) return `${name} is not there for fflate`;
    if (crc32(data) !== sums.get(`${name}.npy`)) return `the checksum of ${name} is ${sums.get(name)}`;
    const problem = npyProblem(data, array.shape);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

export const npz: FuzzReader = {
  name: "npz",
  count: 200_000,
  files: npzFiles,
  within: npzWithin,
  read: (bytes) => readNpz(bytes, { name: "fuzz" }),
  isRefusal: (error) => error instanceof FileError,
  stages: [
    ["kind", /an \.npz file|file is empty/],
    ["arrays", /, array /],
    [
      "directory",
      /no directory|archive is damaged|archive has|archive holds|encrypted|compressed|another part|not UTF-8/,
    ],
    ["entries", /checksum|unpack/],
  ],
  check: npzCheck,
  limit: 64 << 20,
};
