// The cotangent of a convolution's weight: tap (r, c) is the sum of g[y, x] times the input at (y stride + r dilation,
// x stride + c dilation) over all positions (y, x) of all images.
//
// The order of summation: rows of positions are cut into pieces of 512 columns, and as many whole rows as have 512 positions or
// fewer (one, if it has more) are one block; a wide row's pieces are blocks of their own. In a block, column j of a piece belongs
// to lane j mod 2 (float64) or j mod 4 (float32). Each lane adds its products row by row, from +0; the lanes are added in a
// balanced tree, and the blocks left to right. So vectors run along the rows of both operands as they lie in memory.

import { addTree, BLOCK, lanesOf } from "../../math/summation.ts";
import { allocate, type KernelDefinition, type Node, type Operand, sizeOf } from "../definition.ts";
import { oneOf, ShapeError, sameShape, shapeText } from "../rules.ts";
import { transposedConvolution } from "./transposed.ts";

interface WeightAttributes {
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** Rows and columns of the weight. */
  readonly size: readonly [number, number];
}

/** Positions that a block has: pieces of rows of `columns` positions each, as many as fit. */
export function positionBlocks(columns: number): { readonly pieces: number; readonly rowsOfBlock: number } {
  return { pieces: Math.ceil(columns / BLOCK), rowsOfBlock: Math.max(1, Math.floor(BLOCK / columns)) };
}

function check(x: Operand, g: Operand, { stride, dilation, groups, size }: WeightAttributes): void {
  const isPair = (pair: readonly number[]): boolean =>
    pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 1);
  if (![stride, dilation, size].every(isPair) || !Number.isInteger(groups) || groups < 1) {
    throw new RangeError("conv2dWeight: stride, dilation and size must be two integers from 1 on, and groups one");
  }
  if (x.shape.length === 4 && g.shape.length === 4) {
    const [batch, channels, ...sides] = x.shape;
    const results = sides.map((n, i) => Math.floor((n - (size[i] - 1) * dilation[i] - 1) / stride[i]) + 1);
    const fits = sameShape(g.shape, [batch, g.shape[1], ...results]) && results.every((n) => n >= 1);
    if (fits && channels % groups === 0 && g.shape[1] % groups === 0) return;
  }
  throw new ShapeError(
    `conv2dWeight: the input is ${shapeText(x.shape)} and the results are ${shapeText(g.shape)}; they must be those of a ` +
      `conv2d of ${groups} groups with ${shapeText(size)} taps, stride ${shapeText(stride)} and dilation ${shapeText(dilation)}`,
  );
}

/**
 * Operands: x [batch, channels, height, width], and g with the shape that `conv2d` of x has. Attributes: `stride` and `dilation`
 * [vertical, horizontal], `groups`, and `size`, the weight's rows and columns. Result [outputs, channels / groups, ...size].
 */
export const conv2dWeight: KernelDefinition = {
  kind: "kernel",
  name: "conv2dWeight",
  arity: 2,
  attributes: { stride: "integers", dilation: "integers", groups: "integer", size: "integers" },
  cost: ({ inputs: [, g], shape }) => sizeOf(g.shape) * sizeOf(shape.slice(1)),
  infer([x, g], attributes) {
    const a = attributes as unknown as WeightAttributes;
    oneOf("conv2dWeight", x.dtype, ["float32", "float64"]);
    oneOf("conv2dWeight", g.dtype, [x.dtype]);
    check(x, g, a);
    return { shape: [g.shape[1], x.shape[1] / a.groups, ...a.size], dtype: x.dtype };
  },
  evaluate([x, g], node) {
    const { stride, dilation, groups } = node.attributes as unknown as WeightAttributes;
    const [outputs, channels, tapRows, tapColumns] = node.shape;
    const [batch, , height, width] = g.shape;
    const out = allocate(node.dtype, node.shape);
    const { pieces, rowsOfBlock } = positionBlocks(width);
    const Plane = out.re.constructor as Float64ArrayConstructor;
    const lanes = lanesOf(out.re.BYTES_PER_ELEMENT as 4 | 8);
    const lane = new Plane(lanes);
    const product = new Plane(1);
    out.re.forEach((_, i) => {
      const column = i % tapColumns;
      const row = Math.floor(i / tapColumns) % tapRows;
      const output = Math.floor(i / (tapColumns * tapRows * channels));
      const group = Math.floor(output / (outputs / groups));
      const channel = group * channels + (Math.floor(i / (tapColumns * tapRows)) % channels);
      for (let first = 0; first < batch * height; first += rowsOfBlock) {
        for (let piece = 0; piece < pieces; piece++) {
          lane.fill(0);
          for (let line = first; line < Math.min(batch * height, first + rowsOfBlock); line++) {
            const [b, y] = [Math.floor(line / height), line % height];
            const source = (b * x.shape[1] + channel) * x.shape[2] + y * stride[0] + row * dilation[0];
            const from = source * x.shape[3] + column * dilation[1];
            const at = ((b * outputs + output) * height + y) * width;
            for (let j = piece * BLOCK; j < Math.min(width, (piece + 1) * BLOCK); j++) {
              product[0] = g.re[at + j] * x.re[from + j * stride[1]];
              lane[j & (lanes - 1)] += product[0];
            }
          }
          const sum = addTree(lane, lanes);
          out.re[i] = first + piece === 0 ? sum : out.re[i] + sum;
        }
      }
    });
    return out;
  },
  vjp(ops, node, cotangent) {
    const { stride, dilation, groups } = node.attributes as unknown as WeightAttributes;
    const [x, g] = node.inputs;
    const axes = [0, 1].map((i) => ({ stride: stride[i], dilation: dilation[i], offset: 0, length: x.shape[2 + i] }));
    return [
      transposedConvolution(ops, g, cotangent, [axes[0], axes[1]], groups),
      ops.conv2d(x, cotangent, { stride, dilation, groups }),
    ];
  },
  jvp(ops, node, [dx, dg]) {
    const [x, g] = node.inputs;
    const { size, ...options } = node.attributes as unknown as WeightAttributes;
    const terms = [
      dx === null ? null : ops.conv2dWeight(dx, g, size, options),
      dg === null ? null : ops.conv2dWeight(x, dg, size, options),
    ].filter((term): term is Node => term !== null);
    return terms.length === 0 ? null : terms.reduce((a, b) => ops.add(a, b));
  },
};
