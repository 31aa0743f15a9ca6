// NumPy's legacy RandomState (`np.random.seed` and friends), bit for bit.
//
// Follows docs/science/random-numbers.md (NumPy 2.4). Exact, but for normals: their logarithm is correctly rounded here
// and the C library's there, which differs in about 0.04% of the values by at most 2 ulp.
// Everything returns plain arrays, filled in row-major order.

import { log64 } from "../math/precise.ts";
import { checkArray, checkBoolean, checkFinite, checkNumber, checkTyped } from "../words/arguments.ts";
import { checkOptions } from "../words/options.ts";
import { shown } from "../words/shown.ts";
import { checkBounds, checkCount, checkScale, toInteger } from "./checks.ts";
import { MT19937 } from "./mt19937.ts";

/** `RandomState.get_state()`. */
export interface NumpyState {
  /** The 624 words of the engine. */
  key: Uint32Array;
  /** Words of the block used so far, 0..624. */
  position: number;
  /** The second normal of a pair, waiting for the next draw, or null. */
  cachedGaussian: number | null;
}

export type NumpyIntegerDtype = "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64";

/** The ranges of the integer dtypes. The width decides how many bits a draw of `randint` takes. */
const INTEGER_DTYPES: Readonly<Record<NumpyIntegerDtype, readonly [bigint, bigint]>> = {
  int8: [-(1n << 7n), (1n << 7n) - 1n],
  uint8: [0n, (1n << 8n) - 1n],
  int16: [-(1n << 15n), (1n << 15n) - 1n],
  uint16: [0n, (1n << 16n) - 1n],
  int32: [-(1n << 31n), (1n << 31n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  int64: [-(1n << 63n), (1n << 63n) - 1n],
};

export interface ChoiceOptions {
  /** Whether a number may come more than once. Default true. */
  replace?: boolean;
  /** The chance of each number: n values from 0 up that sum to 1. Needs `replace`. Default: all alike. */
  p?: readonly number[];
}

/** What `shuffle` takes: any array that can be written. */
interface Shufflable {
  readonly length: number;
  [index: number]: unknown;
}

const MAX_SEED = 4294967295n;

function checkSeed(seed: number | bigint, name: string): number {
  const value = toInteger(seed, name, "seed");
  if (value < 0n || value > MAX_SEED) throw new RangeError(`seed: ${name} must lie in 0..2^32-1, not ${shown(seed)}.`);
  return Number(value);
}

/** The smallest 2^k - 1 that is at least `range`, for 0 <= range < 2^32. */
function maskOf(range: number): number {
  return range === 0 ? 0 : 0xffffffff >>> Math.clz32(range);
}

/** A stream of random numbers with the bits of NumPy's `RandomState`. */
export class NumpyRandomState {
  readonly #engine = new MT19937(0);
  #cached: number | null = null;

  /** `seed`: an integer in 0..2^32-1, or a non-empty list of them (a list of one is another stream than the integer). */
  constructor(seed: number | bigint | readonly number[]) {
    this.seed(seed);
  }

  /** Starts the stream of this seed. Throws RangeError, leaving the generator as it was. */
  seed(seed: number | bigint | readonly number[]): this {
    if (typeof seed === "number" || typeof seed === "bigint") {
      this.#engine.seed(checkSeed(seed, "the seed"));
    } else {
      checkArray("seed", "the seed", seed, "integers in 0..2^32-1, or one");
      if (seed.length === 0) throw new RangeError("seed: a list of seeds must hold at least one integer.");
      this.#engine.seedWithList(seed.map((word, i) => checkSeed(word, `seed[${i}]`)));
    }
    this.#cached = null;
    return this;
  }

  /** A copy of the state. */
  getState(): NumpyState {
    return { key: this.#engine.words.slice(), position: this.#engine.position, cachedGaussian: this.#cached };
  }

  /** Continues from a state. Throws RangeError for one that is malformed, leaving the generator as it was. */
  setState(state: NumpyState): this {
    if (Object.prototype.toString.call(state) !== "[object Object]") {
      throw new TypeError(`setState: the state is ${shown(state)}; it must be one as getState() gives`);
    }
    const { key, position, cachedGaussian } = state;
    checkTyped("setState", "the state's key", key, "a Uint32Array");
    if (cachedGaussian !== null) checkNumber("setState", "the state's cachedGaussian", cachedGaussian);
    if (key.length !== 624 || !Number.isInteger(position) || position < 0 || position > 624) {
      throw new RangeError(
        `setState: a state has 624 words and a position in 0..624, not ${key.length} words and position ${position}.`,
      );
    }
    this.#engine.restore(key, position, false);
    this.#cached = cachedGaussian;
    return this;
  }

  /** n doubles uniform in [0, 1). */
  rand(n: number): Float64Array {
    checkCount(n, "rand");
    return new Float64Array(n).map(() => this.#double());
  }

  /** n doubles uniform in [low, high). */
  uniform(low: number, high: number, n: number): Float64Array {
    checkCount(n, "uniform");
    checkFinite("uniform", "low", low);
    checkFinite("uniform", "high", high);
    const width = high - low;
    if (!(Math.abs(width) < Infinity)) {
      throw new RangeError(`uniform: low ${low}, high ${high} and their difference must be finite.`);
    }
    return new Float64Array(n).map(() => low + width * this.#double());
  }

  /** n standard normal doubles. */
  randn(n: number): Float64Array {
    checkCount(n, "randn");
    return new Float64Array(n).map(() => this.#gaussian());
  }

  /** n normal doubles with this mean and standard deviation (at least 0). */
  normal(mean: number, std: number, n: number): Float64Array {
    checkCount(n, "normal");
    checkNumber("normal", "mean", mean);
    checkScale(std, "normal");
    return new Float64Array(n).map(() => mean + std * this.#gaussian());
  }

  /**
   * n integers in low..high-1, by masked rejection. Number bounds give numbers, bigint bounds give int64.
   * `dtype` is NumPy's (default "int64"): both bounds must fit, and its width decides how the engine is used.
   */
  randint(low: number, high: number, n: number, dtype?: NumpyIntegerDtype): Float64Array;
  randint(low: bigint, high: bigint, n: number, dtype?: NumpyIntegerDtype): BigInt64Array;
  randint(
    low: number | bigint,
    high: number | bigint,
    n: number,
    dtype: NumpyIntegerDtype = "int64",
  ): Float64Array | BigInt64Array {
    checkCount(n, "randint");
    const limits = INTEGER_DTYPES[dtype];
    if (limits === undefined) {
      throw new RangeError(
        `randint: the dtype must be one of ${Object.keys(INTEGER_DTYPES).join(", ")}, not ${shown(dtype)}.`,
      );
    }
    const bounds = checkBounds(low, high, limits, "randint");
    const from = bounds.low;
    const draw = this.#maskedDraw(bounds.range - 1n, dtype);
    if (typeof low === "bigint") return new BigInt64Array(n).map(() => from + BigInt(draw()));
    return new Float64Array(n).map(() => Number(from + BigInt(draw())));
  }

  /** Reorders the rows of `values` in place. `rowLength`: elements a row, default 1; the length is a multiple of it. */
  shuffle(values: Shufflable, rowLength = 1): void {
    if (typeof values !== "object" || !Number.isInteger(values?.length)) {
      throw new TypeError(`shuffle: ${shown(values)} was given; it must be an array`);
    }
    const rows = checkRows(values.length, rowLength, "shuffle");
    for (let i = rows - 1; i >= 1; i--) {
      const j = this.#upTo(i);
      for (let c = 0; c < rowLength; c++) {
        const kept = values[i * rowLength + c];
        values[i * rowLength + c] = values[j * rowLength + c];
        values[j * rowLength + c] = kept;
      }
    }
  }

  /** The numbers 0..n-1 in random order, n < 2^31. To permute an array, take its rows in this order. */
  permutation(n: number): Int32Array {
    checkCount(n, "permutation");
    if (n > 0x7fffffff) throw new RangeError(`permutation: n must be below 2^31, not ${n}.`);
    const out = new Int32Array(n).map((_, i) => i);
    this.shuffle(out);
    return out;
  }

  /** `size` numbers out of 0..n-1, n from 1 to 2^31 - 1. */
  choice(n: number, size: number, options: ChoiceOptions = {}): Int32Array {
    checkOptions("NumpyRandomState.choice()", options, ["replace", "p"]);
    const { replace = true, p } = options;
    checkBoolean("choice", "replace", replace);
    checkCount(size, "choice");
    if (!Number.isInteger(n) || n < 1 || n > 0x7fffffff) {
      throw new RangeError(`choice: n must be an integer in 1..2^31-1, not ${shown(n)}.`);
    }
    if (p !== undefined) {
      if (!replace) throw new RangeError("choice: p is only supported with replacement; leave out replace: false.");
      return this.#weightedChoice(n, size, p);
    }
    if (replace) return Int32Array.from(this.randint(0, n, size));
    if (size > n) throw new RangeError(`choice: cannot take ${size} of ${n} numbers without replacement.`);
    return this.permutation(n).slice(0, size);
  }

  #weightedChoice(n: number, size: number, p: readonly number[]): Int32Array {
    checkArray("choice", "p", p, "probabilities");
    if (p.length !== n)
      throw new RangeError(`choice: p must have one value for each of ${n} numbers, not ${p.length}.`);
    const cumulative = new Float64Array(n);
    let total = 0;
    p.forEach((value, i) => {
      if (typeof value !== "number" || !(value >= 0))
        throw new RangeError(`choice: p[${i}] must be a number of at least 0, not ${shown(value)}.`);
      total += value;
      cumulative[i] = total;
    });
    // NumPy's own tolerance: the square root of the double epsilon.
    if (!(Math.abs(total - 1) <= 1.4901161193847656e-8)) throw new RangeError(`choice: p must sum to 1, not ${total}.`);
    for (let i = 0; i < n; i++) cumulative[i] /= total;
    return new Int32Array(size).map(() => countUpTo(cumulative, this.#double()));
  }

  /** A double in [0, 1) of 53 bits. */
  #double(): number {
    const a = this.#engine.u32() >>> 5;
    const b = this.#engine.u32() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  #gaussian(): number {
    if (this.#cached !== null) {
      const value = this.#cached;
      this.#cached = null;
      return value;
    }
    let x1: number;
    let x2: number;
    let r2: number;
    do {
      x1 = 2 * this.#double() - 1;
      x2 = 2 * this.#double() - 1;
      r2 = x1 * x1 + x2 * x2;
    } while (r2 >= 1 || r2 === 0);
    const f = Math.sqrt((-2 * log64(r2)) / r2);
    this.#cached = f * x1;
    return f * x2;
  }

  /** An integer in 0..range, range < 2^32. */
  #upTo(range: number): number {
    const mask = maskOf(range);
    let value: number;
    do value = (this.#engine.u32() & mask) >>> 0;
    while (value > range);
    return value;
  }

  /** A function that draws integers in 0..range as NumPy does within one call of randint. */
  #maskedDraw(range: bigint, dtype: NumpyIntegerDtype): () => number | bigint {
    if (range === 0n) return () => 0;
    const engine = this.#engine;
    if (range > MAX_SEED) {
      const mask = (1n << BigInt(range.toString(2).length)) - 1n;
      return () => {
        let value: bigint;
        do value = engine.u64() & mask;
        while (value > range);
        return value;
      };
    }
    const largest = Number(range);
    const width = dtype.endsWith("16") ? 16 : dtype.endsWith("8") ? 8 : 32;
    if (width === 32) return () => this.#upTo(largest);
    // 8- and 16-bit draws are cut from one output, low end first; what is left at the end of the call is dropped.
    const mask = maskOf(largest);
    let buffer = 0;
    let pieces = 0;
    return () => {
      let value: number;
      do {
        if (pieces === 0) {
          buffer = engine.u32();
          pieces = 32 / width;
        } else buffer >>>= width;
        pieces -= 1;
        value = buffer & mask;
      } while (value > largest);
      return value;
    };
  }
}

/** How many of the rising values are at most x. */
function countUpTo(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkRows(length: number, rowLength: number, where: string): number {
  const rows = length / rowLength;
  if (!Number.isInteger(rowLength) || rowLength < 1 || !Number.isInteger(rows)) {
    throw new RangeError(
      `${where}: ${length} elements cannot be cut into rows of ${shown(rowLength)}; it must be a whole number that divides them.`,
    );
  }
  return rows;
}
