// The bytes of a pickle, read from front to back: numbers, lines, and pieces of a given length.

import { FileError } from "../errors.ts";
import { decodePythonString } from "./strings.ts";

/** Names are shorter. */
const LONGEST_LINE = 1000;

export class PickleCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  #at: number;

  /** @param file what to call the file in messages */
  constructor(bytes: Uint8Array, start: number, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#file = file;
    this.#at = start;
  }

  /** How many bytes of the file lie before the next one. */
  get at(): number {
    return this.#at;
  }

  /** What is wrong, and where. */
  damaged(problem: string, cause?: unknown): FileError {
    return new FileError("damaged", this.#file, `its pickle is damaged: ${problem} (byte ${this.#at})`, { cause });
  }

  /** A byte that is not read yet; undefined behind the end. */
  ahead(distance: number): number | undefined {
    return this.#bytes[this.#at + distance];
  }

  take(count: number): Uint8Array {
    const start = this.#skip(count);
    return this.#bytes.subarray(start, start + count);
  }

  uint8(): number {
    return this.#bytes[this.#skip(1)];
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** The only numbers that stand with their highest byte first. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0 || end - this.#at > LONGEST_LINE) throw this.damaged("a name is cut off or absurdly long");
    const text = decodePythonString(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    if (text === undefined) throw this.damaged("a name is not UTF-8");
    return text;
  }

  /** Moves on by some bytes, which are there, and says where they begin. */
  #skip(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) throw this.damaged("it is cut off");
    this.#at = start + count;
    return start;
  }
}
