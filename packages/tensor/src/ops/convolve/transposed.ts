// The adjoint of a convolution in its input, made of ops: the derivative of conv2d, and transposed convolutions.
//
// Result element i of an axis is the sum of w[r] g[y] over all taps r and positions y with y stride + r dilation = i + offset.
// The results i = a, a + stride, a + 2 stride ... (a below the stride) meet every so many taps only, and together they are a
// plain correlation with these taps, turned around. So each such part is computed by itself and then put in its place: no
// product is made with zeros between the elements of g. A part that meets no tap is zero.

import { type IndexTable, spreadTable } from "../../math/indexTables.ts";
import type { Node, Ops } from "../definition.ts";

/** One axis of a transposed convolution. */
export interface TransposedAxis {
  readonly stride: number;
  readonly dilation: number;
  /** Result elements that the full result has before the first one wanted. */
  readonly offset: number;
  /** Result elements wanted. */
  readonly length: number;
}

/** The results a, a + stride ... of an axis. */
interface Part {
  /** Its taps: the last one, the distance between them, their number. */
  readonly lastTap: number;
  readonly tapStep: number;
  readonly taps: number;
  readonly dilation: number;
  /** Zeros before g (fewer than none: elements of g that are left out). */
  readonly before: number;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The part of an axis that begins with result `first`; null if it meets none of the taps. */
function partOf({ stride, dilation, offset }: TransposedAxis, taps: number, first: number): Part | null {
  const common = gcd(stride, dilation);
  const tapStep = stride / common;
  let firstTap = 0;
  while (firstTap < Math.min(taps, tapStep) && (first + offset - firstTap * dilation) % stride !== 0) firstTap++;
  if (firstTap >= Math.min(taps, tapStep)) return null;
  const count = Math.floor((taps - 1 - firstTap) / tapStep) + 1;
  const between = dilation / common;
  // With the first tap, result `first` meets this element of g.
  const element = (first + offset - firstTap * dilation) / stride;
  return {
    lastTap: firstTap + (count - 1) * tapStep,
    tapStep,
    taps: count,
    dilation: between,
    before: (count - 1) * between - element,
  };
}

/** Which element of parts of `count` elements, one after the other, is element i of an axis. */
function placeTable(places: readonly number[], count: number, { stride, length }: TransposedAxis): IndexTable {
  const starts = new Int32Array(length + 1);
  const indices: number[] = [];
  for (let i = 0; i < length; i++) {
    const part = places.indexOf(i % stride);
    if (part >= 0) indices.push(part * count + Math.floor(i / stride));
    starts[i + 1] = indices.length;
  }
  return { starts, indices: Int32Array.from(indices) };
}

/** Where so many parts would each be a convolution of one tap, all are one: patches side by side that do not overlap. */
const MANY_PARTS = 64;

const arePatches = (axes: readonly TransposedAxis[], taps: readonly number[]): boolean =>
  axes.every(({ stride, dilation, offset }, i) => stride === taps[i] && dilation === 1 && offset === 0) &&
  axes[0].stride * axes[1].stride >= MANY_PARTS;

/** The patches of all elements of g, whose taps are output channels of one convolution, put side by side. */
function patches(ops: Ops, g: Node, exchanged: Node, groups: number): Node {
  const [channels, share, rows, columns] = exchanged.shape;
  const [batch, , height, width] = g.shape;
  const weight = ops.reshape(ops.permute(exchanged, [0, 2, 3, 1]), [channels * rows * columns, share, 1, 1]);
  const parts = ops.reshape(ops.conv2d(g, weight, { groups }), [batch, channels, rows, columns, height, width]);
  return ops.reshape(ops.permute(parts, [0, 1, 4, 2, 5, 3]), [batch, channels, height * rows, width * columns]);
}

/** Cuts off what is beyond the lengths wanted, or fills up with zeros. */
function fitted(ops: Ops, x: Node, axes: readonly TransposedAxis[]): Node {
  return axes.reduce((y, { length }, i) => {
    if (y.shape[2 + i] === length) return y;
    const { starts, indices } = spreadTable(y.shape[2 + i], 1, 0, length);
    return ops.gatherSum(y, 2 + i, starts, indices);
  }, x);
}

/** A weight [groups * channels, share, rows, columns] of one [groups * share, channels, rows, columns]. */
function withExchangedChannels(ops: Ops, weight: Node, groups: number): Node {
  const [outputs, channels, ...taps] = weight.shape;
  const share = outputs / groups;
  // As a matrix, which the kernel reads as it lies (wasm/kernels/convolve/convolve.ts).
  if (groups * taps[0] * taps[1] === 1) {
    return ops.reshape(ops.permute(ops.reshape(weight, [share, channels]), [1, 0]), [channels, share, 1, 1]);
  }
  const split = ops.permute(ops.reshape(weight, [groups, share, channels, ...taps]), [0, 2, 1, 3, 4]);
  return ops.reshape(split, [groups * channels, share, ...taps]);
}

/**
 * The adjoint of `conv2d` with `weight` [groups * share, channels, rows, columns], applied to g [batch, groups * share, height,
 * width]. Result [batch, groups * channels, axes[0].length, axes[1].length].
 */
export function transposedConvolution(
  ops: Ops,
  g: Node,
  weight: Node,
  axes: readonly [TransposedAxis, TransposedAxis],
  groups: number,
): Node {
  const [outputs, channels, ...taps] = weight.shape;
  const share = outputs / groups;
  const exchanged = withExchangedChannels(ops, weight, groups);
  if (arePatches(axes, taps)) return fitted(ops, patches(ops, g, exchanged, groups), axes);
  const counts = axes.map(({ length, stride }) => Math.ceil(length / stride));
  const parts = axes.map((axis, i) =>
    Array.from({ length: Math.min(axis.stride, axis.length) }, (_, first) => partOf(axis, taps[i], first)),
  );
  const room = (x: Node, part: Part, i: number): Node => {
    const length = counts[i] + (part.taps - 1) * part.dilation;
    if (part.before === 0 && length === x.shape[2 + i]) return x;
    const { starts, indices } = spreadTable(x.shape[2 + i], 1, part.before, length);
    return ops.gatherSum(x, 2 + i, starts, indices);
  };
  /** Puts the parts that there are into their places along an axis. */
  const together = (xs: readonly (Node | null)[], i: number): Node | null => {
    const places = xs.flatMap((x, first) => (x === null ? [] : [first]));
    if (places.length === 0) return null;
    const all = ops.concat(
      xs.filter((x) => x !== null),
      2 + i,
    );
    if (axes[i].stride === 1) return all;
    const { starts, indices } = placeTable(places, counts[i], axes[i]);
    return ops.gatherSum(all, 2 + i, starts, indices);
  };
  const columns = parts[1].map((across) => {
    if (across === null) return null;
    const wide = room(g, across, 1);
    const rows = parts[0].map((down) => {
      if (down === null) return null;
      const turned =
        taps[0] * taps[1] === 1
          ? exchanged
          : ops.slice(
              exchanged,
              [0, 0, down.lastTap, across.lastTap],
              [groups * channels, share, down.taps, across.taps],
              [1, 1, -down.tapStep, -across.tapStep],
            );
      return ops.conv2d(room(wide, down, 0), turned, { dilation: [down.dilation, across.dilation], groups });
    });
    return together(rows, 0);
  });
  return together(columns, 1) ?? ops.full([g.shape[0], groups * channels, axes[0].length, axes[1].length], 0, g.dtype);
}
