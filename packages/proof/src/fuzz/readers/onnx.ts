// Damaged ONNX files, which are messages of protocol buffers: read, and traced for an image of the size that they say they take.

import { readdirSync, readFileSync } from "node:fs";
import { concatBytes, FileError } from "@plenoptic-js/formats";
import { type Network, OnnxError } from "@plenoptic-js/networks";
import { readOnnx } from "@plenoptic-js/networks/onnx";
import { ShapeError, zeros } from "@plenoptic-js/tensor";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";

const folder = new URL("../../../../networks/test/data/golden/ops/", import.meta.url);
/** Larger files take longer and reach nothing else. */
const LARGEST = 12_000;

function files(): Uint8Array[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".onnx"))
    .sort()
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))))
    .filter((bytes) => bytes.length <= LARGEST);
}

interface Field {
  readonly number: number;
  readonly kind: number;
  /** Of a number its value, of all else bytes. */
  readonly value: bigint | Uint8Array;
}

/** The fields of a message; null for what is none. */
function fieldsOf(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      if (at >= bytes.length) return null;
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return null;
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === null || key >> 3n === 0n || key > 0xffffffffn) return null;
    const [number, kind] = [Number(key >> 3n), Number(key & 7n)];
    const value = kind === 0 || kind === 2 ? varint() : 0n;
    if (value === null) return null;
    const length = kind === 2 ? Number(value) : kind === 1 ? 8 : kind === 5 ? 4 : kind === 0 ? 0 : -1;
    if (length < 0 || at + length > bytes.length) return null;
    fields.push({ number, kind, value: kind === 0 ? value : bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

function varintOf(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(left & 127n) | (left > 127n ? 128 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Uint8Array.from(bytes);
}

function messageOf(fields: readonly Field[]): Uint8Array {
  return concatBytes(
    fields.flatMap(({ number, kind, value }) => {
      const key = varintOf(BigInt(number * 8 + kind));
      if (typeof value === "bigint") return [key, varintOf(value)];
      return kind === 2 ? [key, varintOf(BigInt(value.length)), value] : [key, value];
    }),
  );
}

/** A message with one field changed, deep inside; all lengths around it are right. */
function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  const fields = fieldsOf(bytes);
  if (fields === null || fields.length === 0) return damage(bytes, draw);
  const hit = draw(fields.length);
  const { number, kind, value } = fields[hit];
  const what = draw(12);
  if (what === 0) fields.splice(hit, 1);
  else if (what === 1) fields.splice(draw(fields.length + 1), 0, fields[hit]);
  else if (what === 2) fields[hit] = { number: draw(30) + 1, kind, value };
  else if (typeof value === "bigint") {
    const odd = draw(3) === 0 ? -BigInt(draw(5)) : BigInt(oddNumber(draw, Number(value & 0xffffffn)));
    fields[hit] = { number, kind, value: odd };
  } else {
    const isMessage = kind === 2 && (fieldsOf(value)?.length ?? 0) > 0;
    fields[hit] = { number, kind, value: isMessage && what < 11 ? within(value, draw) : damage(value, draw) };
    // Numbers of 4 and 8 bytes stay so long.
    const { value: made } = fields[hit];
    if (kind !== 2 && (made as Uint8Array).length !== value.length) fields[hit] = { number, kind, value };
  }
  return messageOf(fields);
}

async function read(bytes: Uint8Array): Promise<Network> {
  const network = await readOnnx(bytes);
  const shape = network.imageShape?.map((n) => Math.min(n ?? 4, 64)) ?? [1, 3, 6, 6];
  network.forward(zeros(shape, { dtype: "float32" }));
  return network;
}

/** Of a file, of an image that does not fit what a damaged file says it takes, and of several results. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof FileError ||
  error instanceof OnnxError ||
  error instanceof ShapeError ||
  (error instanceof RangeError && error.message.includes("results"));

/** What was accepted is a message, as it is read here. */
function check(bytes: Uint8Array): string | undefined {
  return fieldsOf(bytes) === null ? "it is no message" : undefined;
}

export const onnx: FuzzReader = {
  name: "onnx",
  count: 200_000,
  files,
  within,
  read,
  isRefusal,
  stages: [
    [
      "message",
      /cut off|not UTF-8|field with the number|is written as kind|should be (a whole|bytes|\d+ bytes)|more than 64 bits|file is empty|no ONNX file|stand where|no row of/,
    ],
    [
      "graph",
      /opset|no graph|two graphs|made by no node|is made twice|which no input|sparse|array .*(element|there twice)|does not say what type|than it says|it wants/s,
    ],
    ["operators", /not supported|its attribute .* is not known/s],
    ["tracing", /./s],
  ],
  check,
  limit: 64 << 20,
};
