// The inner loops of the scalar interpreter: one plain loop per operation and type.
//
// They are written out one by one on purpose. A JavaScript engine specialises a function for the array types it
// has seen, so a loop shared by several types would run several times slower. Storing into a Float32Array rounds,
// which makes the float32 loops IEEE single arithmetic (double precision holds every product, and rounding a
// double sum, quotient or square root of singles once more gives the correctly rounded single).
//
// A bool is one byte, 0 or 1. An i64 is two 32-bit words, low first, so index 2i and 2i + 1. The destination may
// be the same array as an operand: every loop reads element i before it writes element i.

import type { Plane } from "../ops/definition.ts";

/** Computes elements 0 <= i < n of `o`. `value` is the node's value (the amount of a shift). */
export type Loop = (n: number, o: Plane, a: Plane, b: Plane, c: Plane, value: number) => void;

/** Keyed by op and operand type (the type of the last operand); conversions also by result type. */
export const LOOPS: Readonly<Record<string, Loop>> = {
  "add f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] + b[i];
  },
  "sub f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] - b[i];
  },
  "mul f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] * b[i];
  },
  "div f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] / b[i];
  },
  "min f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.min(a[i], b[i]);
  },
  "max f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.max(a[i], b[i]);
  },
  "neg f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = -a[i];
  },
  "abs f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]);
  },
  "sqrt f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.sqrt(a[i]);
  },
  "floor f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.floor(a[i]);
  },
  "ceil f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.ceil(a[i]);
  },
  "trunc f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.trunc(a[i]);
  },
  "add f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] + b[i];
  },
  "sub f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] - b[i];
  },
  "mul f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] * b[i];
  },
  "div f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] / b[i];
  },
  "min f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.min(a[i], b[i]);
  },
  "max f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.max(a[i], b[i]);
  },
  "neg f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = -a[i];
  },
  "abs f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]);
  },
  "sqrt f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.sqrt(a[i]);
  },
  "floor f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.floor(a[i]);
  },
  "ceil f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.ceil(a[i]);
  },
  "trunc f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.trunc(a[i]);
  },
  "add i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] + b[i];
  },
  "sub i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] - b[i];
  },
  "mul i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.imul(a[i], b[i]);
  },
  "min i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.min(a[i], b[i]);
  },
  "max i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.max(a[i], b[i]);
  },
  "and i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] & b[i];
  },
  "or i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] | b[i];
  },
  "xor i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ^ b[i];
  },
  "neg i32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = -a[i];
  },
  "abs i32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]);
  },
  "not i32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = ~a[i];
  },
  "shl i32": (n, o, a, _b, _c, value) => {
    for (let i = 0; i < n; i++) o[i] = a[i] << value;
  },
  "shrS i32": (n, o, a, _b, _c, value) => {
    for (let i = 0; i < n; i++) o[i] = a[i] >> value;
  },
  "shrU i32": (n, o, a, _b, _c, value) => {
    for (let i = 0; i < n; i++) o[i] = a[i] >>> value;
  },
  "and bool": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] & b[i];
  },
  "or bool": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] | b[i];
  },
  "xor bool": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ^ b[i];
  },
  "not bool": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ^ 1;
  },
  "eq f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] === b[i] ? 1 : 0;
  },
  "ne f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] !== b[i] ? 1 : 0;
  },
  "lt f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] < b[i] ? 1 : 0;
  },
  "le f32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] <= b[i] ? 1 : 0;
  },
  "eq f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] === b[i] ? 1 : 0;
  },
  "ne f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] !== b[i] ? 1 : 0;
  },
  "lt f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] < b[i] ? 1 : 0;
  },
  "le f64": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] <= b[i] ? 1 : 0;
  },
  "eq i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] === b[i] ? 1 : 0;
  },
  "ne i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] !== b[i] ? 1 : 0;
  },
  "lt i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] < b[i] ? 1 : 0;
  },
  "le i32": (n, o, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i] <= b[i] ? 1 : 0;
  },
  "select f32": (n, o, a, b, c) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ? b[i] : c[i];
  },
  "select f64": (n, o, a, b, c) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ? b[i] : c[i];
  },
  "select i32": (n, o, a, b, c) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ? b[i] : c[i];
  },
  "select bool": (n, o, a, b, c) => {
    for (let i = 0; i < n; i++) o[i] = a[i] ? b[i] : c[i];
  },
  "convert f32 f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = a[i];
  },
  "convert f64 f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = a[i];
  },
  "convert i32 f32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = a[i];
  },
  "convert i32 f64": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = a[i];
  },
  "convert f32 i32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.min(Math.max(a[i], -2147483648), 2147483647);
  },
  "convert f64 i32": (n, o, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.min(Math.max(a[i], -2147483648), 2147483647);
  },
  // i64, word by word.
  "add i64": (n, o, a, b) => {
    for (let i = 0; i < 2 * n; i += 2) {
      const low = a[i] >>> 0;
      const sum = (low + b[i]) >>> 0;
      const carry = sum < low ? 1 : 0;
      o[i + 1] = a[i + 1] + b[i + 1] + carry;
      o[i] = sum;
    }
  },
  "sub i64": (n, o, a, b) => {
    for (let i = 0; i < 2 * n; i += 2) {
      const low = a[i] >>> 0;
      const other = b[i] >>> 0;
      const borrow = low < other ? 1 : 0;
      o[i + 1] = a[i + 1] - b[i + 1] - borrow;
      o[i] = low - other;
    }
  },
  "and i64": (n, o, a, b) => {
    for (let i = 0; i < 2 * n; i++) o[i] = a[i] & b[i];
  },
  "or i64": (n, o, a, b) => {
    for (let i = 0; i < 2 * n; i++) o[i] = a[i] | b[i];
  },
  "xor i64": (n, o, a, b) => {
    for (let i = 0; i < 2 * n; i++) o[i] = a[i] ^ b[i];
  },
  "not i64": (n, o, a) => {
    for (let i = 0; i < 2 * n; i++) o[i] = ~a[i];
  },
  "shl i64": (n, o, a, _b, _c, value) => {
    for (let i = 0; i < 2 * n; i += 2) {
      const low = value < 32 ? a[i] << value : 0;
      const high =
        value === 0 ? a[i + 1] : value < 32 ? (a[i + 1] << value) | (a[i] >>> (32 - value)) : a[i] << (value - 32);
      o[i] = low;
      o[i + 1] = high;
    }
  },
  "shrS i64": (n, o, a, _b, _c, value) => {
    for (let i = 0; i < 2 * n; i += 2) {
      const low =
        value === 0 ? a[i] : value < 32 ? (a[i] >>> value) | (a[i + 1] << (32 - value)) : a[i + 1] >> (value - 32);
      const high = value < 32 ? a[i + 1] >> value : a[i + 1] >> 31;
      o[i] = low;
      o[i + 1] = high;
    }
  },
  "shrU i64": (n, o, a, _b, _c, value) => {
    for (let i = 0; i < 2 * n; i += 2) {
      const low =
        value === 0 ? a[i] : value < 32 ? (a[i] >>> value) | (a[i + 1] << (32 - value)) : a[i + 1] >>> (value - 32);
      const high = value < 32 ? a[i + 1] >>> value : 0;
      o[i] = low;
      o[i + 1] = high;
    }
  },
  "select i64": (n, o, a, b, c) => {
    for (let i = 0; i < n; i++) {
      const chosen = a[i] ? b : c;
      const low = chosen[2 * i];
      const high = chosen[2 * i + 1];
      o[2 * i] = low;
      o[2 * i + 1] = high;
    }
  },
};
