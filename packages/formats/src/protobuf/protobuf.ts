// Messages of protocol buffers, read field by field over one array of bytes: nothing is copied, nothing is allocated that a message
// only promises. What a field means is known by who reads it; https://protobuf.dev/programming-guides/encoding/ says how it is written.
//
// Strict: a number of more than 64 bits, a length beyond its message, field 0, groups, and a known field that is written as another
// kind are damage.

import { FileError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** How a field is written. 3 and 4, groups, are not read. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const kinds: Readonly<Record<number, string>> = {
  [VARINT]: "a whole number",
  [FIXED64]: "8 bytes",
  [BYTES]: "bytes",
  [FIXED32]: "4 bytes",
};

function cutOff(name: string): FileError {
  return new FileError("damaged", name, "it is cut off: something in it is longer than what is there");
}

/** A number of 64 bits, in halves without a sign. */
interface Halves {
  readonly low: number;
  readonly high: number;
}

const signed = ({ low, high }: Halves): number => (high | 0) * 4294967296 + low;

/** Whole numbers, one after the other: seven bits in a byte, the lowest first. */
class Varints {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #name: string;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  get atEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  next(): Halves {
    let low = 0;
    let high = 0;
    for (let i = 0; ; i++) {
      if (this.atEnd) throw cutOff(this.#name);
      const byte = this.#bytes[this.at++];
      if (i === 9 && byte > 1) throw new FileError("damaged", this.#name, "it has a number of more than 64 bits");
      const bits = byte & 127;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 128) return { low: low >>> 0, high: high >>> 0 };
    }
  }
}

/** A walk over the fields of a message. */
export class ProtobufReader {
  readonly bytes: Uint8Array;
  readonly #name: string;
  readonly #view: DataView;
  readonly #numbers: Varints;
  #field = 0;
  #wire = -1;

  /** @param name what to call the file in messages */
  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.#name = name;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#numbers = new Varints(bytes, name);
  }

  /**
   * The number of the next field, or 0 at the end. Its value is read by one of the other methods, once; a value that none reads
   * is skipped, and checked all the same.
   *
   * @throws FileError, as all methods do, where the message is damaged
   */
  next(): number {
    if (this.#wire >= 0) this.#skip();
    if (this.#numbers.at === this.bytes.length) return 0;
    const { low, high } = this.#numbers.next();
    this.#field = low >>> 3;
    this.#wire = low & 7;
    if (high !== 0 || this.#field === 0) throw this.#damaged("it has a field with the number 0, or beyond the largest");
    if (kinds[this.#wire] === undefined) {
      throw this.#damaged(`field ${this.#field} is written as kind ${this.#wire}, which is not used any more`);
    }
    return this.#field;
  }

  /** A whole number of 64 bits with a sign: exact up to 2^53, beyond that the nearest number. */
  integer(): number {
    this.#take(VARINT);
    return signed(this.#numbers.next());
  }

  /** Whole numbers of a repeated field, in one piece or one by one. */
  integers(to: number[], most: number): void {
    if (this.#wire === VARINT) {
      to.push(this.integer());
    } else {
      const packed = new Varints(this.data(), this.#name);
      while (!packed.atEnd && to.length <= most) to.push(signed(packed.next()));
    }
    if (to.length > most) {
      throw new FileError("too-big", this.#name, `more than ${most} numbers stand where a few belong`);
    }
  }

  /** Float32 numbers of a repeated field, in one piece or one by one. */
  floats(to: number[], most: number): void {
    if (this.#wire === FIXED32) {
      to.push(this.float());
    } else {
      const data = this.data();
      if (data.length % 4 !== 0) throw this.#damaged(`${data.length} bytes are no row of float32 numbers`);
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      for (let at = 0; at < data.length && to.length <= most; at += 4) to.push(view.getFloat32(at, true));
    }
    if (to.length > most) {
      throw new FileError("too-big", this.#name, `more than ${most} numbers stand where a few belong`);
    }
  }

  float(): number {
    this.#take(FIXED32);
    return this.#view.getFloat32(this.#advance(4), true);
  }

  /** The bytes of a text, a message, or a row of numbers. They look into the bytes of the file. */
  data(): Uint8Array {
    this.#take(BYTES);
    const { low, high } = this.#numbers.next();
    if (high !== 0) throw this.#cut();
    const start = this.#advance(low);
    return this.bytes.subarray(start, this.#numbers.at);
  }

  text(most: number): string {
    const data = this.data();
    if (data.length > most) {
      throw new FileError("too-big", this.#name, `a text of ${data.length} bytes; at most ${most} are read here`);
    }
    try {
      return utf8.decode(data);
    } catch {
      throw this.#damaged("a text in it is not UTF-8");
    }
  }

  /** A message inside of this one. */
  message(): ProtobufReader {
    return new ProtobufReader(this.data(), this.#name);
  }

  /**
   * Numbers of a repeated field without a copy: how many there are, and a function that puts them, from a place on, into an array.
   * Those of 4 and of 8 bytes are floating.
   */
  row(size: 0 | 4 | 8): ProtobufRow {
    const wire = size === 0 ? VARINT : size === 4 ? FIXED32 : FIXED64;
    if (this.#wire === wire) {
      const start = this.#numbers.at;
      this.#skip();
      return rowOf(this.bytes.subarray(start, this.#numbers.at), size, this.#name);
    }
    return rowOf(this.data(), size, this.#name);
  }

  #take(wire: number): void {
    if (this.#wire !== wire) {
      const found = kinds[this.#wire] ?? "read already";
      throw this.#damaged(`field ${this.#field} should be ${kinds[wire]}, but is ${found}`);
    }
    this.#wire = -1;
  }

  #skip(): void {
    const wire = this.#wire;
    if (wire === BYTES) {
      this.data();
      return;
    }
    this.#take(wire);
    if (wire === VARINT) this.#numbers.next();
    else this.#advance(wire === FIXED64 ? 8 : 4);
  }

  /** Goes on, and returns where it was. */
  #advance(count: number): number {
    const start = this.#numbers.at;
    if (count > this.bytes.length - start) throw this.#cut();
    this.#numbers.at = start + count;
    return start;
  }

  #cut(): FileError {
    return cutOff(this.#name);
  }

  #damaged(problem: string): FileError {
    return new FileError("damaged", this.#name, problem);
  }
}

/** An array that numbers are written to. */
interface NumberArray {
  [index: number]: number;
}

/** Numbers of a field that are not looked at yet. */
export interface ProtobufRow {
  readonly count: number;
  into(to: NumberArray, from: number): void;
}

function rowOf(bytes: Uint8Array, size: 0 | 4 | 8, name: string): ProtobufRow {
  if (size === 0) {
    let count = 0;
    for (const numbers = new Varints(bytes, name); !numbers.atEnd; count++) numbers.next();
    return {
      count,
      into(to, from) {
        const numbers = new Varints(bytes, name);
        for (let i = 0; i < count; i++) to[from + i] = signed(numbers.next());
      },
    };
  }
  if (bytes.length % size !== 0) {
    throw new FileError("damaged", name, `${bytes.length} bytes are no row of numbers of ${size} bytes`);
  }
  const count = bytes.length / size;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    count,
    into(to, from) {
      for (let i = 0; i < count; i++) {
        to[from + i] = size === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
      }
    },
  };
}
