// Draws arguments of a function, evaluates its scalar expression on them, and compares with the reference.

import { arg, type FloatType } from "../../../tensor/src/math/scalar.ts";
import { evaluateScalars } from "../../../tensor/src/reference/scalars.ts";
import { absolute, type Big, exponentOf, fromNumber, scale, subtract, toNumber } from "./big.ts";
import type { Subject } from "./functions.ts";

const FORMAT = {
  f64: { mantissa: 52, lowest: -1022, highest: 1023 },
  f32: { mantissa: 23, lowest: -126, highest: 127 },
};

/** The distance between a result and the exact value, in units of the last place at the exact value. */
function ulpError(result: number, exact: Big, type: FloatType): number {
  const { mantissa, lowest, highest } = FORMAT[type];
  if (exact.m === 0n) return result === 0 ? 0 : Number.POSITIVE_INFINITY;
  const exponent = exponentOf(exact);
  if (Number.isNaN(result)) return Number.POSITIVE_INFINITY;
  if (!Number.isFinite(result)) {
    if (result > 0 !== exact.m > 0n) return Number.POSITIVE_INFINITY;
    if (exponent > highest) return 0;
  }
  // Infinity stands for the power of two after the largest number.
  const size = Number.isFinite(result) ? fromNumber(Math.abs(result)) : scale(fromNumber(1), highest + 1);
  const unit = Math.min(highest, Math.max(lowest, exponent)) - mantissa;
  const sign = result < 0 || Object.is(result, -0) ? -1 : 1;
  const signedSize: Big = { m: BigInt(sign) * size.m, e: size.e };
  return toNumber(scale(absolute(subtract(signedSize, exact)), -unit));
}

/** Numbers in [0, 1), the same every time. */
function uniformFrom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const view = new DataView(new ArrayBuffer(8));

/** The float `steps` places after x in its format. */
function neighbour(x: number, steps: number, type: FloatType): number {
  const towards = x < 0 ? -steps : steps;
  if (type === "f64") {
    view.setFloat64(0, x);
    view.setBigInt64(0, view.getBigInt64(0) + BigInt(towards));
    return view.getFloat64(0);
  }
  view.setFloat32(0, x);
  view.setInt32(0, view.getInt32(0) + towards);
  return view.getFloat32(0);
}

function drawOne(subject: Subject, type: FloatType, uniform: () => number, kind: number): number {
  const { mantissa, lowest, highest } = FORMAT[type];
  const sign = uniform() < 0.5 ? -1 : 1;
  const { period, points } = subject;
  if (kind === 0) {
    const exponent = lowest - mantissa + uniform() * (highest + 1 - lowest + mantissa);
    return sign * 2 ** Math.max(-1074, Math.floor(exponent)) * (1 + uniform());
  }
  if (kind === 1) {
    const point = points[Math.floor(uniform() * points.length)];
    if (uniform() < 0.5)
      return point === 0
        ? sign * 2 ** -Math.floor(uniform() * 60)
        : neighbour(point, sign * Math.floor(uniform() * 8), type);
    return point + sign * 2 ** -Math.floor(uniform() * 30);
  }
  if (kind === 2 && period !== undefined) {
    const multiple = Math.floor(2 ** (uniform() * (uniform() < 0.7 ? 24 : highest - 2)));
    return sign * neighbour(multiple * period, Math.floor(uniform() * 3) - 1, type);
  }
  const ranges = subject.ranges[type];
  const [low, high] = ranges[Math.floor(uniform() * ranges.length)];
  return low + (high - low) * (uniform() + uniform() * 2 ** -32);
}

/** `count` arguments (lists of one or two) of all kinds; the same for the same seed. */
export function draw(subject: Subject, type: FloatType, count: number, seed: number): number[][] {
  const uniform = uniformFrom(seed);
  const round = type === "f32" ? Math.fround : (x: number): number => x;
  const { second, domain } = subject;
  const drawn: number[][] = [];
  for (let i = 0; drawn.length < count; i++) {
    const first = round(drawOne(subject, type, uniform, i % 4));
    if (!(first > domain[0] && first < domain[1]) || first === 0) continue;
    if (second === undefined) drawn.push([first]);
    else {
      const other = round(second(first, type, uniform));
      if (Number.isFinite(other) && other !== 0) drawn.push([first, other]);
    }
  }
  return drawn;
}

export interface Finding {
  readonly worst: number;
  readonly args: readonly number[];
  readonly result: number;
  readonly exact: number;
}

/** The largest error among `count` drawn arguments. */
export function measure(subject: Subject, type: FloatType, count: number, seed = 1): Finding {
  const drawn = draw(subject, type, count, seed);
  const operands = drawn[0].map((_, k) => arg(k, type));
  const planes = operands.map((_, k) => {
    const values = drawn.map((args) => args[k]);
    return type === "f64" ? Float64Array.from(values) : Float32Array.from(values);
  });
  const [results] = evaluateScalars([subject.build(...operands)], planes, count);
  let finding: Finding = { worst: -1, args: [], result: Number.NaN, exact: Number.NaN };
  drawn.forEach((args, i) => {
    const exact = subject.exact(...args.map(fromNumber));
    const error = ulpError(results[i], exact, type);
    if (error > finding.worst) finding = { worst: error, args, result: results[i], exact: toNumber(exact) };
  });
  return finding;
}
