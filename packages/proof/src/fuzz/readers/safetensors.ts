// Damaged .safetensors files. They have no checksum: what is accepted must keep the rules of the format, looked at by JSON.parse.

import {
  concatBytes,
  FileError,
  PtTensor,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "@plenoptic-js/formats";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";

function files(): Uint8Array[] {
  const weight = PtTensor.of("float32", [2, 3], new Float32Array(6));
  const bias = PtTensor.of("int8", [5], new Int8Array(5));
  const empty = PtTensor.of("float64", [0], new Float64Array(0));
  const mask = PtTensor.of("bool", [4], Uint8Array.of(0, 1, 1, 0));
  const noted = '{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}} ';
  return [
    writeSafetensors(
      new Map([
        ["weight", weight],
        ["bias", bias],
      ]),
    ),
    writeSafetensors(new Map([["empty", empty]])),
    writeSafetensors(
      new Map([
        ["mask", mask],
        ["empty", empty],
        ["w", weight],
      ]),
    ),
    withHeader(Buffer.from(noted), Uint8Array.of(7)),
  ];
}

function withHeader(header: Uint8Array, data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return concatBytes([length, header, data]);
}

const types = ["F32", "F64", "I8", "BOOL", "BF16", "C64", "U64", "F8_E4M3", "F4", "I128"];

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = bytes.subarray(8, end);
  let data = bytes.subarray(end);
  const kind = draw(4);
  if (kind === 0) return withHeader(damage(header, draw), data);
  if (kind === 1) {
    // A number or a type of the header changed.
    const text = Buffer.from(header).toString("latin1");
    const changed = draw(3)
      ? text.replace(/\d+(?=[,\]])/g, (found) => (draw(4) ? found : String(oddNumber(draw, Number(found)))))
      : text.replace(/"dtype":"\w+"/, `"dtype":"${types[draw(types.length)]}"`);
    return withHeader(Buffer.from(changed, "latin1"), data);
  }
  // A new header, that fits its data but for an accident.
  let at = 0;
  const entries = Array.from({ length: draw(4) }, (_, i) => {
    const shape = Array.from({ length: draw(4) }, () => draw(4));
    const size = shape.reduce((product, n) => product * n, 4) + (draw(12) ? 0 : draw(9) - 4);
    const type = draw(8) ? "F32" : types[draw(types.length)];
    if (type === "BOOL") shape.push(4);
    const start = draw(8) ? at : Math.max(0, at + draw(5) - 2);
    at = Math.max(0, start + size);
    const key = draw(12) ? `t${i}` : "t0";
    return `"${key}":{"dtype":"${type}","shape":[${shape.join()}],"data_offsets":[${start},${at}]}`;
  });
  if (draw(4) === 0) entries.reverse();
  if (draw(8) === 0) at = Math.max(0, at + draw(5) - 2);
  data = Uint8Array.from({ length: at }, () => draw(256));
  return withHeader(Buffer.from(`{${entries.join(",")}}${" ".repeat(draw(3))}`), data);
}

/** Every byte of the data belongs to one tensor, and each has as many as its shape and type take. */
function check(bytes: Uint8Array, { tensors }: SafetensorsFile): string | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = 8 + Number(view.readBigUInt64LE(0));
  const header = JSON.parse(view.toString("utf8", 8, end)) as Record<
    string,
    { shape: number[]; data_offsets: number[]; dtype: string }
  >;
  const owners = new Uint8Array(bytes.length - end);
  let count = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    count++;
    const tensor = tensors.get(name);
    if (tensor === undefined) return `${name} is missing`;
    const [from, to] = entry.data_offsets;
    const width = entry.dtype === "BOOL" ? 1 : Number(/\d+/.exec(entry.dtype)?.[0]) / 8;
    if (entry.shape.reduce((product, n) => product * n, width) !== to - from) return `${name} has ${to - from} bytes`;
    if (String(tensor.shape) !== String(entry.shape)) return `${name} has another shape`;
    if (Buffer.compare(tensor.bytes(), view.subarray(end + from, end + to)) !== 0) return `${name} has other bytes`;
    for (let i = from; i < to; i++) owners[i]++;
  }
  if (count !== tensors.size) return `${tensors.size} tensors of ${count}`;
  return owners.every((n) => n === 1) ? undefined : "a byte that no tensor has, or two";
}

export const safetensors: FuzzReader = {
  name: "safetensors",
  count: 200_000,
  files,
  within,
  read: (bytes) => readSafetensors(bytes, { name: "fuzz" }),
  isRefusal: (error) => error instanceof FileError,
  stages: [
    [
      "length",
      /too short|file is empty|should have \d+ bytes|a header of|a \.safetensors file(?!: its header is not JSON)/,
    ],
    ["JSON", /is not JSON|begin with \{|twice/],
    [
      "entries",
      /is not an object|unknown entry|say its dtype|not read|no shape|does not say where|no text|takes \d+ bytes/,
    ],
    ["places", /begins at byte|ends at byte|belong to no/],
    ["elements", /bool tensor| is /],
  ],
  check,
  limit: 16 << 20,
};
