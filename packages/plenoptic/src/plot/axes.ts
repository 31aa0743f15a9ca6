/**
 * Linear and logarithmic axes: scale, ticks and their labels (scales and tick choice by d3-scale). Ticks of a
 * logarithmic axis are written 1e-3.
 */

import { format } from "d3-format";
import { scaleLinear, scaleLog } from "d3-scale";

const EXPONENTIAL = format(".10~e");

/** An axis with smaller or larger numbers has them with exponents. */
const LEAST_PLAIN = 1e-3;
const MOST_PLAIN = 1e6;

/** Least distance of two decades for ticks between the labelled ones. */
const MINOR_SPACING = 6;

export interface Axis {
  readonly scale: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
  /** Unlabelled ticks between the labelled ones. */
  readonly minor: readonly number[];
}

/** What an axis should cover; `format` is a d3-format specifier for the labels of a linear axis. */
export interface AxisSpec {
  readonly kind: "linear" | "log";
  /** Lowest and highest value; both positive for "log". Widened where they coincide. */
  readonly domain: readonly [number, number];
  readonly format?: string;
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
}

/** The axis on the pixel positions from `start` (lowest value) to `end`; about one tick every `spacing` pixels. */
export function makeAxis(spec: AxisSpec, start: number, end: number, spacing: number): Axis {
  const count = Math.max(2, Math.floor(Math.abs(end - start) / spacing));
  return spec.kind === "log" ? logAxis(spec, start, end, count) : linearAxis(spec, start, end, count);
}

function linearAxis(spec: AxisSpec, start: number, end: number, count: number): Axis {
  const [low, high] = spec.domain;
  const scale = scaleLinear(low < high ? [low, high] : [low, low + 1], [start, end]);
  const ticks = scale.ticks(count).filter((tick) => spec.whole !== true || Number.isInteger(tick));
  const write = scale.tickFormat(count, spec.format);
  // As 0.0000004 a number has no size that can be seen at a glance.
  const most = ticks.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0);
  const isFar = spec.format === undefined && most > 0 && (most < LEAST_PLAIN || most >= MOST_PLAIN);
  const label = (value: number): string => (isFar ? (value === 0 ? "0" : exponential(value)) : write(value));
  return { scale, ticks: ticks.map((value) => ({ value, label: label(value) })), minor: [] };
}

function logAxis(spec: AxisSpec, start: number, end: number, count: number): Axis {
  const [low, high] = spec.domain;
  // A margin of 4 % at both ends, so that no line runs along the frame.
  const inset = (end - start) * 0.04;
  const inner = scaleLog(low < high ? [low, high] : [asPositive(low / 2), asPositive(low * 2)], [
    start + inset,
    end - inset,
  ]);
  const bottom = asPositive(inner.invert(start));
  const top = asPositive(inner.invert(end));
  const scale = scaleLog([bottom, top], [start, end]);

  const decades = multiples([1], bottom, top);
  let labelled = decades;
  let minor = multiples([2, 3, 4, 5, 6, 7, 8, 9], bottom, top);
  if (decades.length > count) {
    const step = Math.ceil(decades.length / count);
    labelled = decades.filter((tick) => exponent(tick) % step === 0);
    minor = decades;
  } else if (decades.length < 2) {
    labelled = multiples([1, 2, 5], bottom, top);
    if (labelled.length < 2) labelled = scaleLinear([bottom, top], [start, end]).ticks(Math.min(count, 4));
  }
  const roomy = decades.length * MINOR_SPACING <= Math.abs(end - start);
  return {
    scale,
    ticks: labelled.map((value) => ({ value, label: exponential(value) })),
    minor: roomy ? minor.filter((tick) => !labelled.includes(tick)) : [],
  };
}

/** The numbers d * 10^k from `bottom` to `top` for the given digits d, in increasing order. */
function multiples(digits: readonly number[], bottom: number, top: number): number[] {
  const found: number[] = [];
  for (let k = exponent(bottom); k <= exponent(top); k++) {
    for (const digit of digits) {
      // Read from text, as 10^k has no exact arithmetic.
      const value = Number(`${digit}e${k}`);
      if (value >= bottom && value <= top) found.push(value);
    }
  }
  return found;
}

/** A positive number as 1e-3, 2.5e4. */
function exponential(value: number): string {
  return EXPONENTIAL(value).replace("e+", "e");
}

/** Keeps a positive number off 0 and infinity, which a logarithmic scale cannot take. */
function asPositive(value: number): number {
  return Math.min(Math.max(value, Number.MIN_VALUE), Number.MAX_VALUE);
}

function exponent(value: number): number {
  return Number(value.toExponential().split("e")[1]);
}
