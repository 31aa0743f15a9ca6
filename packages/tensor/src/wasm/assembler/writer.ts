// A growing byte buffer that writes the primitives of the WebAssembly binary format: bytes, LEB128 integers,
// little-endian floats. Follows the WebAssembly core specification 2.0, section 5.2.
// NaN is always written as the one canonical pattern, so that equal inputs give equal bytes.

const scratch = new DataView(new ArrayBuffer(8));

export class ByteWriter {
  bytes = new Uint8Array(1024);
  length = 0;

  /** Makes room for `count` more bytes. */
  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Unsigned LEB128 of an integer in [0, 2^32). */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit integer; values in [2^31, 2^32) are taken as their two's complement. */
  i32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of a 64-bit integer, taken modulo 2^64. */
  i64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  /** Rounds to float32. */
  f32(value: number): void {
    if (Number.isNaN(value)) scratch.setUint32(0, 0x7fc00000, true);
    else scratch.setFloat32(0, value, true);
    for (let i = 0; i < 4; i++) this.byte(scratch.getUint8(i));
  }

  f64(value: number): void {
    if (Number.isNaN(value)) scratch.setBigUint64(0, 0x7ff8000000000000n, true);
    else scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.byte(scratch.getUint8(i));
  }

  /** An instruction's code: one byte, or a prefix byte (bits 16 to 23) and a LEB128 number. */
  code(code: number): void {
    if (code > 0xff) {
      this.byte(code >>> 16);
      this.u32(code & 0xffff);
    } else this.byte(code);
  }

  /** Bytes `from` to `to` of `source`; meant for a few bytes at a time. */
  range(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    for (let i = from; i < to; i++) this.bytes[this.length++] = source[i];
  }

  raw(source: Uint8Array): void {
    this.#reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A vector of bytes: its length, then the bytes written so far in `other`. */
  sized(other: ByteWriter): void {
    this.u32(other.length);
    this.raw(other.view());
  }

  /** UTF-8 name. */
  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.u32(encoded.length);
    this.raw(encoded);
  }

  /** What has been written, as a view that the next write may invalidate. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
