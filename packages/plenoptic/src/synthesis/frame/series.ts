// A growing row of numbers: one history of a synthesis.

export class Series {
  #values = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** The number at an index from 0 to length - 1. */
  at(index: number): number {
    return this.#values[index];
  }

  /** A copy of all numbers, and `last` after them. */
  toArray(...last: readonly number[]): Float64Array {
    const out = new Float64Array(this.#length + last.length);
    out.set(this.#values.subarray(0, this.#length));
    out.set(last, this.#length);
    return out;
  }
}
