// torch.Generator on the CPU, bit for bit: seeds, states and every fill the synthesis code uses.
//
// Follows docs/science/random-numbers.md (PyTorch 2.13, x86-64 with AVX2 and fused multiply-add).
// float64 normals depend on the C library there; here log, sin and cos are correctly rounded, which differs in
// about 0.2% of the values by at most 3 ulp. All other streams are exact.
// Everything returns plain arrays, filled in row-major order.

import type { FloatDType } from "../math/dtype.ts";
import { cos64, log64, sin64 } from "../math/precise.ts";
import { checkBoolean, checkFinite, checkNumber, checkTyped } from "../words/arguments.ts";
import { checkOptions } from "../words/options.ts";
import { shown } from "../words/shown.ts";
import { checkBounds, checkCount, checkScale, toInteger } from "./checks.ts";
import { fma32, fma64 } from "./fma.ts";
import { hostLog1p } from "./hostMath.ts";
import { MT19937 } from "./mt19937.ts";
import { normalBlock32 } from "./normal32.ts";
import { readTorchState, writeTorchState } from "./torchState.ts";

export interface FloatArrays {
  float32: Float32Array<ArrayBuffer>;
  float64: Float64Array<ArrayBuffer>;
}

/** The arrays of `random`, by the dtype being filled. */
export interface RandomArrays extends FloatArrays {
  int64: BigInt64Array;
  int32: Int32Array;
  uint8: Uint8Array;
}

export interface NormalOptions {
  /**
   * False when the reference would fill a tensor that is not row-major (a transposed view, channels-last, ...):
   * such fills take values pair by pair at every size, in memory order. Default true.
   */
  rowMajor?: boolean;
}

const FLOATS = "a Float32Array or a Float64Array";
const DEFAULT_SEED = 67280421310721n;
const TWO_PI = 6.283185307179586;
const TWO_MINUS_24 = 5.9604644775390625e-8;
const TWO_MINUS_53 = 1.1102230246251565e-16;
const TWO_32 = 4294967296;
const BLOCK = 16;
const FLOAT32_MAX = 3.4028234663852886e38;
const FLOAT64_MAX = 1.7976931348623157e308;
/** From this range on, randint takes 64 bits a draw. */
const WIDE_RANGE = 268435456n;
/** From this length on, torch's randperm takes 64 bits a draw. */
const LONG_PERMUTATION = 214748364;
const INT64: readonly [bigint, bigint] = [-(1n << 63n), (1n << 63n) - 1n];

function checkDraw(n: number, dtype: FloatDType, where: string): void {
  checkCount(n, where);
  if (dtype !== "float32" && dtype !== "float64") {
    throw new RangeError(`${where}: the dtype must be "float32" or "float64", not ${shown(dtype)}.`);
  }
}

function allocate<D extends FloatDType>(n: number, dtype: D, where: string): FloatArrays[D] {
  checkDraw(n, dtype, where);
  return (dtype === "float32" ? new Float32Array(n) : new Float64Array(n)) as FloatArrays[D];
}

/** A stream of random numbers with the bits of `torch.Generator`. */
export class TorchGenerator {
  readonly #engine = new MT19937(0);
  #initialSeed = 0n;
  /** The second normal of a pair, waiting for the next draw of the pair path. Only seeding or a state clears it. */
  #cached: number | null = null;

