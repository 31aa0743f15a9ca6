// Joining arrays along one axis.

import {
  type Attributes,
  allocate,
  type DType,
  type KernelDefinition,
  type Node,
  type Operand,
  sizeOf,
} from "./definition.ts";
import { around, checkAxis, equalDType, ShapeError, sameShape, shapeText } from "./rules.ts";

const ANY: readonly DType[] = ["float32", "float64", "complex64", "complex128", "int32", "bool"];

function checkJoin(operands: readonly Operand[], axis: number): void {
  const first = operands[0];
  checkAxis("concat", axis, first.shape.length);
  for (const x of operands) {
    equalDType("concat", first.dtype, x.dtype, ANY);
    const joined = x.shape.map((n, i) => (i === axis ? first.shape[axis] : n));
    if (!sameShape(joined, first.shape)) {
      throw new ShapeError(
        `concat: shapes ${shapeText(first.shape)} and ${shapeText(x.shape)} do not join along axis ${axis}; ` +
          "all other axes must agree",
      );
    }
  }
}

/** Operands one after the other along the attribute `axis`. */
export const concat: KernelDefinition = {
  kind: "kernel",
  name: "concat",
  arity: "one or more",
  attributes: { axis: "integer" },
  cost: ({ shape }) => sizeOf(shape),
  cut: ({ inputs, attributes }) => (attributes.axis === 0 ? null : { operands: inputs.map(() => true), attributes }),
  infer(operands: readonly Operand[], attributes: Attributes) {
    const axis = attributes.axis as number;
    checkJoin(operands, axis);
    const total = operands.reduce((sum, x) => sum + x.shape[axis], 0);
    return { shape: operands[0].shape.map((n, i) => (i === axis ? total : n)), dtype: operands[0].dtype };
  },
  evaluate(operands, node) {
    const axis = node.attributes.axis as number;
    const { outer, inner } = around(node.shape, axis);
    const pitch = node.shape[axis] * inner;
    const out = allocate(node.dtype, node.shape);
    let offset = 0;
    for (const x of operands) {
      const run = x.shape[axis] * inner;
      for (let o = 0; o < outer; o++) {
        out.re.set(x.re.subarray(o * run, (o + 1) * run), o * pitch + offset);
        if (x.im && out.im) out.im.set(x.im.subarray(o * run, (o + 1) * run), o * pitch + offset);
      }
      offset += run;
    }
    return out;
  },
  vjp(ops, node, cotangent) {
    const axis = node.attributes.axis as number;
    let offset = 0;
    return node.inputs.map((x) => {
      const starts = x.shape.map((_, i) => (i === axis ? offset : 0));
      offset += x.shape[axis];
      return ops.slice(cotangent, starts, x.shape, new Array<number>(x.shape.length).fill(1));
    });
  },
  jvp(ops, node, tangents) {
    if (tangents.every((v) => v === null)) return null;
    const parts = tangents.map((v: Node | null, i) => v ?? ops.like(0, node.inputs[i]));
    return ops.concat(parts, node.attributes.axis as number);
  },
};
