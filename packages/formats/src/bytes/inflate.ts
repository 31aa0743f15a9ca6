// Unpacking deflated data (RFC 1951), bare or as zlib data (RFC 1950), that comes from a file and may lie about its size.
//
// Of our own, because the libraries for pages and Node alike skip the checksum behind zlib data, and do not say where the
// data ended, so that it could not be looked up. In a TIFF nothing else protects the pixels.

import { adler32 } from "./adler32.ts";

/** Deflate cannot pack better than this. */
const maxRatio = 1032;

/** The data unpacks to more bytes than are allowed. */
export class InflateLimitError extends Error {}

export interface InflateOptions {
  /** So many bytes behind the limit are unpacked too, for the checksum, and dropped. Default: none. */
  readonly surplus?: number;
}

/**
 * Unpacks zlib data. Gives `limit` bytes at most. Bytes behind the end of the data are left alone.
 *
 * @param limit the most bytes that may come out; work and memory stay in proportion to it
 * @throws InflateLimitError when there are more; another Error when this is no zlib data, when it is cut off, or when its
 *   checksum is wrong
 */
export function inflateZlib(packed: Uint8Array, limit: number, options: InflateOptions = {}): Uint8Array {
  const { surplus = 0 } = options;
  const [method, flags] = packed;
  if (packed.length < 2 || (method & 15) !== 8 || method >> 4 > 7 || ((method << 8) | flags) % 31 !== 0) {
    throw new Error("it does not begin as zlib data does");
  }
  if ((flags & 32) !== 0) throw new Error("it needs a dictionary from elsewhere");
  const { data, end } = new Inflater(packed, 2, limit, surplus).run();
  if (end + 4 > packed.length) throw new Error("it is cut off before its checksum");
  const stated = new DataView(packed.buffer, packed.byteOffset + end, 4).getUint32(0);
  if (adler32(data) !== stated) throw new Error("its checksum is wrong: it was altered or copied badly");
  return data.length > limit ? data.subarray(0, limit) : data;
}

/** The same for bare deflated data, as in zip archives, which keep their checksums elsewhere. */
export function inflateRaw(packed: Uint8Array, limit: number): Uint8Array {
  return new Inflater(packed, 0, limit, 0).run().data;
}

/**
 * A prefix code as a table: `entries[next bits]` is the symbol, shifted by four, and the length of its code. Zero where
 * no code begins like this.
 */
interface Code {
  readonly entries: Uint16Array;
  readonly bits: number;
}

/** Extra bits and base values of the symbols for lengths (257 to 285) and for distances: RFC 1951, section 3.2.5. */
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const lengthBase = bases(lengthExtra, 3);
lengthBase[28] = 258;
const distanceExtra = Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));
const distanceBase = bases(distanceExtra, 1);
/** In this order the lengths of the codes for lengths of codes are stored. */
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function bases(extra: readonly number[], first: number): Uint16Array {
  const found = new Uint16Array(extra.length);
  let base = first;
  for (const [symbol, bits] of extra.entries()) {
    found[symbol] = base;
    base += 1 << bits;
  }
  return found;
}

/** The code that these lengths define. Throws where they define none: too many codes, or unused ones beside two or more. */
function makeCode(lengths: Uint8Array): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  let bits = 15;
  while (bits > 1 && counts[bits] === 0) bits--;
  const next = new Uint16Array(17);
  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = 2 * left - counts[length];
    if (left < 0) throw new Error("a code has more words than fit");
    next[length + 1] = (next[length] + counts[length]) << 1;
  }
  // One word of one bit, or none at all, are how encoders say that distances are hardly used.
  if (left > 0 && (bits > 1 || counts[1] > 1)) throw new Error("a code is incomplete");
  const entries = new Uint16Array(1 << bits);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    let word = next[length]++;
    let reversed = 0;
    for (let i = 0; i < length; i++, word >>= 1) reversed = (reversed << 1) | (word & 1);
    for (let at = reversed; at < entries.length; at += 1 << length) entries[at] = (symbol << 4) | length;
  }
  return { entries, bits };
}

function fixedCodes(): readonly [Code, Code] {
  const lengths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280);
  return [makeCode(lengths), makeCode(new Uint8Array(32).fill(5))];
}
let fixed: ReturnType<typeof fixedCodes> | undefined;

class Inflater {
  readonly #packed: Uint8Array;
  readonly #limit: number;
  readonly #most: number;
  #out: Uint8Array;
  #length = 0;
  #at: number;
  /** Bits that were taken from `packed` and not yet used, lowest first. */
  #buffer = 0;
  #count = 0;