  /** `seed`: an integer in -2^63..2^64-1. Default: torch's own, 67280421310721. */
  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.manualSeed(seed);
  }

  /**
   * Starts the stream of this seed, an integer in -2^63..2^64-1 (a bigint beyond 2^53); negative ones count
   * modulo 2^64. Only the low 32 bits choose the stream. Throws RangeError, leaving the generator as it was.
   */
  manualSeed(seed: number | bigint): this {
    const value = toInteger(seed, "the seed", "manualSeed");
    if (value < INT64[0] || value >= 1n << 64n) {
      throw new RangeError(`manualSeed: the seed must lie in -2^63..2^64-1, not ${seed}.`);
    }
    this.#initialSeed = BigInt.asUintN(64, value);
    this.#engine.seed(Number(BigInt.asUintN(32, value)));
    this.#cached = null;
    return this;
  }

  /** The seed last set, modulo 2^64. */
  initialSeed(): bigint {
    return this.#initialSeed;
  }

  /** A snapshot of 5056 bytes, the same as torch's `get_rng_state`. */
  getState(): Uint8Array {
    return writeTorchState({
      initialSeed: this.#initialSeed,
      words: this.#engine.words,
      position: this.#engine.position,
      fresh: this.#engine.fresh,
      cachedNormal: this.#cached,
    });
  }

  /** Continues from a snapshot. Throws RangeError for bytes that are none, leaving the generator as it was. */
  setState(bytes: Uint8Array): this {
    checkTyped("setState", "the snapshot", bytes, "a Uint8Array, as getState() gives");
    const state = readTorchState(bytes);
    this.#initialSeed = state.initialSeed;
    this.#engine.restore(state.words, state.position, state.fresh);
    this.#cached = state.cachedNormal;
    return this;
  }

  /** n raw 64-bit outputs. */
  random64(n: number): BigUint64Array {
    checkCount(n, "random64");
    return new BigUint64Array(n).map(() => this.#engine.u64());
  }

  /** n values uniform in [0, 1). */
  rand<D extends FloatDType = "float32">(n: number, dtype: D = "float32" as D): FloatArrays[D] {
    const out = allocate(n, dtype, "rand");
    this.#fillUniform(out, 0);
    return out;
  }

  /** n values uniform in [low, high), as `uniform_(low, high)`. */
  uniform<D extends FloatDType = "float32">(
    n: number,
    low: number,
    high: number,
    dtype: D = "float32" as D,
  ): FloatArrays[D] {
    const out = allocate(n, dtype, "uniform");
    checkFinite("uniform", "low", low);
    checkFinite("uniform", "high", high);
    const single = out instanceof Float32Array;
    const largest = single ? FLOAT32_MAX : FLOAT64_MAX;
    if (!(low <= high && Math.abs(low) <= largest && Math.abs(high) <= largest && high - low <= largest)) {
      throw new RangeError(
        `uniform: low ${low} and high ${high} must be finite in ${dtype} with low <= high and a finite difference.`,
      );
    }
    this.#fillUniform(out, 0);
    const a = single ? Math.fround(low) : low;
    const b = single ? Math.fround(high) : high;
    const width = single ? Math.fround(b - a) : b - a;
    const fma = single ? fma32 : fma64;
    for (let i = 0; i < n; i++) {
      const value = fma(out[i], width, a);
      out[i] = value === b ? a : value;
    }
    return out;
  }

  /** n standard normal values. */
  randn<D extends FloatDType = "float32">(
    n: number,
    dtype: D = "float32" as D,
    options: NormalOptions = {},
  ): FloatArrays[D] {
    checkNormal("randn", options);
    const out = allocate(n, dtype, "randn");
    this.#fillNormal(out, 0, 1, options);
    return out;
  }

  /**
   * n normal values with this mean and standard deviation (at least 0), as `normal_(mean, std)`. A complex
   * `randn` of n elements is `normal(2 * n, 0, Math.SQRT1_2)`, real and imaginary parts interleaved.
   */
  normal<D extends FloatDType = "float32">(
    n: number,
    mean: number,
    std: number,
    dtype: D = "float32" as D,
    options: NormalOptions = {},
  ): FloatArrays[D] {
    checkNormal("normal", options);
    checkNumber("normal", "mean", mean);
    checkScale(std, "normal");
    const out = allocate(n, dtype, "normal");
    this.#fillNormal(out, mean, std, options);
    return out;
  }

  /**
   * One normal value for each element of `mean` and `std`, as `torch.normal` with tensors: one of the two may be a
   * number, arrays have one length and one type. Every standard deviation is at least 0.
   */
  normalEach<A extends Float32Array | Float64Array>(mean: A, std: NoInfer<A> | number): A;
  normalEach<A extends Float32Array | Float64Array>(mean: number, std: A): A;
  normalEach(
    mean: Float32Array | Float64Array | number,
    std: Float32Array | Float64Array | number,
  ): Float32Array | Float64Array {
    const shape = typeof mean === "number" ? std : mean;
    if (typeof shape === "number")
      throw new TypeError("normalEach: mean or std must be an array; for two numbers use normal.");
    if (typeof mean !== "number") checkTyped("normalEach", "mean", mean, FLOATS);
    if (typeof std !== "number") checkTyped("normalEach", "std", std, FLOATS);
    if (typeof mean !== "number" && typeof std !== "number") {
      if (mean.length !== std.length || mean.constructor !== std.constructor) {
        throw new RangeError(
          `normalEach: mean (${mean.constructor.name} of ${mean.length}) and std (${std.constructor.name} of ` +
            `${std.length}) must have one length and one type.`,
        );
      }
    }
    if (typeof std === "number") checkScale(std, "normalEach");
    else for (const value of std) checkScale(value, "normalEach");

    const single = shape instanceof Float32Array;
    const out = single ? new Float32Array(shape.length) : new Float64Array(shape.length);
    this.#fillNormal(out, 0, typeof std === "number" ? std : 1, {});
    const constant = typeof mean === "number" ? (single ? Math.fround(mean) : mean) : 0;
    for (let i = 0; i < out.length; i++) {
      // Stored between the steps, because the reference rounds the product before it adds.
      if (typeof std !== "number") out[i] = out[i] * std[i];
      out[i] = out[i] + (typeof mean === "number" ? constant : mean[i]);
    }
    return out;
  }

  /**
   * n integers in low..high-1. Number bounds give numbers; bigint bounds (-2^63..2^63) give int64. A range of 2^28
   * or more takes two outputs of the engine an element.
   */
  randint(low: number, high: number, n: number): Float64Array;
  randint(low: bigint, high: bigint, n: number): BigInt64Array;
  randint(low: number | bigint, high: number | bigint, n: number): Float64Array | BigInt64Array {
    checkCount(n, "randint");
    const bounds = checkBounds(low, high, INT64, "randint");
    const engine = this.#engine;
    const narrow = Number(bounds.range);
    const draw = (): bigint =>
      bounds.range < WIDE_RANGE ? BigInt(engine.u32() % narrow) : engine.u64() % bounds.range;
    if (typeof low === "bigint") return new BigInt64Array(n).map(() => bounds.low + draw());
    return new Float64Array(n).map(() => Number(bounds.low + draw()));
  }

  /** n integers from the whole non-negative range the dtype can hold exactly, as `random_()` without bounds. */
  random<D extends keyof RandomArrays>(n: number, dtype: D): RandomArrays[D];
  random(n: number, dtype: keyof RandomArrays): RandomArrays[keyof RandomArrays] {
    checkCount(n, "random");
    const engine = this.#engine;
    switch (dtype) {
      case "int64":
        return new BigInt64Array(n).map(() => BigInt.asUintN(63, engine.u64()));
      case "int32":
        return new Int32Array(n).map(() => engine.u32() & 0x7fffffff);
      case "uint8":
        return new Uint8Array(n).map(() => engine.u32() & 0xff);
      case "float32":
        return new Float32Array(n).map(() => engine.u32() % 16777217);
      case "float64":
        return new Float64Array(n).map(() => Number(engine.u64() % 9007199254740993n));
    }
    throw new RangeError(`random: the dtype must be int64, int32, uint8, float32 or float64, not ${shown(dtype)}.`);
  }

  /** The numbers 0..n-1 in random order. n is below 214748364. */
  randperm(n: number): Int32Array {
    checkCount(n, "randperm");
    if (n >= LONG_PERMUTATION) throw new RangeError(`randperm: n must be below ${LONG_PERMUTATION}, not ${n}.`);
    const out = new Int32Array(n).map((_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const other = i + (this.#engine.u32() % (n - i));
      const kept = out[i];
      out[i] = out[other]!;
      out[other] = kept;
    }
    return out;
  }

  /** For each probability (0..1) a 1 with that chance, else a 0, as `torch.bernoulli(p)`. */
  bernoulli(p: Float32Array | Float64Array): Uint8Array {
    checkTyped("bernoulli", "the list of probabilities", p, FLOATS);
    for (const value of p) checkProbability(value, "bernoulli");
    const out = new Uint8Array(p.length);
    const single = p instanceof Float32Array;
    for (let i = 0; i < p.length; i++) out[i] = (single ? this.#u24() : this.#u53()) < p[i] ? 1 : 0;
    return out;
  }

  /** n draws with one probability (0..1), as `bernoulli_(p)` with a Python number and as dropout. */
  bernoulliScalar(p: number, n: number): Uint8Array {
    checkProbability(p, "bernoulliScalar");
    checkCount(n, "bernoulliScalar");
    return new Uint8Array(n).map(() => (this.#u53() < p ? 1 : 0));
  }

  #u24(): number {
    return (this.#engine.u32() & 0xffffff) * TWO_MINUS_24;
  }

  #u53(): number {
    const high = this.#engine.u32() & 0x1fffff;
    return (high * TWO_32 + this.#engine.u32()) * TWO_MINUS_53;
  }

  /** Goes on as if n uniforms of the dtype had been drawn. */
  skipRand(n: number, dtype: FloatDType): void {
    checkDraw(n, dtype, "skipRand");
    this.#engine.skip(dtype === "float32" ? n : 2 * n);
  }

  /** Fills out[start ...] with uniforms. */
  #fillUniform(out: Float32Array | Float64Array, start: number): void {
    if (out instanceof Float32Array) for (let i = start; i < out.length; i++) out[i] = this.#u24();
    else for (let i = start; i < out.length; i++) out[i] = this.#u53();
  }

  #fillNormal(out: Float32Array | Float64Array, mean: number, std: number, options: NormalOptions): void {
    const n = out.length;
    if (n < BLOCK || options.rowMajor === false) {
      for (let i = 0; i < n; i++) out[i] = fma64(this.#standardNormal(), std, mean);
      return;
    }
    const transform = (start: number): void => {
      if (out instanceof Float32Array) normalBlock32(out, start, Math.fround(mean), Math.fround(std));
      else normalBlock64(out, start, mean, std);
    };
    this.#fillUniform(out, 0);
    for (let start = 0; start + BLOCK <= n; start += BLOCK) transform(start);
    if (n % BLOCK === 0) return;
    // The rest is made of 16 fresh uniforms in the last 16 places, over results already there.
    this.#fillUniform(out, n - BLOCK);
    transform(n - BLOCK);
  }

  /** The next value of the pair path. */
  #standardNormal(): number {
    if (this.#cached !== null) {
      const value = this.#cached;
      this.#cached = null;
      return value;
    }
    const u1 = this.#u53();
    const u2 = this.#u53();
    const radius = Math.sqrt(-2 * hostLog1p(-u2));
    const theta = TWO_PI * u1;
    this.#cached = radius * sin64(theta);
    return radius * cos64(theta);
  }
}

/** The float64 block transform: as normalBlock32, in doubles. */
function normalBlock64(d: Float64Array, start: number, mean: number, std: number): void {
  for (let j = start; j < start + BLOCK / 2; j++) {
    const radius = Math.sqrt(-2 * log64(1 - d[j]));
    const theta = TWO_PI * d[j + 8];
    d[j] = fma64(radius * cos64(theta), std, mean);
    d[j + 8] = fma64(radius * sin64(theta), std, mean);
  }
}

function checkNormal(where: string, options: NormalOptions): void {
  checkOptions(`TorchGenerator.${where}()`, options, ["rowMajor"]);
  if (options.rowMajor !== undefined) checkBoolean(where, "rowMajor", options.rowMajor);
}

function checkProbability(p: number, where: string): void {
  if (typeof p !== "number" || !(p >= 0 && p <= 1))
    throw new RangeError(`${where}: a probability must lie in 0..1, not ${shown(p)}.`);
}
