// The engine behind both generators: MT19937 of M. Matsumoto and T. Nishimura, "Mersenne Twister" (1998).
// Seeding, order and check values: docs/science/random-numbers.md.

const SIZE = 624;
const SHIFT = 397;

/** The upper bit of a word and the lower ones of the next, by the matrix of the recurrence. */
function twisted(word: number, next: number): number {
  const y = (word & 0x80000000) | (next & 0x7fffffff);
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}

export class MT19937 {
  /** The 624 state words. */
  readonly words: Uint32Array = new Uint32Array(SIZE);
  /** Words of the block used so far, 0..624. At 624 the next draw makes a new block. */
  position = SIZE;
  /** True from seeding to the first draw. Only torch's snapshot tells this from a block used up. */
  fresh = true;

  constructor(seed: number) {
    this.seed(seed);
  }

  /** Seeds with one 32-bit integer. */
  seed(seed: number): void {
    const mt = this.words;
    mt[0] = seed;
    for (let j = 1; j < SIZE; j++) {
      const previous = mt[j - 1];
      mt[j] = Math.imul(1812433253, previous ^ (previous >>> 30)) + j;
    }
    this.position = SIZE;
    this.fresh = true;
  }

  /** Seeds with a non-empty list of 32-bit integers. */
  seedWithList(key: readonly number[]): void {
    this.seed(19650218);
    const mt = this.words;
    let i = 1;
    let j = 0;
    const wrap = (): void => {
      i += 1;
      if (i < SIZE) return;
      mt[0] = mt[SIZE - 1]!;
      i = 1;
    };
    for (let count = Math.max(SIZE, key.length); count > 0; count--) {
      const previous = mt[i - 1];
      mt[i] = (mt[i] ^ Math.imul(previous ^ (previous >>> 30), 1664525)) + key[j] + j;
      j = j + 1 < key.length ? j + 1 : 0;
      wrap();
    }
    for (let count = SIZE - 1; count > 0; count--) {
      const previous = mt[i - 1];
      mt[i] = (mt[i] ^ Math.imul(previous ^ (previous >>> 30), 1566083941)) - i;
      wrap();
    }
    mt[0] = 0x80000000;
  }

  /** Takes over a state: 624 words and a position 0..624. The caller has checked them. */
  restore(words: ArrayLike<number>, position: number, fresh: boolean): void {
    this.words.set(words);
    this.position = position;
    this.fresh = fresh;
  }

  /** The next 32-bit output. */
  u32(): number {
    if (this.position >= SIZE) this.#regenerate();
    let y = this.words[this.position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Passes over `count` outputs. */
  skip(count: number): void {
    let left = count;
    while (left > 0) {
      if (this.position >= SIZE) this.#regenerate();
      const passed = Math.min(left, SIZE - this.position);
      this.position += passed;
      left -= passed;
    }
  }

  /** The next two outputs as one 64-bit integer; the first is the high half. */
  u64(): bigint {
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  #regenerate(): void {
    const mt = this.words;
    // In three parts, within which no index wraps round: millions of words are skipped this way.
    for (let k = 0; k < SIZE - SHIFT; k++) mt[k] = mt[k + SHIFT] ^ twisted(mt[k], mt[k + 1]);
    for (let k = SIZE - SHIFT; k < SIZE - 1; k++) mt[k] = mt[k + SHIFT - SIZE] ^ twisted(mt[k], mt[k + 1]);
    mt[SIZE - 1] = mt[SHIFT - 1] ^ twisted(mt[SIZE - 1], mt[0]);
    this.position = 0;
    this.fresh = false;
  }
}
