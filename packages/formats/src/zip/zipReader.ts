// Reads zip archives as torch writes them, where nothing is compressed, and as NumPy does, which may deflate. Format:
// PKWARE's APPNOTE 6.3.
//
// A reader of our own, because the rules are stricter than those of a library for all zips, and more lenient in two
// places: encrypted, doubled and overlapping entries are refused, compressed ones too unless they are asked for, headers
// must agree with the directory, but checksums of 0 pass, which torch writes when it was told to leave them out, and names
// are UTF-8 whether or not their flag says so, which not all programs set. Nothing is copied or unpacked before it is read.

import { BytePieces } from "../bytes/bytePieces.ts";
import { crc32 } from "../bytes/crc32.ts";
import { InflateLimitError, inflateRaw } from "../bytes/inflate.ts";
import { FileError } from "../errors.ts";

interface Entry {
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  /** Its bytes in the archive; fewer than `size` where it is compressed. */
  readonly packed: number;
  readonly isDeflated: boolean;
  /** Where its local header begins. */
  readonly header: number;
  /** Where its data begins. */
  readonly start: number;
}

/** The directory of an archive. */
interface Directory {
  readonly start: number;
  readonly size: number;
  readonly count: number;
}

const localHeaderBytes = 30;
const centralHeaderBytes = 46;
const endBytes = 22;
const locatorBytes = 20;
const maxCommentBytes = 65535;

export class ZipArchive {
  readonly #bytes: BytePieces;
  readonly #name: string;
  readonly #entries = new Map<string, Entry>();
  /** Whether an entry without a checksum is refused too. */
  readonly #checksAll: boolean;
  /** How many bytes may still be unpacked. */
  #unpackable: number;

