// Roots of unity, correctly rounded on every machine: cos and sin of 2 pi k / n.
//
// Twiddle factors decide bits, so they may not come from Math.cos, which differs between engines. They are
// computed in integer fixed point: pi by Machin's formula, one step's angle by Taylor series, the first eighth of
// the circle by rotation, all else by symmetry (which is therefore exact). Every value is rounded once, after
// checking that the error of the fixed-point value cannot change the result.

import type { FloatType } from "./scalar.ts";

/** `cos[k]` and `sin[k]` are those of 2 pi k / n, for 0 <= k < n. Do not write to them. */
export interface Roots {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

const MAX_COUNT = 1 << 20;
const FRACTION = 192n;
const ONE = 1n << FRACTION;
// Bound on the error of every fixed-point value below: a step's own error and the rounding of a rotation come to
// less than 2^8 units of the last place, and there are at most 2^19 rotations.
const ERROR = 1n << 27n;

function arctanOfInverse(x: bigint): bigint {
  const guard = 16n;
  let power = (ONE << guard) / x;
  let sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += n % 4n === 1n ? power / n : -(power / n);
    power /= x * x;
  }
  return sum >> guard;
}

const PI = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);

/** Taylor series for a small angle. */
function cosSinOf(angle: bigint): [bigint, bigint] {
  const square = (angle * angle) >> FRACTION;
  let cos = ONE;
  let sin = angle;
  let cosTerm = ONE;
  let sinTerm = angle;
  for (let k = 2n; cosTerm !== 0n || sinTerm !== 0n; k += 2n) {
    // Truncating division, so that the terms reach 0 from both sides.
    cosTerm = -((cosTerm * square) / ONE) / (k * (k - 1n));
    sinTerm = -((sinTerm * square) / ONE) / (k * (k + 1n));
    cos += cosTerm;
    sin += sinTerm;
  }
  return [cos, sin];
}

function bitLength(value: bigint): number {
  const low = FRACTION - 52n;
  const head = Number(value >> low);
  const upper = Math.floor(head / 4294967296);
  return Number(low) + (upper > 0 ? 64 - Math.clz32(upper) : 32 - Math.clz32(head));
}

/** The float of `precision` bits nearest to a fixed-point value: 0, or from 2^-50 to 1. */
function nearestFloat(value: bigint, precision: number): number {
  if (value === 0n) return 0;
  const excess = bitLength(value) - precision;
  const kept = value >> BigInt(excess);
  const fromTie = value - (kept << BigInt(excess)) - (1n << BigInt(excess - 1));
  if (fromTie > -ERROR && fromTie < ERROR) {
    throw new Error("roots of unity: the fixed-point precision is too small; raise FRACTION");
  }
  let result = Number(fromTie > 0n ? kept + 1n : kept);
  for (let i = excess; i < Number(FRACTION); i++) result /= 2;
  return result;
}

/** cos and sin of 2 pi i / m for 0 <= i <= m / 8, m a multiple of 4. */
function firstEighth(m: number, precision: number): { cos: number[]; sin: number[] } {
  const [stepCos, stepSin] = cosSinOf((2n * PI) / BigInt(m));
  const cos: number[] = [];
  const sin: number[] = [];
  let c = ONE;
  let s = 0n;
  for (let i = 0; 8 * i <= m; i++) {
    cos.push(nearestFloat(c, precision));
    sin.push(nearestFloat(s, precision));
    const next = (c * stepCos - s * stepSin) >> FRACTION;
    s = (c * stepSin + s * stepCos) >> FRACTION;
    c = next;
  }
  return { cos, sin };
}

function compute(n: number, precision: number): Roots {
  // With m = lcm(4, n) the angles are multiples of 2 pi / m and quarter turns are whole numbers of them.
  const m = n % 4 === 0 ? n : n % 2 === 0 ? 2 * n : 4 * n;
  const quarter = m / 4;
  const eighth = firstEighth(m, precision);
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const index = k * (m / n);
    const quadrant = Math.floor(index / quarter);
    const within = index - quadrant * quarter;
    const mirrored = 2 * within > quarter;
    const i = mirrored ? quarter - within : within;
    const x = mirrored ? eighth.sin[i] : eighth.cos[i];
    const y = mirrored ? eighth.cos[i] : eighth.sin[i];
    // 0 - x and not -x: no root has a negative zero.
    cos[k] = quadrant === 0 ? x : quadrant === 1 ? 0 - y : quadrant === 2 ? 0 - x : y;
    sin[k] = quadrant === 0 ? y : quadrant === 1 ? x : quadrant === 2 ? 0 - y : 0 - x;
  }
  return { cos, sin };
}

const cache = new Map<string, Roots>();

/**
 * The n-th roots of unity, rounded to the nearest float of `type` (float32 values come as doubles too).
 * `n` is an integer from 1 to 1048576. The tables are kept for the life of the program.
 */
export function rootsOfUnity(n: number, type: FloatType): Roots {
  if (!(Number.isInteger(n) && n >= 1 && n <= MAX_COUNT)) {
    throw new RangeError(`roots of unity: the count is ${n}; it must be an integer from 1 to ${MAX_COUNT}`);
  }
  const key = `${type}:${n}`;
  let roots = cache.get(key);
  if (roots === undefined) {
    roots = compute(n, type === "f64" ? 53 : 24);
    cache.set(key, roots);
  }
  return roots;
}
