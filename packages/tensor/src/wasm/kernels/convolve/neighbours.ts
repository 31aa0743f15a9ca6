// Brings the operands of neighbouring results together: columns a stride apart become a row of their own. One copy serves every
// output channel and every tap, and then kernels read whole vectors.

import { arg } from "../../../math/scalar.ts";
import { sizeOf } from "../../../ops/definition.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import type { Element } from "../element.ts";
import type { Address, LoweredStep } from "../kernel.ts";
import { type LoopPlan, planLoop } from "../loops/loops.ts";

export interface Neighbours {
  /** Bytes from one row of the operand to the next, and of a plane. */
  readonly rowBytes: number;
  readonly planeBytes: number;
  /** Bytes from a row's beginning to that of the columns `column`, `column + stride`, `column + 2 stride` and so on. */
  columnBytes(column: number): number;
  /** The steps that copy a plane, where there is something to copy. */
  copy(from: Address, to: Address): LoweredStep[];
}

/** Real planes [..., height, width] as they are, for a stride of 1, or copied to [..., height, stride, width / stride]. */
export function neighboursOf(x: Layout, stride: number, e: Element<"f32" | "f64">): Neighbours {
  if (stride === 1) {
    return {
      rowBytes: rowBytes(x),
      planeBytes: x.planeBytes,
      columnBytes: (column) => column * e.bytes,
      copy: () => [],
    };
  }
  const rows = sizeOf(x.shape.slice(0, -1));
  const whole = Math.floor(x.columns / stride);
  const over = x.columns % stride;
  const layout = layoutOf([rows, stride, Math.ceil(x.columns / stride)], e.type === "f64" ? "float64" : "float32");
  const { pitch } = layout;
  // Columns first, first + 1, ... of every `stride`, of which a row has `count`.
  const part = (first: number, columns: number, count: number): LoopPlan | null =>
    planLoop({
      shape: [rows, columns, count],
      loads: [{ type: e.type, offset: first, strides: [x.pitch, 1, stride] }],
      stores: [
        { to: { type: e.type, offset: first * pitch, strides: [stride * pitch, pitch, 1] }, value: arg(0, e.type) },
      ],
      reductions: [],
    });
  return {
    rowBytes: stride * pitch * e.bytes,
    planeBytes: layout.planeBytes,
    columnBytes: (column) => ((column % stride) * pitch + Math.floor(column / stride)) * e.bytes,
    copy: (from, to) =>
      [part(0, over, whole + 1), part(over, stride - over, whole)].flatMap((plan) =>
        plan === null ? [] : [{ ...plan, addresses: [from, to, ...plan.numbers], scratchBytes: 0 }],
      ),
  };
}
