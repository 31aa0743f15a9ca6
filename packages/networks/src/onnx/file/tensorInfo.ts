// Arrays in an ONNX file: their types, where their elements are, and the elements as numbers. A file promises sizes; they are held
// against what is there before memory is taken. Floats of half precision are widened, which is exact.

import { ProtobufReader, PtStorage, PtTensor } from "@plenoptic-js/formats";
import { OnnxError } from "./error.ts";
import { MOST_AXES, MOST_NAME, MOST_NUMBERS } from "./limits.ts";

/** The element types that are read, by their number: which field holds them one by one, if `raw_data` does not. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: { name: "float32", field: 4, bytes: 4 },
  2: { name: "uint8", field: 5, bytes: 1 },
  3: { name: "int8", field: 5, bytes: 1 },
  4: { name: "uint16", field: 5, bytes: 2 },
  5: { name: "int16", field: 5, bytes: 2 },
  6: { name: "int32", field: 5, bytes: 4 },
  7: { name: "int64", field: 7, bytes: 8 },
  9: { name: "bool", field: 5, bytes: 1 },
  10: { name: "float16", field: 5, bytes: 2 },
  11: { name: "float64", field: 10, bytes: 8 },
  12: { name: "uint32", field: 11, bytes: 4 },
  13: { name: "uint64", field: 11, bytes: 8 },
  16: { name: "bfloat16", field: 5, bytes: 2 },
};

/** Those that are not. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  8: "string",
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
  24: "float8e8m0",
  25: "uint2",
  26: "int2",
};

export interface ElementType {
  readonly name:
    | "float32"
    | "float64"
    | "float16"
    | "bfloat16"
    | "int8"
    | "int16"
    | "int32"
    | "int64"
    | "uint8"
    | "uint16"
    | "uint32"
    | "uint64"
    | "bool";
  readonly field: number;
  readonly bytes: number;
}

/** The element type of a number, if it is read. */
export const elementType = (number: number): ElementType | undefined => TYPES[number];

/** The name of an element type, for messages. */
export const typeName = (number: number): string =>
  TYPES[number]?.name ?? OTHER_TYPES[number] ?? `type ${number}, which there is not`;

/** Whether arrays of this type are floating, and so numbers that a network computes with. */
export const isFloating = ({ name }: ElementType): boolean => name.includes("float");

/** Elements that are in another file. */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  /** Left out: as many bytes as the elements take. */
  readonly length: number | undefined;
}

/** An array of a file: what it says of itself. */
export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly count: number;
  /** Where its elements are: in the file, in a message of it, in another file. */
  readonly raw: Uint8Array | undefined;
  readonly message: Uint8Array;
  readonly external: ExternalPlace | undefined;
}

/** Reads what a TensorProto says of itself, and holds it against the elements that are there. */
export function readTensorInfo(message: ProtobufReader, source: string): TensorInfo {
  const dims: number[] = [];
  let number = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  let isExternal = false;
  let otherField: string | undefined;
  const entries = new Map<string, string>();
  const counts = new Map<number, number>();
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) message.integers(dims, MOST_NUMBERS);
    else if (field === 2) number = message.integer();
    else if (field === 3) otherField = "is given in segments";
    else if (ROWS[field] !== undefined) {
      counts.set(field, (counts.get(field) ?? 0) + message.row(ROWS[field]).count);
    } else if (field === 8) name = message.text(MOST_NAME);
    else if (field === 9) raw = message.data();
    else if (field === 13) readEntry(message.message(), entries);
    else if (field === 14) isExternal = message.integer() === 1;
  }
  const what = name === "" ? "an array without a name" : `the array ${JSON.stringify(name)}`;
  const wrong = (problem: string): OnnxError => new OnnxError("model", source, `${what} ${problem}`);
  const type = TYPES[number];
  if (type === undefined) {
    const other = OTHER_TYPES[number];
    if (other === undefined) throw wrong(`has the element type ${number}, which there is not`);
    throw new OnnxError("unsupported", source, `${what} is of type ${other}, which is not read; export it as float32`);
  }
  if (otherField !== undefined) throw new OnnxError("unsupported", source, `${what} ${otherField}, which is not read`);
  if (dims.length > MOST_AXES) {
    throw new OnnxError("limits", source, `${what} has ${dims.length} axes; at most ${MOST_AXES} are read`);
  }
  if (dims.some((n) => n < 0)) throw wrong(`has the shape [${dims.join(", ")}]; no size may be below 0`);
  const count = dims.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(count * type.bytes)) {
    throw wrong(`has the shape [${dims.join(", ")}], which is more than can be counted`);
  }
  const place = isExternal ? placeOf(entries, what, source) : undefined;
  checkElements({ type, count, raw, counts, place }, wrong);
  return { name, type, shape: dims, count, raw, message: message.bytes, external: place };
}

