// Bytes in several arrays, read as if they were one: a file may be larger than an array can be.

import { concatBytes } from "./concatBytes.ts";

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export class BytePieces {
  /** Bytes in all. */
  readonly length: number;
  readonly #pieces: readonly Piece[];
  /** The one that was read last. */
  #last = 0;

  /** @param parts in order; they are not copied */
  constructor(parts: readonly Uint8Array[]) {
    let start = 0;
    const pieces: Piece[] = [];
    for (const part of parts) {
      if (part.length === 0) continue;
      // Not a Buffer: its slice() is no copy.
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.length);
      const view = new DataView(part.buffer, part.byteOffset, part.length);
      pieces.push({ start, end: start + part.length, bytes, view });
      start += part.length;
    }
    this.#pieces = pieces;
    this.length = start;
  }

  /** The pieces that have the bytes from `start` to `end`. */
  *#between(start: number, end: number): Generator<Piece> {
    const pieces = this.#pieces;
    let i = this.#last;
    if (pieces[i].start > start) i = 0;
    while (pieces[i].end <= start) i++;
    this.#last = i;
    for (; i < pieces.length && pieces[i].start < end; i++) yield pieces[i];
  }

  /** The bytes from `start` to `end`, in place where one array has them all, else a copy. */
  slice(start: number, end: number): Uint8Array {
    if (!(start >= 0 && end >= start && end <= this.length)) {
      throw new RangeError(`bytes ${start} to ${end} of ${this.length}`);
    }
    if (start === end) return new Uint8Array();
    const parts = [...this.#between(start, end)].map((piece) =>
      piece.bytes.subarray(Math.max(0, start - piece.start), end - piece.start),
    );
    return parts.length === 1 ? parts[0] : concatBytes(parts);
  }

  /** The view of what has some bytes, and where they begin in it. */
  #at(offset: number, count: number): readonly [DataView, number] {
    const piece = this.#pieces[this.#last];
    if (offset >= piece.start && offset + count <= piece.end) return [piece.view, offset - piece.start];
    const bytes = this.slice(offset, offset + count);
    return [new DataView(bytes.buffer, bytes.byteOffset, count), 0];
  }

  /** Little-endian, as all numbers. */
  uint16(offset: number): number {
    const [view, at] = this.#at(offset, 2);
    return view.getUint16(at, true);
  }

  uint32(offset: number): number {
    const [view, at] = this.#at(offset, 4);
    return view.getUint32(at, true);
  }

  uint64(offset: number): bigint {
    const [view, at] = this.#at(offset, 8);
    return view.getBigUint64(at, true);
  }
}
