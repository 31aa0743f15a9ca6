// Parts of complex numbers. Gradients follow PyTorch: the cotangent of a complex value is d/d(re) + i d/d(im).

import * as s from "../math/scalar.ts";
import type { DType, ElementwiseDefinition } from "./definition.ts";
import { complexOf, realOf } from "./definition.ts";
import { equalDType, equalShape, oneOf } from "./rules.ts";

const COMPLEX: readonly DType[] = ["complex64", "complex128"];

/** re + i im, of two real arrays. */
export const complex: ElementwiseDefinition = {
  kind: "elementwise",
  name: "complex",
  arity: 2,
  infer(operands) {
    const real = equalDType("complex", operands[0].dtype, operands[1].dtype, ["float32", "float64"]);
    return { shape: equalShape("complex", operands), dtype: complexOf(real) };
  },
  expression: ([re, im]) => [re[0], im[0]],
  vjp: (ops, _node, cotangent) => [ops.real(cotangent), ops.imag(cotangent)],
  jvp(ops, node, [re, im]) {
    const zero = ops.like(0, node.inputs[0]);
    return re === null && im === null ? null : ops.complex(re ?? zero, im ?? zero);
  },
};

function part(name: "real" | "imag", component: 0 | 1): ElementwiseDefinition {
  return {
    kind: "elementwise",
    name,
    infer: ([z]) => ({ shape: z.shape, dtype: realOf(oneOf(name, z.dtype, COMPLEX)) }),
    expression: ([z]) => [z[component]],
    vjp(ops, _node, cotangent) {
      const zero = ops.like(0, cotangent);
      return [component === 0 ? ops.complex(cotangent, zero) : ops.complex(zero, cotangent)];
    },
    jvp: (ops, _node, [v]) => (v === null ? null : component === 0 ? ops.real(v) : ops.imag(v)),
  };
}

export const real = part("real", 0);
export const imag = part("imag", 1);

export const conj: ElementwiseDefinition = {
  kind: "elementwise",
  name: "conj",
  infer: ([z]) => ({ shape: z.shape, dtype: oneOf("conj", z.dtype, COMPLEX) }),
  expression: ([z]) => [z[0], s.neg(z[1])],
  vjp: (ops, _node, cotangent) => [ops.conj(cotangent)],
  jvp: (ops, _node, [v]) => (v === null ? null : ops.conj(v)),
};

/** |z| = sqrt(re^2 + im^2); the derivative is 0 at 0. */
export const modulus: ElementwiseDefinition = {
  kind: "elementwise",
  name: "modulus",
  infer: ([z]) => ({ shape: z.shape, dtype: realOf(oneOf("abs", z.dtype, COMPLEX)) }),
  expression: ([z]) => [s.sqrt(s.add(s.mul(z[0], z[0]), s.mul(z[1], z[1])))],
  vjp(ops, node, cotangent) {
    const ratio = ops.where(ops.eq(node, ops.like(0, node)), ops.like(0, node), ops.div(cotangent, node));
    return [ops.mul(node.inputs[0], ratio)];
  },
  jvp(ops, node, [v]) {
    if (v === null) return null;
    const inner = ops.real(ops.mul(ops.conj(node.inputs[0]), v));
    return ops.where(ops.eq(node, ops.like(0, node)), ops.like(0, node), ops.div(inner, node));
  },
};
