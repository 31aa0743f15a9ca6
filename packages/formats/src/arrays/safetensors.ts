// .safetensors files: a length, a JSON header, and the elements of all tensors. Format: the safetensors README and its
// `SafeTensors::deserialize`, whose rules are kept: no key twice, no gap, no overlap, no byte to spare.

import { FileError } from "../errors.ts";
import { duplicateKey } from "../json/duplicateKey.ts";
import { checkOptions } from "../options.ts";
import { otherKindError } from "../otherKinds.ts";
import { dtypeFacts, type PtElementType } from "../tensors/dtypes.ts";
import { PtStorage } from "../tensors/storage.ts";
import { PtTensor } from "../tensors/tensor.ts";

const names: Readonly<Partial<Record<PtElementType, string>>> = {
  bool: "BOOL",
  uint8: "U8",
  int8: "I8",
  float8_e5m2: "F8_E5M2",
  float8_e4m3fn: "F8_E4M3",
  float8_e8m0fnu: "F8_E8M0",
  int16: "I16",
  uint16: "U16",
  float16: "F16",
  bfloat16: "BF16",
  int32: "I32",
  uint32: "U32",
  float32: "F32",
  complex64: "C64",
  float64: "F64",
  int64: "I64",
  uint64: "U64",
};

const byName = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as PtElementType]));

/** The header of a thousand tensors takes about 100 kB. */
const maxHeaderBytes = 16 * 1024 * 1024;

/** The key of the header that is not a tensor. */
const metadataKey = "__metadata__";

export interface SafetensorsFile {
  /** By name, in the order of their elements in the file. They look into the bytes of the file. */
  readonly tensors: Map<string, PtTensor>;
  /** Texts that the writer of the file added. */
  readonly metadata: Map<string, string>;
}

export interface ReadSafetensorsOptions {
  /** What to call the file in messages; its path, as a rule. Default: "safetensors". */
  readonly name?: string;
}

/**
 * Reads a `.safetensors` file.
 *
 * @throws FileError when it is damaged or holds element types that are not read
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): SafetensorsFile {
  checkOptions("readSafetensors()", options, ["name"]);
  const { name = "safetensors" } = options;
  const damaged = (problem: string): FileError => new FileError("damaged", name, problem);
  if (bytes.length < 10) throw otherKindError(bytes, name, "a .safetensors file", ": it is too short");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    // A header begins with a brace, also in a file that is cut off.
    if (bytes[8] !== 0x7b || length > 0xffffffffffffn) {
      throw otherKindError(bytes, name, "a .safetensors file", `: its header should have ${length} bytes`);
    }
    throw damaged(`this is not a .safetensors file, or it is cut off: its header should have ${length} bytes`);
  }
  if (length > maxHeaderBytes) {
    throw new FileError("too-big", name, `a header of ${length} bytes; at most ${maxHeaderBytes} are read`);
  }
  const dataStart = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, dataStart), damaged);
  const metadata = new Map<string, string>();
  const places: Place[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key !== metadataKey) {
      places.push(placeOf(key, value, name, damaged));
      continue;
    }
    // The format's own reader takes null for none.
    if (value === null) continue;
    for (const [word, text] of Object.entries(asObject(value, metadataKey, damaged))) {
      if (typeof text !== "string") throw damaged(`${metadataKey} holds ${JSON.stringify(word)}, which is no text`);
      metadata.set(word, text);
    }
  }
  const data = bytes.subarray(dataStart);
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  const tensors = new Map<string, PtTensor>();
  let end = 0;
  for (const place of places) {
    const what = `the tensor ${JSON.stringify(place.key)}`;
    if (place.start !== end) throw damaged(`${what} begins at byte ${place.start} of the data, not at ${end}`);
    ({ end } = place);
    if (end > data.length) throw damaged(`${what} ends at byte ${end} of ${data.length}: the file is cut off`);
    tensors.set(place.key, tensorAt(place, data, name));
  }
  if (end !== data.length) throw damaged(`${data.length - end} bytes at its end belong to no tensor`);
  return { tensors, metadata };
}

/** What the header says of one tensor. */
interface Place {
  readonly key: string;
  readonly dtype: PtElementType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

type Damaged = (problem: string) => FileError;

function parseHeader(bytes: Uint8Array, damaged: Damaged): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw damaged("this is not a .safetensors file: its header is not JSON");
  }
  if (!text.startsWith("{")) throw damaged("its header does not begin with {");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw damaged(`its header has the key ${JSON.stringify(twice)} twice`);
  return header as Record<string, unknown>;
}

