// Writes zip archives byte for byte as torch does (caffe2/serialize/inline_container.cc, over miniz): nothing is
// compressed, data begins at multiples of 64, sizes stand behind the data, and a zip64 record is always there.
//
// torch can be told to compute places from this layout instead of looking them up. So it must be exact.

import { ByteSink } from "../bytes/byteSink.ts";
import { concatBytes } from "../bytes/concatBytes.ts";
import { crc32 } from "../bytes/crc32.ts";

export interface NewEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** The CRC-32 of the data, where it is known already. */
  readonly crc?: number;
}

export const dataAlignment = 64;

/** Where 32 bits end: what is as large stands in a field of 64 bits elsewhere. */
const beyond = 0xffffffff;

/** UTF-8 names; and, for entries that have data, sizes behind it. */
const [utf8Flag, descriptorFlag] = [0x800, 0x8];

/** @throws RangeError when the archive is larger than an array can be */
export function writeZip(entries: readonly NewEntry[]): Uint8Array<ArrayBuffer> {
  return concatBytes([...zipParts(entries)]);
}

/**
 * The archive in pieces, in order: the data of the entries is among them, not copied. It may be of any size. An entry is asked for
 * when those before it were given.
 *
 * @throws RangeError for an entry of 4 GiB or more
 */
export function* zipParts(entries: Iterable<NewEntry>): Generator<Uint8Array> {
  let length = 0;
  let count = 0;
  const given = (part: Uint8Array): Uint8Array => {
    length += part.length;
    return part;
  };
  const directory = new ByteSink(1024);
  for (const { name, data, crc = crc32(data) } of entries) {
    if (data.length >= beyond) {
      throw new RangeError(`${name} has ${data.length} bytes; an entry of 4 GiB or more cannot be written`);
    }
    const rawName = new TextEncoder().encode(name);
    const header = length;
    const flags = utf8Flag | (data.length > 0 ? descriptorFlag : 0);
    yield given(localHeader(header, rawName, flags));
    if (data.length > 0) {
      yield given(data);
      yield given(descriptor(header, crc, data.length));
    }
    writeDirectoryEntry(directory, rawName, flags, crc, data.length, header);
    count++;
  }
  yield given(end(length, directory.toBytes(), count));
}

/** The extra field of an entry that begins beyond 32 bits. */
function largeField(start: number): Uint8Array {
  const out = new ByteSink(12);
  if (start < beyond) return out.toBytes();
  out.uint16(1);
  out.uint16(8);
  out.uint64(start);
  return out.toBytes();
}

/** What stands before the data of an entry, from the byte `start` of the archive on. */
function localHeader(start: number, rawName: Uint8Array, flags: number): Uint8Array {
  const out = new ByteSink(128);
  const large = largeField(start);
  // Padded with Z in an extra field "FB", so that the data begins at a multiple of the alignment.
  const unpadded = start + 30 + rawName.length + large.length + 4;
  const padding = (dataAlignment - (unpadded % dataAlignment)) % dataAlignment;
  out.uint32(0x04034b50);
  out.uint16(0); // version needed
  out.uint16(flags);
  out.uint16(0); // method: stored
  out.uint32(0); // time and date
  out.uint32(0); // checksum, and the two sizes: they stand behind the data
  out.uint32(0);
  out.uint32(0);
  out.uint16(rawName.length);
  out.uint16(large.length + 4 + padding);
  out.append(rawName);
  out.append(large);
  out.append(new TextEncoder().encode("FB"));
  out.uint16(padding);
  out.append(new Uint8Array(padding).fill(0x5a));
  return out.toBytes();
}

/** What stands behind the data of an entry that begins at `start`. */
function descriptor(start: number, crc: number, size: number): Uint8Array {
  const out = new ByteSink(24);
  out.uint32(0x08074b50);
  out.uint32(crc);
  for (let i = 0; i < 2; i++) {
    if (start < beyond) out.uint32(size);
    else out.uint64(size);
  }
  return out.toBytes();
}

function writeDirectoryEntry(
  out: ByteSink,
  rawName: Uint8Array,
  flags: number,
  crc: number,
  size: number,
  header: number,
): void {
  out.uint32(0x02014b50);
  out.uint16(0); // made by
  out.uint16(0); // version needed
  out.uint16(flags);
  out.uint16(0); // method: stored
  out.uint32(0); // time and date
  out.uint32(crc);
  out.uint32(size);
  out.uint32(size);
  const large = largeField(header);
  out.uint16(rawName.length);
  out.uint16(large.length);
  out.uint16(0); // comment
  out.uint16(0); // disk
  out.uint16(0); // attributes
  out.uint32(0);
  out.uint32(Math.min(header, beyond));
  out.append(rawName);
  out.append(large);
}

/** The directory and what stands behind it, from the byte `start` of the archive on. */
function end(start: number, directory: Uint8Array, count: number): Uint8Array {
  const out = new ByteSink(directory.length + 98);
  out.append(directory);
  const record = start + directory.length;
  // NumPy tells an empty archive by its first bytes, which must be those of the end record.
  if (count > 0) writeZip64End(out, record, directory.length, start, count);
  out.uint32(0x06054b50); // end record
  out.uint16(0); // disk
  out.uint16(0); // disk of the directory
  out.uint16(Math.min(count, 0xffff));
  out.uint16(Math.min(count, 0xffff));
  out.uint32(Math.min(directory.length, beyond));
  out.uint32(Math.min(start, beyond));
  out.uint16(0); // comment
  return out.toBytes();
}

function writeZip64End(out: ByteSink, record: number, size: number, start: number, count: number): void {
  out.uint32(0x06064b50); // zip64 end record
  out.uint64(44); // its bytes after this field
  out.uint16(0x031e); // made by
  out.uint16(45); // version needed
  out.uint32(0); // disk
  out.uint32(0); // disk of the directory
  out.uint64(count);
  out.uint64(count);
  out.uint64(size);
  out.uint64(start);
  out.uint32(0x07064b50); // its locator
  out.uint32(0); // disk
  out.uint64(record);
  out.uint32(1); // disks
}
