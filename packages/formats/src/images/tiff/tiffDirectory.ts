// The directories of a TIFF file: what is in it, and where. Format: TIFF 6.0, section 2.

import { FileError } from "../../errors.ts";

export interface TiffStart {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly name: string;
  /** Where the first directory is. */
  readonly first: number;
}

export interface TiffDirectory {
  /** Where the next directory is; 0 behind the last. */
  readonly next: number;
  /** The whole numbers of a field, at most `limit`; undefined where the field is missing or of another type. */
  numbers(tag: number, limit: number): number[] | undefined;
}

/** BYTE, SHORT, LONG: the types that fields of whole numbers have. */
const typeBytes: ReadonlyMap<number, 1 | 2 | 4> = new Map([
  [1, 1],
  [3, 2],
  [4, 4],
]);

/** @throws FileError for anything but a TIFF file, and for one that is cut off here */
export function readTiffStart(bytes: Uint8Array, name: string): TiffStart {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 8) throw new FileError("damaged", name, "the TIFF is cut off: it ends in its first 8 bytes");
  const order = view.getUint16(0);
  const littleEndian = order === 0x4949;
  if ((order !== 0x4949 && order !== 0x4d4d) || view.getUint16(2, littleEndian) !== 42) {
    throw new FileError("damaged", name, "this is not a TIFF file");
  }
  return { view, littleEndian, name, first: view.getUint32(4, littleEndian) };
}

/** @throws FileError where the directory, or (later) the values of a field that is asked for, lie outside of the file */
export function readDirectory({ view, littleEndian, name }: TiffStart, offset: number): TiffDirectory {
  const outside = (what: string): FileError =>
    new FileError("damaged", name, `the TIFF is cut off: ${what} lies beyond its ${view.byteLength} bytes`);
  if (offset + 2 > view.byteLength) throw outside("a directory");
  const count = view.getUint16(offset, littleEndian);
  const end = offset + 2 + 12 * count;
  if (end + 4 > view.byteLength) throw outside("a directory");
  const fields = new Map<number, number>();
  for (let at = offset + 2; at < end; at += 12) {
    const tag = view.getUint16(at, littleEndian);
    if (!fields.has(tag)) fields.set(tag, at);
  }

  const numbers = (tag: number, limit: number): number[] | undefined => {
    const field = fields.get(tag);
    const size = field === undefined ? undefined : typeBytes.get(view.getUint16(field + 2, littleEndian));
    if (field === undefined || size === undefined) return undefined;
    const length = view.getUint32(field + 4, littleEndian);
    if (length > limit) {
      throw new FileError(
        "damaged",
        name,
        `field ${tag} of the TIFF has ${length} values; it can have ${limit} at most`,
      );
    }
    // Values of up to four bytes stand in the field itself.
    const start = length * size <= 4 ? field + 8 : view.getUint32(field + 8, littleEndian);
    if (start + length * size > view.byteLength) throw outside(`field ${tag}`);
    return Array.from({ length }, (_, index) => {
      const at = start + index * size;
      return size === 1
        ? view.getUint8(at)
        : size === 2
          ? view.getUint16(at, littleEndian)
          : view.getUint32(at, littleEndian);
    });
  };
  return { next: view.getUint32(end, littleEndian), numbers };
}
