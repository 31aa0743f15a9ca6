// The steps of correlate1d and conv2d (ops/convolve.ts). Both run one kernel: they differ in where taps and operands lie.

import { componentsOf, type Node, sizeOf } from "../../../ops/definition.ts";
import { sameShape } from "../../../ops/rules.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import { floatElementOf } from "../element.ts";
import type { Address, Lowered, LoweredStep } from "../kernel.ts";
import { wordsOf } from "../tiles.ts";
import { neighboursOf } from "./neighbours.ts";
import {
  blocksOf,
  CONVOLUTION_SIZES,
  type ConvolutionSizes,
  convolutionKernel,
  outputsOfTile,
  scratchOf,
} from "./shiftedRows.ts";

const NOTHING: Lowered = { steps: [], temporaries: [], tables: [] };

/** The taps of an output, as rows of taps. */
interface TapRows {
  /** Where the operands of a row's taps lie, and those of the rows' first taps, in bytes. */
  readonly offsets: readonly number[];
  readonly rowOffsets: readonly number[];
  readonly weightTapBytes: number;
  readonly weightRowBytes: number;
}

/** Where operands and results lie. */
interface Places
  extends Pick<
    ConvolutionSizes,
    "groups" | "outputsPerGroup" | "imageBytes" | "groupBytes" | "rowBytes" | "weightBytes" | "rows" | "width"
  > {
  readonly images: number;
  /** The stride along rows. */
  readonly stride: number;
}

/** The step for every plane of the input, after what brings its operands together. */
function stepsOf(node: Node, x: Layout, { images, stride, ...places }: Places, taps: TapRows): Lowered {
  const e = floatElementOf(node);
  const out = layoutOf(node.shape, node.dtype);
  const outRowBytes = rowBytes(out);
  const outputs = outputsOfTile(places.outputsPerGroup);
  const { offsets, rowOffsets, ...weights } = taps;
  const sizes: ConvolutionSizes = {
    ...places,
    ...weights,
    ...blocksOf(places.rows, places.width, outputs),
    tiles: Math.ceil(places.outputsPerGroup / outputs),
    outRowBytes,
    outPlaneBytes: (out.rows / (images * places.groups * places.outputsPerGroup)) * outRowBytes,
    taps: offsets.length,
    tapRows: rowOffsets.length,
  };
  const count = offsets.length * rowOffsets.length;
  const units = images * places.groups * sizes.tiles * sizes.rowBlocks * sizes.spans;
  const neighbours = neighboursOf(x, stride, e);
  const planes: readonly (0 | 1)[] = componentsOf(node.dtype) === 2 ? [0, 1] : [0];
  const steps = planes.flatMap((plane): LoweredStep[] => {
    const given: Address = { of: "input", index: 0, plane };
    const copy: Address = { of: "temporary", index: plane };
    return [
      ...neighbours.copy(given, copy),
      {
        kernel: convolutionKernel(e, outputs),
        addresses: [
          stride === 1 ? given : copy,
          { of: "input", index: 1 },
          { of: "output", plane },
          { of: "table", index: 0 },
        ],
        units,
        scratchBytes: scratchOf(e, outputs, count, sizes),
        unitCost: 50 + (sizeOf(node.shape) * count * e.bytes) / units / (outputs === 1 ? 40 : 80),
      },
    ];
  });
  const table = wordsOf([...CONVOLUTION_SIZES.map((name) => sizes[name]), ...offsets, ...rowOffsets]);
  return { steps, temporaries: stride === 1 ? [] : planes.map(() => neighbours.planeBytes), tables: [table] };
}

/** Steps of a correlate1d node. */
export function lowerCorrelate1d(node: Node): Lowered {
  const axis = node.attributes.axis as number;
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const out = layoutOf(node.shape, node.dtype);
  if (out.rows === 0) return NOTHING;
  const isLast = axis === node.shape.length - 1;
  // Along the last axis all rows make one image. Else every index before the axis has one of its own; from tap to tap it is as
  // many rows down as lie between neighbours along the axis.
  const inner = sizeOf(node.shape.slice(axis + 1, -1));
  const rows = isLast ? out.rows : node.shape[axis] * inner;
  const tapBytes = isLast ? x.elementBytes : inner * rowBytes(x);
  const places: Places = {
    images: out.rows / rows,
    groups: 1,
    outputsPerGroup: 1,
    imageBytes: isLast ? 0 : x.shape[axis] * tapBytes,
    groupBytes: 0,
    rowBytes: rowBytes(x),
    weightBytes: 0,
    rows,
    width: out.columns * out.elementBytes,
    stride: 1,
  };
  const offsets = multiples(node.inputs[1].shape[0], tapBytes);
  return stepsOf(node, x, places, { offsets, rowOffsets: [0], weightTapBytes: x.elementBytes, weightRowBytes: 0 });
}

