// Kernels of ops/convolve.ts. Which one a node gets changes no bit: all sum a result's products in the order of the taps.

import { componentsOf, type Node, sizeOf } from "../../../ops/definition.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import { floatElementOf } from "../element.ts";
import type { Lowered, LoweredStep } from "../kernel.ts";
import { wordsOf } from "../tiles.ts";
import { CORRELATION_SIZES, type CorrelationSizes, correlationKernel, ROWS } from "./correlation.ts";
import {
  blocksOf,
  OUTPUTS_SIZES,
  type OutputsSizes,
  outputsKernel,
  outputsOfTile,
  outputsScratch,
} from "./outputs.ts";

/** Steps with the kernel for one output; `tapOffsets` are the tap rows' offsets in bytes. */
function lowerCorrelation(
  node: Node,
  out: Layout,
  sizes: Omit<CorrelationSizes, "unitsPerPlane" | "outRowBytes" | "width" | "tapRows">,
  tapOffsets: readonly number[],
  stride: number,
): Lowered {
  if (out.rows === 0) return { steps: [], temporaries: [], tables: [] };
  const e = floatElementOf(node);
  const unitsPerPlane = Math.ceil(sizes.rows / ROWS);
  const width = out.columns * e.bytes;
  const all: CorrelationSizes = {
    ...sizes,
    unitsPerPlane,
    outRowBytes: rowBytes(out),
    width,
    tapRows: tapOffsets.length,
  };
  const words = [...CORRELATION_SIZES.map((name) => all[name]), ...tapOffsets];
  const units = (out.rows / sizes.rows) * unitsPerPlane;
  const products = (out.rows * out.columns * tapOffsets.length * sizes.taps) / units;
  const kernel = correlationKernel(e, stride);
  return perPlane(node, words, { kernel, units, scratchBytes: 0, unitCost: 30 + (products * e.bytes) / 40 });
}

/** The step for every plane of the input. */
function perPlane(node: Node, words: readonly number[], step: Omit<LoweredStep, "addresses">): Lowered {
  const planes = componentsOf(node.dtype) === 2 ? ([0, 1] as const) : ([0] as const);
  return {
    steps: planes.map((plane) => ({
      ...step,
      addresses: [
        { of: "input", index: 0, plane },
        { of: "input", index: 1 },
        { of: "output", plane },
        { of: "table", index: 0 },
      ],
    })),
    temporaries: [],
    tables: [wordsOf(words)],
  };
}

/** Steps of a correlate1d node. */
export function lowerCorrelate1d(node: Node): Lowered {
  const axis = node.attributes.axis as number;
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const out = layoutOf(node.shape, node.dtype);
  const [taps] = node.inputs[1].shape;
  const common = {
    outputs: 1,
    outputsPerGroup: 1,
    groupBytes: 0,
    rowBytes: rowBytes(x),
    weightBytes: 0,
    taps,
    weightTapBytes: x.elementBytes,
    weightRowBytes: 0,
  };
  if (axis === node.shape.length - 1) {
    // All rows make one plane.
    return lowerCorrelation(node, out, { ...common, rows: out.rows, imageBytes: 0, tapBytes: x.elementBytes }, [0], 1);
  }
  // Every index before the axis has a plane of its own; from tap to tap it is as many rows down as lie between
  // neighbours along the axis.
  const inner = sizeOf(node.shape.slice(axis + 1, -1));
  const tapBytes = inner * rowBytes(x);
  const sizes = { ...common, rows: node.shape[axis] * inner, imageBytes: x.shape[axis] * tapBytes, tapBytes };
  return lowerCorrelation(node, out, sizes, [0], 1);
}

/** Steps of a conv2d node. */
export function lowerConv2d(node: Node): Lowered {
  const out = layoutOf(node.shape, node.dtype);
  if (out.rows === 0) return { steps: [], temporaries: [], tables: [] };
  const [stride, dilation] = [node.attributes.stride, node.attributes.dilation] as (readonly [number, number])[];
  const groups = node.attributes.groups as number;
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const w = layoutOf(node.inputs[1].shape, node.inputs[1].dtype);
  const [outputs, channels, rows, columns] = w.shape;
  const channelBytes = x.shape[2] * rowBytes(x);
  const tapRowBytes = dilation[0] * rowBytes(x);
  const { taps, tapOffsets } = tapRows(w, channelBytes, tapRowBytes, dilation[1] * x.elementBytes);
  const outputsPerGroup = outputs / groups;
  const sizes = {
    ...taps,
    outputsPerGroup,
    imageBytes: x.shape[1] * channelBytes,
    groupBytes: channels * channelBytes,
    rowBytes: stride[0] * rowBytes(x),
    weightBytes: channels * rows * rowBytes(w),
  };
  if (outputsPerGroup === 1) {
    return lowerCorrelation(node, out, { ...sizes, rows: node.shape[2], outputs }, tapOffsets, stride[1]);
  }

  const e = floatElementOf(node);
  const [batch, , height, width] = node.shape;
  // Results of one column of taps lie as their operands do, so that all rows are like a single one.
  const isFlat = columns === 1 && stride[0] === 1 && stride[1] === 1;
  const blocks = isFlat
    ? blocksOf(1, ((height - 1) * out.pitch + width) * e.bytes)
    : blocksOf(height, width * e.bytes);
  const tile = outputsOfTile(outputsPerGroup);
  const all: OutputsSizes = {
    ...sizes,
    ...blocks,
    tiles: Math.ceil(outputsPerGroup / tile),
    groups,
    outRowBytes: rowBytes(out),
    outPlaneBytes: height * rowBytes(out),
    tapRows: tapOffsets.length,
  };
  const tapCount = channels * rows * columns;
  const units = batch * groups * all.tiles * blocks.rowBlocks * blocks.spans;
  const products = (sizeOf(node.shape) * tapCount) / units;
  return perPlane(node, [...OUTPUTS_SIZES.map((name) => all[name]), ...tapOffsets], {
    kernel: outputsKernel(e, tile, stride[1]),
    units,
    scratchBytes: outputsScratch(e, tile, tapCount),
    unitCost: 30 + (products * e.bytes) / 80,
  });
}

type TapSizes = Pick<CorrelationSizes, "taps" | "tapBytes" | "weightTapBytes" | "weightRowBytes">;

/**
 * A weight's taps as rows of evenly spaced ones, better long: along its columns; down its rows, if it has one column; along its
 * channels, if each has one tap.
 */
function tapRows(
  w: Layout,
  channelBytes: number,
  rowBytesOfTaps: number,
  columnBytes: number,
): { taps: TapSizes; tapOffsets: number[] } {
  const [, channels, rows, columns] = w.shape;
  const weightRow = rowBytes(w);
  const each = (count: number, bytes: number): number[] => Array.from({ length: count }, (_, i) => i * bytes);
  if (columns === 1 && rows === 1) {
    const taps = { taps: channels, tapBytes: channelBytes, weightTapBytes: weightRow, weightRowBytes: 0 };
    return { taps, tapOffsets: [0] };
  }
  if (columns === 1) {
    const weightRowBytes = rows * weightRow;
    const taps = { taps: rows, tapBytes: rowBytesOfTaps, weightTapBytes: weightRow, weightRowBytes };
    return { taps, tapOffsets: each(channels, channelBytes) };
  }
  const taps = { taps: columns, tapBytes: columnBytes, weightTapBytes: w.elementBytes, weightRowBytes: weightRow };
  const offsets = each(channels, channelBytes).flatMap((channel) =>
    each(rows, rowBytesOfTaps).map((row) => channel + row),
  );
  return { taps, tapOffsets: offsets };
}