/** The fields that hold elements one by one, and the bytes of one; 0 for whole numbers, which take as many as they need. */
const ROWS: Readonly<Record<number, 0 | 4 | 8>> = { 4: 4, 5: 0, 7: 0, 10: 8, 11: 0 };

interface Elements {
  readonly type: ElementType;
  readonly count: number;
  readonly raw: Uint8Array | undefined;
  readonly counts: ReadonlyMap<number, number>;
  readonly place: ExternalPlace | undefined;
}

function checkElements({ type, count, raw, counts, place }: Elements, wrong: (problem: string) => OnnxError): void {
  const rows = [...counts].filter(([, n]) => n > 0);
  const bytes = count * type.bytes;
  if ((raw?.length ?? 0) > 0 && rows.length > 0) throw wrong("gives its elements twice: as bytes and one by one");
  if (place !== undefined) {
    if (raw !== undefined || rows.length > 0) throw wrong("gives its elements twice: here and in another file");
    if (place.length !== undefined && place.length !== bytes) return;
    return;
  }
  if (rows.length > 0) {
    const [[field, n]] = rows;
    if (rows.length > 1 || field !== type.field) throw wrong(`is ${type.name}, but has elements of another type`);
    if (n !== count) throw wrong(`should have ${count} elements, but ${n} are there`);
    return;
  }
  const found = raw?.length ?? 0;
  if (found !== bytes) {
    throw wrong(`should have ${count} elements of ${type.name}, ${bytes} bytes, but ${found} bytes are there`);
  }
}

function readEntry(message: ProtobufReader, entries: Map<string, string>): void {
  let key = "";
  let value = "";
  for (let field = message.next(); field !== 0; field = message.next()) {
    if (field === 1) key = message.text(MOST_NAME);
    else if (field === 2) value = message.text(MOST_NAME);
  }
  entries.set(key, value);
}

function placeOf(entries: ReadonlyMap<string, string>, what: string, source: string): ExternalPlace {
  const wrong = (problem: string): OnnxError => new OnnxError("external", source, `${what} ${problem}`);
  const location = entries.get("location");
  if (location === undefined || location === "") throw wrong("is in another file, but the file is not named");
  const parts = location.split("/");
  const hasBadPart = parts.some((part) => part === "" || part === "." || part === "..");
  if (hasBadPart || /[\\\0:]/.test(location)) {
    throw wrong(
      `is in the file ${JSON.stringify(location)}; only files in the folder of the network are read: a path with /, without ` +
        "a drive, an address, or parts that lead out of it",
    );
  }
  const numberOf = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined || text === "") return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw wrong(`has the ${key} ${JSON.stringify(text)}; it must be a whole number from 0 on`);
    }
    return value;
  };
  return { location, offset: numberOf("offset") ?? 0, length: numberOf("length") };
}

/** Bytes of the elements of an array. */
export const bytesOf = ({ type, count }: TensorInfo): number => type.bytes * count;

/** Arrays of numbers that elements are read to. Those of 64 bits are exact up to 2^53, beyond that the nearest number. */
export type Elementary =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * The elements of an array. They may look into the bytes of the file.
 *
 * @param external its bytes, where they are in another file
 */
export function elementsOf(info: TensorInfo, external?: Uint8Array): Elementary {
  const { type, count, shape } = info;
  const bytes = external ?? info.raw;
  if (bytes === undefined || (bytes.length === 0 && count > 0)) return typedElements(info);
  const isAligned = bytes.byteOffset % type.bytes === 0;
  if (type.name === "float32" && isAligned) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  if (type.name === "float64" && isAligned) return new Float64Array(bytes.buffer, bytes.byteOffset, count);
  const storage = new PtStorage(type.name, count, bytes);
  const numbers = new PtTensor({ dtype: type.name, shape, storage }).data();
  return numbers instanceof BigInt64Array || numbers instanceof BigUint64Array
    ? Float64Array.from(numbers, Number)
    : numbers;
}

/** Elements that are given one by one. */
function typedElements({ type, count, message, shape }: TensorInfo): Elementary {
  const isHalf = type.name === "float16" || type.name === "bfloat16";
  const to =
    type.name === "float32" ? new Float32Array(count) : isHalf ? new Uint16Array(count) : new Float64Array(count);
  const reader = new ProtobufReader(message, "");
  let at = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== type.field) continue;
    const row = reader.row(ROWS[field]);
    row.into(to, at);
    at += row.count;
  }
  // Patterns of bits, which are widened as those in a row are.
  if (!(to instanceof Uint16Array)) return to;
  const storage = new PtStorage(type.name, count, new Uint8Array(to.buffer));
  return new PtTensor({ dtype: type.name, shape, storage }).data() as Float32Array;
}