/**
 * What conv2d's kernel reads instead of its operands: of a weight of one tap a channel, the matrix that it is a reshape of. Its own rows
 * would have one element each, and be padded to whole vectors.
 */
export function matrixOperands({ inputs }: Node): readonly Node[] {
  const [x, w] = inputs;
  const [outputs, channels, rows, columns] = w.shape;
  if (rows * columns !== 1 || w.op.kind !== "view" || w.op.elements !== "in order") return inputs;
  const [matrix] = w.inputs;
  return sameShape(matrix.shape, [outputs, channels]) ? [x, matrix] : inputs;
}

/** Steps of a conv2d node. */
export function lowerConv2d(node: Node, { operands: [, weight] } = { operands: node.inputs }): Lowered {
  const out = layoutOf(node.shape, node.dtype);
  if (out.rows === 0) return NOTHING;
  const [stride, dilation] = [node.attributes.stride, node.attributes.dilation] as (readonly [number, number])[];
  const groups = node.attributes.groups as number;
  const e = floatElementOf(node);
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const w = layoutOf(weight.shape, weight.dtype);
  const [, channels, tapRowCount, tapColumns] = node.inputs[1].shape;
  const [batch, outputs, height, width] = node.shape;
  const operands = neighboursOf(x, stride[1], e);
  const channelBytes = x.shape[2] * operands.rowBytes;
  const outputsPerGroup = outputs / groups;
  // Results of one column of taps lie as their operands do, so that all rows are like a single one.
  const isFlat = tapColumns === 1 && stride[0] === 1 && stride[1] === 1 && outputsPerGroup > 1;
  const places: Places = {
    images: batch,
    groups,
    outputsPerGroup,
    imageBytes: x.shape[1] * channelBytes,
    groupBytes: channels * channelBytes,
    rowBytes: stride[0] * operands.rowBytes,
    weightBytes: weight.shape.length === 2 ? rowBytes(w) : channels * tapRowCount * rowBytes(w),
    rows: isFlat ? 1 : height,
    width: (isFlat ? (height - 1) * out.pitch + width : width) * e.bytes,
    stride: stride[1],
  };
  const taps = tapRows(w, {
    channel: channelBytes,
    row: dilation[0] * operands.rowBytes,
    columns: (i) => operands.columnBytes(i * dilation[1]),
  });
  return stepsOf(node, x, places, taps);
}

const multiples = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => i * step);

/**
 * A weight's taps as rows: along its columns; down its rows, if it has one column; along its channels, if each has one tap. A weight
 * that is a matrix has one tap a channel.
 * `along`: bytes from operand to operand.
 */
function tapRows(
  w: Layout,
  along: { readonly channel: number; readonly row: number; readonly columns: (column: number) => number },
): TapRows {
  const [, channels, rows = 1, columns = 1] = w.shape;
  const isMatrix = w.shape.length === 2;
  const weightRow = isMatrix ? w.elementBytes : rowBytes(w);
  const channelOffsets = multiples(channels, along.channel);
  const rowOffsets = multiples(rows, along.row);
  if (rows * columns === 1) {
    return { offsets: channelOffsets, rowOffsets: [0], weightTapBytes: weightRow, weightRowBytes: 0 };
  }
  if (columns === 1) {
    const weightRowBytes = rows * weightRow;
    return { offsets: rowOffsets, rowOffsets: channelOffsets, weightTapBytes: weightRow, weightRowBytes };
  }
  return {
    offsets: Array.from({ length: columns }, (_, i) => along.columns(i)),
    rowOffsets: channelOffsets.flatMap((channel) => rowOffsets.map((row) => channel + row)),
    weightTapBytes: w.elementBytes,
    weightRowBytes: weightRow,
  };
}
