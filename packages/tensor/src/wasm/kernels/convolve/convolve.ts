// Kernels of ops/convolve.ts. Which one a node gets changes no bit: all sum a result's products in the order of the taps.

import { componentsOf, type Node, sizeOf } from "../../../ops/definition.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import { floatElementOf } from "../element.ts";
import type { Address, Lowered, LoweredStep } from "../kernel.ts";
import { wordsOf } from "../tiles.ts";
import { CORRELATION_SIZES, type CorrelationSizes, correlationKernel, ROWS } from "./correlation.ts";
import { neighboursOf } from "./neighbours.ts";
import { blocksOf, OUTPUTS_SIZES, type OutputsSizes, outputsKernel, outputsOfTile, outputsScratch } from "./outputs.ts";

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

const planesOf = (node: Node): readonly (0 | 1)[] => (componentsOf(node.dtype) === 2 ? [0, 1] : [0]);

/** The step for every plane of the input. */
function perPlane(node: Node, words: readonly number[], step: Omit<LoweredStep, "addresses">): Lowered {
  return {
    steps: planesOf(node).map((plane) => ({
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
  const isSingle = node.shape[1] === node.attributes.groups;
  return isSingle ? lowerSingle(node, out) : lowerOutputs(node, out);
}

/** A convolution with one output channel in every group. */
function lowerSingle(node: Node, out: Layout): Lowered {
  const [stride, dilation] = [node.attributes.stride, node.attributes.dilation] as (readonly [number, number])[];
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const w = layoutOf(node.inputs[1].shape, node.inputs[1].dtype);
  const channelBytes = x.shape[2] * rowBytes(x);
  const along = {
    channel: channelBytes,
    row: dilation[0] * rowBytes(x),
    column: (column: number) => column * dilation[1] * x.elementBytes,
  };
  const { taps, offsets, rowOffsets, ...sizes } = tapRows(w, along);
  return lowerCorrelation(
    node,
    out,
    {
      ...sizes,
      taps,
      tapBytes: offsets[1] ?? 0,
      rows: node.shape[2],
      outputs: node.shape[1],
      outputsPerGroup: 1,
      imageBytes: x.shape[1] * channelBytes,
      groupBytes: w.shape[1] * channelBytes,
      rowBytes: stride[0] * rowBytes(x),
    },
    rowOffsets,
    stride[1],
  );
}

/** A convolution with several output channels in every group. */
function lowerOutputs(node: Node, out: Layout): Lowered {
  const [stride, dilation] = [node.attributes.stride, node.attributes.dilation] as (readonly [number, number])[];
  const groups = node.attributes.groups as number;
  const e = floatElementOf(node);
  const layout = layoutOf(node.inputs[0].shape, node.dtype);
  const x = neighboursOf(layout, stride[1], e);
  const w = layoutOf(node.inputs[1].shape, node.inputs[1].dtype);
  const channelBytes = layout.shape[2] * x.rowBytes;
  const along = {
    channel: channelBytes,
    row: dilation[0] * x.rowBytes,
    column: (column: number) => x.columnBytes(column * dilation[1]),
  };
  const { offsets, rowOffsets, ...sizes } = tapRows(w, along);
  const [batch, outputs, height, width] = node.shape;
  // Results of one column of taps lie as their operands do, so that all rows are like a single one.
  const isFlat = w.shape[3] === 1 && stride[0] === 1 && stride[1] === 1;
  const blocks = isFlat ? blocksOf(1, ((height - 1) * out.pitch + width) * e.bytes) : blocksOf(height, width * e.bytes);
  const outputsPerGroup = outputs / groups;
  const tile = outputsOfTile(outputsPerGroup);
  const all: OutputsSizes = {
    ...sizes,
    ...blocks,
    tiles: Math.ceil(outputsPerGroup / tile),
    groups,
    outputsPerGroup,
    imageBytes: layout.shape[1] * channelBytes,
    groupBytes: w.shape[1] * channelBytes,
    rowBytes: stride[0] * x.rowBytes,
    outRowBytes: rowBytes(out),
    outPlaneBytes: height * rowBytes(out),
  };
  const taps = sizeOf(w.shape.slice(1));
  const units = batch * groups * all.tiles * blocks.rowBlocks * blocks.spans;
  const planes = planesOf(node);
  const steps = planes.flatMap((plane): LoweredStep[] => {
    const given: Address = { of: "input", index: 0, plane };
    const copy: Address = { of: "temporary", index: plane };
    return [
      ...x.copy(given, copy),
      {
        kernel: outputsKernel(e, tile),
        addresses: [
          stride[1] === 1 ? given : copy,
          { of: "input", index: 1 },
          { of: "output", plane },
          { of: "table", index: 0 },
        ],
        units,
        scratchBytes: outputsScratch(e, tile, taps, blocks),
        unitCost: 30 + (sizeOf(node.shape) * taps * e.bytes) / units / 80,
      },
    ];
  });
  const table = wordsOf([...OUTPUTS_SIZES.map((name) => all[name]), ...offsets, ...rowOffsets]);
  return { steps, temporaries: stride[1] === 1 ? [] : planes.map(() => x.planeBytes), tables: [table] };
}

interface TapRows {
  /** Taps of a row, and rows. */
  readonly taps: number;
  readonly tapRows: number;
  /** Where the operands of a row's taps lie, and those of the rows' first taps, in bytes. */
  readonly offsets: readonly number[];
  readonly rowOffsets: readonly number[];
  readonly weightBytes: number;
  readonly weightTapBytes: number;
  readonly weightRowBytes: number;
}

/**
 * A weight's taps as rows of evenly spaced ones, better long: along its columns; down its rows, if it has one column; along its
 * channels, if each has one tap. `along`: bytes from operand to operand.
 */
function tapRows(
  w: Layout,
  along: { readonly channel: number; readonly row: number; readonly column: (column: number) => number },
): TapRows {
  const [, channels, rows, columns] = w.shape;
  const each = (count: number, offset: (i: number) => number): number[] =>
    Array.from({ length: count }, (_, i) => offset(i));
  const channelOffsets = each(channels, (i) => i * along.channel);
  const rowsOffsets = each(rows, (i) => i * along.row);
  const weightRow = rowBytes(w);
  const make = (offsets: number[], rowOffsets: number[], weightTapBytes: number, weightRowBytes: number): TapRows => ({
    taps: offsets.length,
    tapRows: rowOffsets.length,
    offsets,
    rowOffsets,
    weightBytes: channels * rows * weightRow,
    weightTapBytes,
    weightRowBytes,
  });
  if (rows * columns === 1) return make(channelOffsets, [0], weightRow, 0);
  if (columns === 1) return make(rowsOffsets, channelOffsets, weightRow, rows * weightRow);
  const rowOffsets = channelOffsets.flatMap((channel) => rowsOffsets.map((row) => channel + row));
  return make(each(columns, along.column), rowOffsets, w.elementBytes, weightRow);
}