  /**
   * @param name what to call the file in messages
   * @param maxUnpacked the most bytes that compressed entries may have, all together; 0 refuses such entries, which torch
   *   does not write
   * @throws FileError when the archive is damaged, or made in a way that torch and NumPy do not
   */
  constructor(bytes: Uint8Array | BytePieces, name: string, maxEntries: number, maxUnpacked = 0) {
    this.#bytes = bytes instanceof BytePieces ? bytes : new BytePieces([bytes]);
    this.#name = name;
    this.#unpackable = maxUnpacked;
    this.#checksAll = maxUnpacked > 0;
    const directory = new DirectoryReader(this.#bytes, name, maxEntries, maxUnpacked > 0);
    for (const entry of directory.entries()) {
      if (this.#entries.has(entry.name)) {
        throw new FileError("damaged", name, `the archive holds ${JSON.stringify(entry.name)} twice`);
      }
      this.#entries.set(entry.name, entry);
    }
    directory.checkPlaces([...this.#entries.values()]);
  }

  /** The names of all entries, as the directory has them. */
  names(): IterableIterator<string> {
    return this.#entries.keys();
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * The bytes of an entry, in place where it is not compressed.
   *
   * @throws FileError when there is none of this name, when its checksum is wrong, or when it unpacks to too much
   */
  read(name: string): Uint8Array {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new FileError("damaged", this.#name, `the archive lacks the entry ${JSON.stringify(name)}`);
    }
    const raw = this.#bytes.slice(entry.start, entry.start + entry.packed);
    const data = entry.isDeflated ? this.#unpack(entry, raw) : raw;
    // Only torch leaves checksums out.
    if ((entry.crc !== 0 || this.#checksAll) && crc32(data) !== entry.crc) {
      const problem = `the checksum of ${JSON.stringify(name)} is wrong: the file was altered or copied badly`;
      throw new FileError("damaged", this.#name, problem);
    }
    return data;
  }

  #unpack({ name, size }: Entry, raw: Uint8Array): Uint8Array {
    if (size > this.#unpackable) {
      const problem = `its entries, up to ${JSON.stringify(name)}, unpack to more than is read of a file of this size`;
      throw new FileError("too-big", this.#name, `${problem}; save it without compression, if you trust it`);
    }
    this.#unpackable -= size;
    let data: Uint8Array;
    try {
      data = inflateRaw(raw, size);
    } catch (cause) {
      const how = cause instanceof InflateLimitError ? `to more than the ${size} bytes it says` : "to nothing";
      throw new FileError("damaged", this.#name, `the entry ${JSON.stringify(name)} unpacks ${how}`, { cause });
    }
    if (data.length !== size) {
      const problem = `the entry ${JSON.stringify(name)} unpacks to ${data.length} bytes where it says ${size}`;
      throw new FileError("damaged", this.#name, problem);
    }
    return data;
  }
}

class DirectoryReader {
  readonly #bytes: BytePieces;
  readonly #name: string;
  readonly #directory: Directory;
  readonly #mayDeflate: boolean;

  constructor(bytes: BytePieces, name: string, maxEntries: number, mayDeflate: boolean) {
    this.#bytes = bytes;
    this.#name = name;
    this.#mayDeflate = mayDeflate;
    this.#directory = this.#findDirectory();
    const { start, size, count } = this.#directory;
    if (count * centralHeaderBytes > size || start + size > bytes.length) {
      throw this.#damaged(`its directory (${count} entries, ${size} bytes at ${start}) does not fit into the file`);
    }
    if (count > maxEntries) {
      throw new FileError("too-big", name, `the archive has ${count} entries; at most ${maxEntries} are read`);
    }
  }

  #damaged(problem: string): FileError {
    return new FileError("damaged", this.#name, `the archive is damaged: ${problem}`);
  }

  /** A 64-bit number; above what a double holds it is certainly beyond the end of the file. */
  #uint64(offset: number): number {
    return Number(this.#bytes.uint64(offset));
  }

  #findDirectory(): Directory {
    const bytes = this.#bytes;
    const end = this.#findEnd();
    const [disk, directoryDisk, diskCount] = [4, 6, 8].map((at) => bytes.uint16(end + at));
    const directory = {
      count: bytes.uint16(end + 10),
      size: bytes.uint32(end + 12),
      start: bytes.uint32(end + 16),
    };
    if (disk !== 0 || directoryDisk !== 0 || diskCount !== directory.count) {
      throw new FileError("unsupported", this.#name, "the archive has several parts; join them first");
    }
    const locator = end - locatorBytes;
    if (locator < 0 || bytes.uint32(locator) !== 0x07064b50) {
      this.#checkEnd(directory, end);
      return directory;
    }
    const record = this.#uint64(locator + 8);
    if (record > locator - 56 || bytes.uint32(record) !== 0x06064b50) {
      throw this.#damaged("its zip64 record is not where the locator says");
    }
    const large = {
      count: this.#uint64(record + 32),
      size: this.#uint64(record + 40),
      start: this.#uint64(record + 48),
    };
    // An ordinary field says the same, or that it is too small to say it.
    const agrees = (small: number, big: number, limit: number): boolean => small === big || small === limit;
    if (
      !agrees(directory.count, large.count, 0xffff) ||
      !agrees(directory.size, large.size, 0xffffffff) ||
      !agrees(directory.start, large.start, 0xffffffff)
    ) {
      throw this.#damaged("its two end records contradict each other");
    }
    this.#checkEnd(large, record);
    return large;
  }

  #checkEnd({ start, size }: Directory, end: number): void {
    if (start + size !== end) throw this.#damaged(`its directory should end at byte ${end}, not at ${start + size}`);
  }

  /** Where the end record is: the last one whose comment reaches exactly to the end of the file. */
  #findEnd(): number {
    const lowest = Math.max(0, this.#bytes.length - endBytes - maxCommentBytes);
    for (let at = this.#bytes.length - endBytes; at >= lowest; at--) {
      if (this.#bytes.uint32(at) !== 0x06054b50) continue;
      if (at + endBytes + this.#bytes.uint16(at + 20) === this.#bytes.length) return at;
    }
    const problem = "the file is cut off: it has no directory at its end; copy or download it again";
    throw new FileError("damaged", this.#name, problem);
  }

  *entries(): Generator<Entry> {
    const { start, size, count } = this.#directory;
    const bytes = this.#bytes;
    let at = start;
    for (let i = 0; i < count; i++) {
      if (at + centralHeaderBytes > start + size || bytes.uint32(at) !== 0x02014b50) {
        throw this.#damaged(`entry ${i} of its directory is none`);
      }
      const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => bytes.uint16(at + field));
      const next = at + centralHeaderBytes + nameBytes + extraBytes + commentBytes;
      if (next > start + size) throw this.#damaged(`entry ${i} of its directory is cut off`);
      yield this.#entry(at, nameBytes, extraBytes);
      at = next;
    }
    if (at !== start + size) throw this.#damaged("its directory is longer than its entries");
  }

  #entry(at: number, nameBytes: number, extraBytes: number): Entry {
    const bytes = this.#bytes;
    const rawName = bytes.slice(at + centralHeaderBytes, at + centralHeaderBytes + nameBytes);
    const name = this.#decodeName(rawName);
    const refuse = (problem: string): FileError =>
      new FileError("unsupported", this.#name, `the entry ${JSON.stringify(name)} ${problem}`);
    const flags = bytes.uint16(at + 8);
    const method = bytes.uint16(at + 10);
    if ((flags & 0x2041) !== 0) throw refuse("is encrypted");
    const isDeflated = method === 8 && this.#mayDeflate;
    if (method !== 0 && !isDeflated) {
      const how = this.#mayDeflate
        ? "by something else than deflate"
        : "which torch.save never does (torch.jit.save does, but programs of TorchScript are not read)";
      throw refuse(`is compressed, ${how}; unpack the archive and zip it again with \`zip -0\``);
    }
    const sizes = this.#sizes(at, at + centralHeaderBytes + nameBytes, extraBytes);
    if (!isDeflated && sizes.packed !== sizes.size)
      throw this.#damaged(`${JSON.stringify(name)} has two different sizes`);
    if (sizes.disk !== 0) throw refuse("is in another part of the archive");
    const { header, size, packed } = sizes;
    const directoryStart = this.#directory.start;
    if (header + localHeaderBytes > directoryStart || bytes.uint32(header) !== 0x04034b50) {
      throw this.#damaged(`${JSON.stringify(name)} is not where the directory says`);
    }
    const localNameBytes = bytes.uint16(header + 26);
    const start = header + localHeaderBytes + localNameBytes + bytes.uint16(header + 28);
    const localName = bytes.slice(header + localHeaderBytes, header + localHeaderBytes + nameBytes);
    if (localNameBytes !== nameBytes || rawName.some((byte, i) => byte !== localName[i])) {
      throw this.#damaged(`${JSON.stringify(name)} has another name at its place`);
    }
    if (bytes.uint16(header + 8) !== method || (bytes.uint16(header + 6) & 0x2041) !== 0) {
      throw this.#damaged(`${JSON.stringify(name)} has another method at its place`);
    }
    if (start + packed > directoryStart) {
      throw this.#damaged(`${JSON.stringify(name)} (${packed} bytes at ${start}) reaches beyond its end`);
    }
    return { name, crc: bytes.uint32(at + 16), size, packed, isDeflated, header, start };
  }

  /** The sizes and places of a directory entry; those too big for 32 bits stand in its zip64 field. */
  #sizes(
    at: number,
    extra: number,
    extraBytes: number,
  ): { packed: number; size: number; header: number; disk: number } {
    const bytes = this.#bytes;
    const found = {
      packed: bytes.uint32(at + 20),
      size: bytes.uint32(at + 24),
      disk: bytes.uint16(at + 34),
      header: bytes.uint32(at + 42),
    };
    for (let field = extra; field + 4 <= extra + extraBytes; ) {
      const end = field + 4 + bytes.uint16(field + 2);
      if (end > extra + extraBytes) break;
      if (bytes.uint16(field) === 1) {
        let place = field + 4;
        for (const key of ["size", "packed", "header"] as const) {
          if (found[key] !== 0xffffffff) continue;
          if (place + 8 > end) throw this.#damaged("a zip64 field of its directory is cut off");
          found[key] = this.#uint64(place);
          place += 8;
        }
        break;
      }
      field = end;
    }
    return found;
  }

  #decodeName(bytes: Uint8Array): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new FileError("damaged", this.#name, "the name of an entry of the archive is not UTF-8", { cause });
    }
  }

  /** Two entries must not lie on the same bytes. */
  checkPlaces(entries: readonly Entry[]): void {
    const sorted = [...entries].sort((a, b) => a.header - b.header);
    for (let i = 1; i < sorted.length; i++) {
      const [before, after] = [sorted[i - 1], sorted[i]];
      if (before.start + before.packed > after.header) {
        throw this.#damaged(`${JSON.stringify(before.name)} and ${JSON.stringify(after.name)} overlap`);
      }
    }
  }
}
