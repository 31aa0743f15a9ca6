// Products of matrices.

import { einsum, type Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { type Call, floating, type Operator } from "./operator.ts";

/** alpha A B + beta C, for matrices. */
const general: Operator = {
  attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" },
  inputs: [2, 3],
  run(call) {
    const a = matrix(call, 0);
    const left = call.flag("transA") ? a.permute([1, 0]) : a;
    const transposeB = call.flag("transB");
    const product = left.matmul(matrix(call, 1), { transposeB });
    const alpha = call.float("alpha", 1);
    const scaled = alpha === 1 ? product : product.mul(alpha);
    const beta = call.float("beta", 1);
    if (!call.has(2) || beta === 0) return call.like(scaled);
    const c = call.tensor(2);
    return call.like(scaled.add((beta === 1 ? c : c.mul(beta)).broadcastTo(scaled.shape)));
  },
};

function matrix(call: Call, index: number): Tensor {
  if (call.shape(index).length !== 2)
    throw call.wrong(`its input ${index} is ${shapeText(call.shape(index))}; it must be a matrix`);
  return call.tensor(index);
}

const sums: Operator = {
  attributes: { equation: "text" },
  inputs: [1, Number.POSITIVE_INFINITY],
  run(call) {
    const equation = call.text("equation", "").replaceAll(" ", "");
    const [operands] = equation.split("->");
    const isDiagonal = operands
      .split(",")
      .some((term) => new Set(term.replace("...", "")).size < term.replace("...", "").length);
    if (isDiagonal) throw call.unsupported(`its equation is "${equation}"; diagonals are not taken`);
    const [first, ...others] = Array.from({ length: call.count }, (_, i) => call.tensor(i));
    return call.like(einsum(equation, first, ...others));
  },
};

export const matrices: Readonly<Record<string, Operator>> = {
  Gemm: general,
  MatMul: floating(2, (call) => call.tensor(0).matmul(call.tensor(1))),
  Einsum: sums,
};
