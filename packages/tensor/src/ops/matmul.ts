// Matrix products over the last two axes; all axes before them are a batch.
//
// A result element is one sum of K terms, in the order of math/summation.ts:
//   up to 64 terms: ((0 + t0) + t1) + ... from +0;
//   beyond: blocks of 512 terms; in a block term k belongs to lane k mod 2 (float64, complex128) or k mod 4 (float32,
//   complex64), each lane adds its terms in order from +0, lanes are added in a balanced tree, then blocks by index.
// A term is the rounded product a[m, k] b[k, n]. Of two complex numbers it is (ar br - ai bi, ar bi + ai br), of a real
// and a complex one the product with each part, every operation rounded; the two planes are summed apart.
// So matmul has the bits of mul followed by sum along k.

import { addTree, BLOCK, lanesOf, SEQUENTIAL_LIMIT } from "../math/summation.ts";
import {
  type ArrayValue,
  type Attributes,
  allocate,
  isComplex,
  type KernelDefinition,
  type Node,
  type Operand,
  type Ops,
  type Plane,
  sizeOf,
} from "./definition.ts";
import { arithmeticDType, oneOf, ShapeError, sameShape, shapeText } from "./rules.ts";

/** Sizes of a product: `batch` times [rows, terms] by [terms, columns]. */
interface Sizes {
  readonly rows: number;
  readonly terms: number;
  readonly columns: number;
}

function sizesOf(a: Operand, b: Operand, { transposeB }: Attributes): Sizes {
  const [rows, terms] = a.shape.slice(-2);
  const [first, second] = b.shape.slice(-2);
  const [own, columns] = transposeB ? [second, first] : [first, second];
  if (a.shape.length < 2 || own !== terms || !sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2))) {
    throw new ShapeError(
      `matmul: ${shapeText(a.shape)} and ${shapeText(b.shape)} do not fit together; they must be [..., M, K] and ` +
        (transposeB ? "[..., N, K]" : "[..., K, N]"),
    );
  }
  return { rows, terms, columns };
}

/** The sum of all terms, in the fixed order. */
function sumOf(terms: Float32Array | Float64Array): number {
  const lane = new (terms.constructor as Float64ArrayConstructor)(4);
  if (terms.length <= SEQUENTIAL_LIMIT) {
    for (const term of terms) lane[0] += term;
    return lane[0];
  }
  const lanes = lanesOf(terms.BYTES_PER_ELEMENT as 4 | 8);
  const blocks = Math.ceil(terms.length / BLOCK);
  const partial = new (terms.constructor as Float64ArrayConstructor)(blocks);
  for (let b = 0; b < blocks; b++) {
    lane.fill(0);
    const end = Math.min(terms.length, (b + 1) * BLOCK);
    for (let k = b * BLOCK; k < end; k++) lane[k & (lanes - 1)] += terms[k];
    partial[b] = addTree(lane, lanes);
  }
  return addTree(partial, blocks);
}

/** A row of the first and a column of the second operand, as the terms of one result element read them. */
interface Line {
  readonly value: ArrayValue;
  readonly start: number;
  readonly step: number;
}

/** out[k] = x[k] y[k], rounded to the dtype of `out`. */
function products(out: Plane, x: Plane, y: Plane, a: Line, b: Line): void {
  for (let k = 0; k < out.length; k++) out[k] = x[a.start + k * a.step] * y[b.start + k * b.step];
}

function combine(into: Plane, other: Plane, sign: 1 | -1): void {
  for (let k = 0; k < into.length; k++) into[k] = sign === 1 ? into[k] + other[k] : into[k] - other[k];
}

/** Fills `terms` (and `imaginary`) with the terms of one result element; `spare` is room for a product. */
function termsOf(a: Line, b: Line, terms: Plane, imaginary: Plane, spare: Plane): void {
  const [x, y] = [a.value, b.value];
  products(terms, x.re, y.re, a, b);
  if (x.im && y.im) {
    products(spare, x.im, y.im, a, b);
    combine(terms, spare, -1);
    products(imaginary, x.re, y.im, a, b);
    products(spare, x.im, y.re, a, b);
    combine(imaginary, spare, 1);
  } else if (x.im) products(imaginary, x.im, y.re, a, b);
  else if (y.im) products(imaginary, x.re, y.im, a, b);
}

function swapped(ops: Ops, x: Node): Node {
  const rank = x.shape.length;
  return ops.permute(
    x,
    x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
}

/**
 * Operands [..., M, K] and [..., K, N] give [..., M, N]; with the attribute `transposeB` the second operand is
 * [..., N, K], which is the better form where K is long and M and N are not. Batch axes are equal.
 */
export const matmul: KernelDefinition = {
  kind: "kernel",
  name: "matmul",
  arity: 2,
  weight: 1,
  attributes: { transposeB: "boolean" },
  cost: ({ inputs: [a], shape }) => sizeOf(shape) * a.shape[a.shape.length - 1],
  // Rows of one matrix are each for themselves.
  cut: ({ attributes, shape }) => ({ operands: [true, shape.length > 2], attributes }),
  infer([a, b], attributes) {
    const dtype = arithmeticDType("matmul", a.dtype, b.dtype);
    oneOf("matmul", dtype, ["float32", "float64", "complex64", "complex128"]);
    const { rows, columns } = sizesOf(a, b, attributes);
    return { shape: [...a.shape.slice(0, -2), rows, columns], dtype };
  },
  evaluate([a, b], node) {
    const { rows, terms, columns } = sizesOf(a, b, node.attributes);
    const out = allocate(node.dtype, node.shape);
    const [list, imaginary, spare] = [0, 1, 2].map(() =>
      out.re instanceof Float32Array ? new Float32Array(terms) : new Float64Array(terms),
    );
    for (let i = 0; i < out.re.length; i++) {
      const row = Math.floor(i / columns);
      const column = i % columns;
      const matrix = Math.floor(row / rows) * terms * columns;
      const line = node.attributes.transposeB
        ? { value: b, start: matrix + column * terms, step: 1 }
        : { value: b, start: matrix + column, step: columns };
      termsOf({ value: a, start: row * terms, step: 1 }, line, list, imaginary, spare);
      out.re[i] = sumOf(list);
      if (out.im) out.im[i] = sumOf(imaginary);
    }
    return out;
  },
  vjp(ops, node, cotangent) {
    const [a, b] = node.inputs.map((x) => (isComplex(x.dtype) ? ops.conj(x) : x));
    // Of a matrix with itself: one product for both operands.
    if (node.attributes.transposeB && node.inputs[0] === node.inputs[1] && !isComplex(a.dtype)) {
      return [ops.matmul(ops.add(cotangent, swapped(ops, cotangent)), a), null];
    }
    return node.attributes.transposeB
      ? [ops.matmul(cotangent, b), ops.matmul(swapped(ops, cotangent), a)]
      : [ops.matmul(cotangent, b, { transposeB: true }), ops.matmul(swapped(ops, a), cotangent)];
  },
  jvp(ops, node, [da, db]) {
    const [a, b] = node.inputs;
    const options = { transposeB: node.attributes.transposeB as boolean };
    const left = da === null ? null : ops.matmul(da, b, options);
    const right = db === null ? null : ops.matmul(a, db, options);
    return left !== null && right !== null ? ops.add(left, right) : (left ?? right);
  },
};
