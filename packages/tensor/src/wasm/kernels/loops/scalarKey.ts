// A text that is equal exactly for equal scalar expressions, to share kernels.

import { inOrder } from "../../../math/order.ts";
import type { Scalar } from "../../../math/scalar.ts";

const view = new DataView(new ArrayBuffer(8));

function valueText(s: Scalar): string {
  if (typeof s.value === "bigint") return s.value.toString(16);
  view.setFloat64(0, s.value);
  return `${view.getUint32(0).toString(36)}.${view.getUint32(4).toString(36)}`;
}

export function scalarKey(outputs: readonly Scalar[]): string {
  const number = new Map<Scalar, number>();
  const parts: string[] = [];
  for (const node of inOrder(outputs)) {
    number.set(node, number.size);
    const value = node.op === "arg" || node.op === "const" || node.op.startsWith("sh") ? valueText(node) : "";
    parts.push(`${node.op} ${node.type} ${value}(${node.args.map((a) => number.get(a)).join(",")})`);
  }
  return `${parts.join(";")}>${outputs.map((s) => number.get(s)).join(",")}`;
}
