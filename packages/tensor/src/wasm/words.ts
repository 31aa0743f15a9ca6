// A growing list of 32-bit words, in which what is to be compared is written down: equal things as equal words. Comparing and
// hashing words is fast, and they make no garbage, which texts would.

/** A character for every byte. */
const decoder = new TextDecoder("latin1");

const halves = new DataView(new ArrayBuffer(8));

export class Words {
  #data = new Int32Array(256);
  length = 0;

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#data.length) return;
    const grown = new Int32Array(Math.max(needed, this.#data.length * 2));
    grown.set(this.#data.subarray(0, this.length));
    this.#data = grown;
  }

  /** A whole number of 32 bits. */
  push(word: number): void {
    if (this.length === this.#data.length) this.#reserve(1);
    this.#data[this.length++] = word;
  }

  /** The bits of any number: 0 and -0 differ, NaNs are one. */
  number(x: number): void {
    halves.setFloat64(0, Number.isNaN(x) ? Number.NaN : x);
    this.push(halves.getInt32(0));
    this.push(halves.getInt32(4));
  }

  text(text: string): void {
    this.push(text.length);
    for (let i = 0; i < text.length; i++) this.push(text.charCodeAt(i));
  }

  /** Whole numbers of 32 bits, and how many there are. */
  list(values: ArrayLike<number>): void {
    this.#reserve(values.length + 1);
    this.#data[this.length] = values.length;
    this.#data.set(values, this.length + 1);
    this.length += values.length + 1;
  }

  /** Writes words again that stand between two places. */
  repeat(begin: number, end: number): void {
    this.#reserve(end - begin);
    this.#data.copyWithin(this.length, begin, end);
    this.length += end - begin;
  }

  /** Another word in the place of one that was written. */
  set(place: number, word: number): void {
    this.#data[place] = word;
  }

  /** Forgets all words from a place on. */
  truncate(length: number): void {
    this.length = length;
  }

  /** A hash of the words from a place on. */
  hash(from = 0): number {
    let hash = 0x811c9dc5;
    for (let i = from; i < this.length; i++) hash = Math.imul(hash ^ this.#data[i], 0x01000193);
    return hash;
  }

  /** Whether the words from a place on are those between two others. */
  same(from: number, begin: number, end: number): boolean {
    if (this.length - from !== end - begin) return false;
    for (let i = 0; begin + i < end; i++) if (this.#data[begin + i] !== this.#data[from + i]) return false;
    return true;
  }

  /** All words as a text: equal words, equal texts. Not for reading. */
  key(): string {
    return decoder.decode(new Uint8Array(this.#data.buffer, 0, 4 * this.length));
  }
}
