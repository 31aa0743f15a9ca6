// The float32 block transform of normal draws: 16 uniforms become 16 normals (Box-Muller), element j paired
// with element j + 8.
//
// The reference evaluates its logarithm, sine and cosine with fixed float32 polynomials and fused
// operations (single-precision Cephes style). Constants and the place of every rounding: docs/science/random-numbers.md.

import { fma32 } from "./fma.ts";

const fround = Math.fround;
const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

function fromBits(pattern: number): number {
  bits[0] = pattern;
  return single[0];
}

const SQRT_HALF = fromBits(0x3f3504f3);
const LOG_P = Float32Array.from(
  [0x3d9021bb, 0xbdebd1b8, 0x3def251a, 0xbdfe5d4f, 0x3e11e9bf, 0xbe2aae50, 0x3e4cceac, 0xbe7ffffc, 0x3eaaaaaa].map(
    fromBits,
  ),
);
const LOG_Q1 = fromBits(0xb95e8083);
const LOG_Q2 = fromBits(0x3f318000);

const TWO_PI = fromBits(0x40c90fdb);
const FOUR_OVER_PI = fromBits(0x3fa2f983);
const REDUCE_1 = fromBits(0xbf490000);
const REDUCE_2 = fromBits(0xb97da000);
const REDUCE_3 = fromBits(0xb3222169);
const COS_1 = fromBits(0x37ccf5ce);
const COS_2 = fromBits(0xbab6061a);
const COS_3 = fromBits(0x3d2aaaa5);
const SIN_1 = fromBits(0xb94ca1f9);
const SIN_2 = fromBits(0x3c08839e);
const SIN_3 = fromBits(0xbe2aaaa3);

/** The routine LOG, for 2^-24 <= x <= 1. */
function log(x: number): number {
  single[0] = x;
  const pattern = bits[0];
  let e = (pattern >>> 23) - 126;
  const m = fromBits((pattern & 0x807fffff) | 0x3f000000);
  let t = fround(m - 1);
  if (m < SQRT_HALF) {
    e -= 1;
    t = fround(t + m);
  }
  const z = fround(t * t);
  let y = LOG_P[0];
  for (let k = 1; k < 9; k++) y = fma32(y, t, LOG_P[k]);
  y = fround(y * t);
  y = fma32(y, z, fround(e * LOG_Q1));
  y = fma32(-z, 0.5, y);
  return fma32(e, LOG_Q2, fround(t + y));
}

/** Transforms d[start .. start + 15] in place; every value there is a uniform draw in [0, 1). */
export function normalBlock32(d: Float32Array, start: number, mean: number, std: number): void {
  for (let j = start; j < start + 8; j++) {
    const radius = fround(Math.sqrt(fround(-2 * log(fround(1 - d[j])))));

    // The routine SINCOS, for 0 <= x <= 2 pi.
    let x = fround(TWO_PI * d[j + 8]);
    const octant = (Math.trunc(fround(x * FOUR_OVER_PI)) + 1) & ~1;
    x = fma32(octant, REDUCE_1, x);
    x = fma32(octant, REDUCE_2, x);
    x = fma32(octant, REDUCE_3, x);
    const z = fround(x * x);
    let c = fma32(fma32(COS_1, z, COS_2), z, COS_3);
    c = fma32(fround(c * z), z, -fround(z * 0.5));
    c = fround(c + 1);
    let s = fma32(fma32(SIN_1, z, SIN_2), z, SIN_3);
    s = fma32(fround(s * z), x, x);
    const swap = (octant & 2) !== 0;
    const sine = swap ? c : s;
    const cosine = swap ? s : c;

    d[j] = fma32(fround(radius * ((octant - 2) & 4 ? cosine : -cosine)), std, mean);
    d[j + 8] = fma32(fround(radius * (octant & 4 ? -sine : sine)), std, mean);
  }
}
