// The kernel of ops/concat.ts: rows are copied.

import { type Node, sizeOf } from "../../../ops/definition.ts";
import { layoutOf, rowBytes } from "../../layout.ts";
import type { Kernel, Lowered, LoweredStep } from "../kernel.ts";
import { wordsOf } from "../tiles.ts";
import { perPlane, UNIT_OVERHEAD, unitKernel } from "./units.ts";

/** Copies rows: words are rows of a group, bytes from group to group in the output, row bytes in and out, width. */
const copyRows: Kernel = unitKernel("copyRows", (f, unit, { x, out, word }) => {
  const [perGroup, groupBytes, inRow, outRow, width] = [0, 1, 2, 3, 4].map(word);
  const group = f.op("i32.mul", f.op("i32.div_u", unit, perGroup), groupBytes);
  const row = f.op("i32.mul", f.op("i32.rem_u", unit, perGroup), outRow);
  const to = f.op("i32.add", out, f.op("i32.add", group, row));
  f.memoryCopy(to, f.op("i32.add", x, f.op("i32.mul", unit, inRow)), width);
});

/** Steps of a concat node: one for every plane of every operand that is not empty. */
export function lowerConcat(node: Node): Lowered {
  const axis = node.attributes.axis as number;
  const out = layoutOf(node.shape, node.dtype);
  const outRow = rowBytes(out);
  const last = axis === node.shape.length - 1;
  const inner = last ? 1 : sizeOf(node.shape.slice(axis + 1, -1));
  const steps: LoweredStep[] = [];
  const tables: Uint8Array[] = [];
  let before = 0;
  node.inputs.forEach((input, index) => {
    const x = layoutOf(input.shape, input.dtype);
    const offset = before * (last ? out.elementBytes : inner * outRow);
    before += input.shape[axis];
    if (sizeOf(input.shape) === 0) return;
    const width = x.columns * x.elementBytes;
    const perGroup = last ? 1 : input.shape[axis] * inner;
    const groupBytes = last ? outRow : node.shape[axis] * inner * outRow;
    const step = { kernel: copyRows, units: x.rows, unitCost: UNIT_OVERHEAD + 0.1 * width };
    steps.push(...perPlane(node, index, step, { table: tables.length, offset }));
    tables.push(wordsOf([perGroup, groupBytes, rowBytes(x), outRow, width]));
  });
  return { steps, temporaries: [], tables };
}