  constructor(packed: Uint8Array, start: number, limit: number, surplus: number) {
    this.#packed = packed;
    this.#at = start;
    this.#limit = limit;
    this.#most = limit + surplus;
    this.#out = new Uint8Array(Math.min(limit, packed.length * maxRatio));
  }

  run(): { data: Uint8Array; end: number } {
    for (let isLast = false; !isLast; ) {
      isLast = this.#bits(1) === 1;
      const kind = this.#bits(2);
      if (kind === 0) this.#stored();
      else if (kind === 1) {
        fixed ??= fixedCodes();
        this.#block(...fixed);
      } else if (kind === 2) this.#block(...this.#dynamicCodes());
      else throw new Error("a block has a kind that does not exist");
    }
    // Whole bytes that were taken too many go back.
    return { data: this.#out.subarray(0, this.#length), end: this.#at - (this.#count >> 3) };
  }

  /** The next bits, up to 16. */
  #bits(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#packed.length) throw new Error("it is cut off");
      this.#buffer |= this.#packed[this.#at++] << this.#count;
      this.#count += 8;
    }
    const value = this.#buffer & ((1 << count) - 1);
    this.#buffer >>>= count;
    this.#count -= count;
    return value;
  }

  #symbol({ entries, bits }: Code): number {
    while (this.#count < bits && this.#at < this.#packed.length) {
      this.#buffer |= this.#packed[this.#at++] << this.#count;
      this.#count += 8;
    }
    const entry = entries[this.#buffer & (entries.length - 1)];
    const length = entry & 15;
    if (length === 0) throw new Error("a word is in no code");
    if (length > this.#count) throw new Error("it is cut off");
    this.#buffer >>>= length;
    this.#count -= length;
    return entry >> 4;
  }

  /** Makes room for more bytes, or says that they are too many. */
  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#out.length) return;
    if (needed > this.#most) throw new InflateLimitError(`it unpacks to more than ${this.#limit} bytes`);
    const grown = new Uint8Array(Math.min(this.#most, this.#packed.length * maxRatio));
    grown.set(this.#out.subarray(0, this.#length));
    this.#out = grown;
  }

  #stored(): void {
    this.#at -= this.#count >> 3;
    this.#buffer = 0;
    this.#count = 0;
    const length = this.#bits(16);
    if (this.#bits(16) !== (length ^ 0xffff)) throw new Error("a block contradicts itself about its length");
    if (this.#at + length > this.#packed.length) throw new Error("it is cut off");
    this.#reserve(length);
    this.#out.set(this.#packed.subarray(this.#at, this.#at + length), this.#length);
    this.#length += length;
    this.#at += length;
  }

  #dynamicCodes(): readonly [Code, Code] {
    const literals = this.#bits(5) + 257;
    const distances = this.#bits(5) + 1;
    const known = this.#bits(4) + 4;
    if (literals > 286 || distances > 30) throw new Error("a code has more words than exist");
    const first = new Uint8Array(19);
    for (let i = 0; i < known; i++) first[codeOrder[i]] = this.#bits(3);
    const code = makeCode(first);
    const lengths = new Uint8Array(literals + distances);
    for (let at = 0; at < lengths.length; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      if (symbol === 16 && at === 0) throw new Error("a length is repeated before the first");
      const value = symbol === 16 ? lengths[at - 1] : 0;
      const times = symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7);
      if (at + times > lengths.length) throw new Error("a length is repeated too often");
      lengths.fill(value, at, at + times);
      at += times;
    }
    if (lengths[256] === 0) throw new Error("a block cannot end");
    return [makeCode(lengths.subarray(0, literals)), makeCode(lengths.subarray(literals))];
  }

  #block(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol < 256) {
        if (this.#length === this.#out.length) this.#reserve(1);
        this.#out[this.#length++] = symbol;
        continue;
      }
      if (symbol === 256) return;
      if (symbol > 285) throw new Error("a length means nothing");
      const length = lengthBase[symbol - 257] + this.#bits(lengthExtra[symbol - 257]);
      const far = this.#symbol(distances);
      if (far > 29) throw new Error("a distance means nothing");
      const distance = distanceBase[far] + this.#bits(distanceExtra[far]);
      if (distance > this.#length) throw new Error("a distance reaches before the beginning");
      this.#reserve(length);
      const from = this.#length - distance;
      if (distance >= length) this.#out.copyWithin(this.#length, from, from + length);
      else for (let i = 0; i < length; i++) this.#out[this.#length + i] = this.#out[from + i];
      this.#length += length;
    }
  }
}