function asObject(value: unknown, what: string, damaged: Damaged): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw damaged(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function placeOf(key: string, value: unknown, name: string, damaged: Damaged): Place {
  const what = `the tensor ${JSON.stringify(key)}`;
  const { dtype: code, shape, data_offsets: offsets, ...others } = asObject(value, what, damaged);
  const [other] = Object.keys(others);
  if (other !== undefined) throw damaged(`${what} has an unknown entry ${JSON.stringify(other)}`);
  const dtype = byName.get(String(code));
  if (typeof code !== "string") throw damaged(`${what} does not say its dtype`);
  if (dtype === undefined) throw new FileError("unsupported", name, `${what} is ${code}, which is not read`);
  if (!isSizes(shape)) throw damaged(`${what} has no shape of whole numbers from 0 up`);
  if (!isSizes(offsets) || offsets.length !== 2) throw damaged(`${what} does not say where its data begins and ends`);
  const [start, end] = offsets;
  // In whole numbers without bound: sizes may be absurd.
  const needed = shape.reduce((product, size) => product * BigInt(size), BigInt(dtypeFacts(dtype).bytes));
  if (BigInt(end) - BigInt(start) !== needed) {
    throw damaged(
      `${what}, ${code} [${shape.join(", ")}], takes ${needed} bytes, but has those from ${start} to ${end}`,
    );
  }
  return { key, dtype, shape, start, end };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function tensorAt({ key, dtype, shape, start, end }: Place, data: Uint8Array, name: string): PtTensor {
  const raw = data.subarray(start, end);
  const wrong = dtype === "bool" ? raw.findIndex((value) => value > 1) : -1;
  if (wrong >= 0) {
    const problem = `element ${wrong} of the bool tensor ${JSON.stringify(key)} is ${raw[wrong]}, not 0 or 1`;
    throw new FileError("damaged", name, problem);
  }
  const storage = new PtStorage(dtype, raw.length / dtypeFacts(dtype).bytes, raw);
  try {
    return new PtTensor({ dtype, shape, storage });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError("unsupported", name, `${JSON.stringify(key)} is ${reason}`, { cause });
  }
}

/**
 * A `.safetensors` file. Wide elements come first, so that all lie where a processor likes them. Equal tensors give equal
 * bytes.
 *
 * @throws RangeError for names and element types that the format has not, such as complex128
 */
export function writeSafetensors(tensors: ReadonlyMap<string, PtTensor>): Uint8Array<ArrayBuffer> {
  const width = ({ dtype }: PtTensor): number => dtypeFacts(dtype).bytes;
  const sorted = [...tensors].sort(([a, x], [b, y]) => width(y) - width(x) || (a < b ? -1 : 1));
  const entries: string[] = [];
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [key, tensor] of sorted) {
    const what = JSON.stringify(key);
    if (key === metadataKey || /\p{Surrogate}/u.test(key)) {
      throw new RangeError(`${what} cannot be the name of a tensor in a .safetensors file`);
    }
    const dtype = names[tensor.dtype];
    if (dtype === undefined) {
      throw new RangeError(`the tensor ${what} cannot be in a .safetensors file, which has no ${tensor.dtype}`);
    }
    const data = tensor.bytes();
    const start = end;
    end += data.length;
    parts.push(data);
    entries.push(`${what}:${JSON.stringify({ dtype, shape: tensor.shape, data_offsets: [start, end] })}`);
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const length = 8 * Math.ceil(json.length / 8);
  if (length > maxHeaderBytes) throw new RangeError(`${tensors.size} tensors are too many for a .safetensors file`);
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  bytes.fill(0x20, 8 + json.length, 8 + length);
  let at = 8 + length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
