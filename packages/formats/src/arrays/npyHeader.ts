// The head of an .npy file: magic, version, and a Python dictionary as text. Parsed, never evaluated.
// Format: NumPy's NEP 1 and `numpy.lib.format`.

import { FileError } from "../errors.ts";
import { otherKindError } from "../otherKinds.ts";

const magic = "\x93NUMPY";
const alignment = 64;

/** NumPy leaves room for the first axis to grow to this many digits without moving the data. */
const growthDigits = 21;

/** NumPy itself refuses longer headers unless told otherwise. */
const maxHeaderBytes = 10000;

export interface NpyHeader {
  /** NumPy's type string, such as `<f8`. */
  readonly description: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly dataStart: number;
}

/**
 * @throws FileError when this is not an .npy file, or one that a header of NumPy cannot begin
 */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const damaged = (problem: string): FileError => new FileError("damaged", name, problem);
  if (!isNpy(bytes)) {
    throw otherKindError(bytes, name, "an .npy file", " (it does not begin with \\x93NUMPY)");
  }
  if (bytes.length < 12) throw damaged("the file is cut off inside its header");
  const [major, minor] = bytes.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) {
    throw new FileError("unsupported", name, `.npy format ${major}.${minor} is not known; 1.0, 2.0 and 3.0 are`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = major === 1 ? 10 : 12;
  if (length > maxHeaderBytes) {
    throw damaged(`a header of ${length} bytes is absurd; at most ${maxHeaderBytes} are read`);
  }
  if (start + length > bytes.length) throw damaged("the file is cut off inside its header");
  // Only the names of record fields are ever outside ASCII, and records are refused below.
  const fields = parseDictionary(latin1(bytes.subarray(start, start + length)), name, damaged);
  return { ...fields, dataStart: start + length };
}

/** Whether bytes begin like an .npy file. */
export function isNpy(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 6)) === magic;
}

/** The head of a format 1.0 file, as `numpy.save` writes it. */
export function writeNpyHeader(description: string, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const room = shape.length === 0 ? "" : " ".repeat(Math.max(0, growthDigits - String(shape[0]).length));
  const dictionary = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }${room}`;
  // NumPy pads by a whole 64 where nothing would be needed.
  const unpadded = 10 + dictionary.length + 1;
  const padding = alignment - (unpadded % alignment);
  const text = `${dictionary}${" ".repeat(padding)}\n`;
  if (text.length > 65535) throw new RangeError(`an .npy file cannot hold ${shape.length} axes`);
  const bytes = new Uint8Array(10 + text.length);
  for (const [offset, part] of [
    [0, magic],
    [10, text],
  ] as const) {
    for (let index = 0; index < part.length; index++) bytes[offset + index] = part.charCodeAt(index);
  }
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, text.length, true);
  return bytes;
}

/** A dictionary with exactly NumPy's three keys, in any order. Python 2 wrote long sizes as `3L`. */
function parseDictionary(
  text: string,
  name: string,
  damaged: (problem: string) => FileError,
): Omit<NpyHeader, "dataStart"> {
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw damaged("the header is not a Python dictionary");
  const entry = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(([\dL,\s]*)\))\s*(?:,|$)\s*/y;
  let description: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: readonly number[] | undefined;
  while (entry.lastIndex < body.length) {
    const start = entry.lastIndex;
    const match = entry.exec(body);
    if (match === null) {
      const rest = body.slice(start, start + 60);
      if (/^\s*['"]descr['"]\s*:\s*[[(]/.test(rest)) {
        throw new FileError("unsupported", name, "it holds records (a structured type), not numbers");
      }
      throw damaged(`the header is malformed at ${JSON.stringify(rest)}`);
    }
    const key = match[1] ?? match[2];
    const string = match[3] ?? match[4];
    if (key === "descr" && string !== undefined && description === undefined) description = string;
    else if (key === "fortran_order" && match[5] && fortranOrder === undefined) fortranOrder = match[5] === "True";
    else if (key === "shape" && match[6] !== undefined && shape === undefined) shape = parseShape(match[6], damaged);
    else throw damaged(`the header has an unexpected entry ${JSON.stringify(match[0].trim())}`);
  }
  if (description === undefined || fortranOrder === undefined || shape === undefined) {
    throw damaged("the header lacks one of descr, fortran_order and shape");
  }
  return { description, fortranOrder, shape };
}

function parseShape(text: string, damaged: (problem: string) => FileError): number[] {
  if (text.trim() === "") return [];
  const sizes = text.split(",").map((size) => size.trim());
  // A tuple of one has a trailing comma.
  if (sizes.length > 1 && sizes.at(-1) === "") sizes.pop();
  else if (sizes.length === 1) throw damaged(`the shape (${text}) is not a tuple`);
  if (!sizes.every((size) => /^\d{1,16}L?$/.test(size))) throw damaged(`the shape (${text}) is malformed`);
  const shape = sizes.map((size) => Number.parseInt(size, 10));
  if (shape.reduce((product, size) => product * Math.max(size, 1), 1) > Number.MAX_SAFE_INTEGER) {
    throw damaged(`the shape (${text}) is absurd`);
  }
  return shape;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
