// Views: a result element is one operand element. reshape, broadcastTo, permute, slice.
// Slices take a start, a count and a (possibly negative) step for every axis, so that flipping is slicing.

import { type Affine, type IndexMap, matchAxes } from "../math/indexMap.ts";
import {
  type ArrayValue,
  allocate,
  type Node,
  type Operand,
  type Plane,
  type Shape,
  sizeOf,
  stridesOf,
  type ViewDefinition,
} from "./definition.ts";
import { checkShape, ShapeError, shapeText } from "./rules.ts";

/** Index i of the result is operand element `offset + sum_k i_k strides_k` (C order, unpadded). */
function gatherAffine(operand: ArrayValue, shape: Shape, offset: number, strides: readonly number[]): ArrayValue {
  const out = allocate(operand.dtype, shape);
  const n = sizeOf(shape);
  const copy = (from: Plane, to: Plane): void => {
    const index = new Array<number>(shape.length).fill(0);
    let at = offset;
    for (let i = 0; i < n; i++) {
      to[i] = from[at];
      for (let k = shape.length - 1; k >= 0; k--) {
        at += strides[k];
        if (++index[k] < shape[k]) break;
        at -= strides[k] * shape[k];
        index[k] = 0;
      }
    }
  };
  copy(operand.re, out.re);
  if (operand.im && out.im) copy(operand.im, out.im);
  return out;
}

/** The same index for the whole iteration: that of an axis with one element. */
const still = ({ iteration }: IndexMap): Affine => ({ offset: 0, coefficients: iteration.map(() => 0) });

export const reshape: ViewDefinition = {
  kind: "view",
  name: "reshape",
  elements: "in order",
  attributes: { shape: "integers" },
  infer([x], attributes) {
    const shape = checkShape("reshape", attributes.shape as number[]);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        `reshape: ${shapeText(x.shape)} has ${sizeOf(x.shape)} elements, ${shapeText(shape)} has ${sizeOf(shape)}; they must agree`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  evaluate: (x, node) => ({ ...x, shape: node.shape }),
  map({ inputs: [operand], shape }, map) {
    const { iteration } = map;
    const axes = new Array<Affine>(operand.shape.length).fill(still(map));
    if (shape.includes(0)) return { iteration, axes };
    for (const group of matchAxes(operand.shape, shape)) {
      const own: number[] = [];
      for (let i = group.a[0]; i < group.a[1]; i++) if (operand.shape[i] !== 1) own.push(i);
      if (own.length === 0) continue;
      if (own.length > 1) return null;
      if (group.b[1] === group.b[0] + 1) {
        axes[own[0]] = map.axes[group.b[0]];
        continue;
      }
      let offset = 0;
      let coefficients = iteration.map(() => 0);
      for (let j = group.b[0]; j < group.b[1]; j++) {
        const axis = map.axes[j];
        const size = shape[j];
        offset = offset * size + axis.offset;
        coefficients = coefficients.map((c, k) => c * size + axis.coefficients[k]);
      }
      axes[own[0]] = { offset, coefficients };
    }
    return { iteration, axes };
  },
  cut: ({ inputs: [x], shape }, parts) =>
    x.shape.length > 0 && x.shape[0] % parts === 0
      ? { operands: [true], attributes: { shape: [shape[0] / parts, ...shape.slice(1)] } }
      : null,
  vjp: (ops, node, cotangent) => [ops.reshape(cotangent, node.inputs[0].shape)],
  jvp: (ops, node, [v]) => (v === null ? null : ops.reshape(v, node.shape)),
};

export const broadcastTo: ViewDefinition = {
  kind: "view",
  name: "broadcastTo",
  elements: "repeated",
  attributes: { shape: "integers" },
  infer([x], attributes) {
    const shape = checkShape("broadcastTo", attributes.shape as number[]);
    const lead = shape.length - x.shape.length;
    if (lead < 0 || x.shape.some((n, i) => n !== 1 && n !== shape[lead + i])) {
      throw new ShapeError(
        `broadcastTo: ${shapeText(x.shape)} cannot become ${shapeText(shape)}; only axes of size 1 (and new leading axes) can grow`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  evaluate(x, node) {
    const lead = node.shape.length - x.shape.length;
    const own = stridesOf(x.shape);
    return gatherAffine(
      x,
      node.shape,
      0,
      node.shape.map((_, i) => (i < lead || x.shape[i - lead] === 1 ? 0 : own[i - lead])),
    );
  },
  map({ inputs: [operand], shape }, map) {
    const lead = shape.length - operand.shape.length;
    return {
      iteration: map.iteration,
      axes: operand.shape.map((n, i) => (n === 1 ? still(map) : map.axes[lead + i])),
    };
  },
  cut: ({ inputs: [x], shape }, parts) => ({
    operands: [x.shape.length === shape.length && x.shape[0] === shape[0]],
    attributes: { shape: [shape[0] / parts, ...shape.slice(1)] },
  }),
  vjp(ops, node, cotangent) {
    const from = node.inputs[0].shape;
    const lead = node.shape.length - from.length;
    const axes = node.shape.flatMap((n, i) => (i < lead || (from[i - lead] === 1 && n !== 1) ? [i] : []));
    return [ops.reshape(ops.sum(cotangent, axes), from)];
  },
  jvp: (ops, node, [v]) => (v === null ? null : ops.broadcastTo(v, node.shape)),
};

export const permute: ViewDefinition = {
  kind: "view",
  name: "permute",
  elements: "moved",
  attributes: { axes: "integers" },
  infer([x], attributes) {
    const axes = attributes.axes as number[];
    const sorted = [...axes].sort((a, b) => a - b);
    if (axes.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw new ShapeError(
        `permute: ${shapeText(axes)} does not order the ${x.shape.length} axes of ${shapeText(x.shape)}; name each once`,
      );
    }
    return { shape: axes.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  evaluate(x, node) {
    const own = stridesOf(x.shape);
    return gatherAffine(
      x,
      node.shape,
      0,
      (node.attributes.axes as number[]).map((axis) => own[axis]),
    );
  },
  map({ attributes, shape }, map) {
    const axes = new Array<Affine>(shape.length);
    (attributes.axes as number[]).forEach((axis, i) => {
      axes[axis] = map.axes[i];
    });
    return { iteration: map.iteration, axes };
  },
  cut: ({ attributes }) => ((attributes.axes as number[])[0] === 0 ? { operands: [true], attributes } : null),
  vjp(ops, node, cotangent) {
    const axes = node.attributes.axes as number[];
    const inverse = new Array<number>(axes.length);
    axes.forEach((axis, i) => {
      inverse[axis] = i;
    });
    return [ops.permute(cotangent, inverse)];
  },
  jvp: (ops, node, [v]) => (v === null ? null : ops.permute(v, node.attributes.axes as number[])),
};

interface SliceAttributes {
  readonly starts: readonly number[];
  readonly counts: readonly number[];
  readonly steps: readonly number[];
}

function checkSlice(x: Operand, { starts, counts, steps }: SliceAttributes): void {
  if ([starts, counts, steps].some((list) => list.length !== x.shape.length)) {
    throw new ShapeError(`slice: ${shapeText(x.shape)} needs a start, a count and a step for every axis`);
  }
  x.shape.forEach((n, i) => {
    const last = starts[i] + (counts[i] - 1) * steps[i];
    const empty = counts[i] === 0;
    if (counts[i] < 0 || (steps[i] === 0 && counts[i] > 1)) {
      throw new RangeError(
        `slice: axis ${i} has count ${counts[i]} and step ${steps[i]}; only steps other than 0 move on`,
      );
    }
    if (!empty && (starts[i] < 0 || starts[i] >= n || last < 0 || last >= n)) {
      throw new RangeError(
        `slice: axis ${i} of ${shapeText(x.shape)} has indices 0 to ${n - 1}; start ${starts[i]}, step ${steps[i]} and ` +
          `count ${counts[i]} reach ${last}`,
      );
    }
  });
}

/** Element starts[k] + i_k steps[k] along every axis k, for i_k < counts[k]. */
export const slice: ViewDefinition = {
  kind: "view",
  name: "slice",
  elements: "moved",
  attributes: { starts: "integers", counts: "integers", steps: "integers" },
  infer([x], attributes) {
    const s = attributes as unknown as SliceAttributes;
    checkSlice(x, s);
    return { shape: s.counts, dtype: x.dtype };
  },
  evaluate(x, node) {
    const { starts, steps } = node.attributes as unknown as SliceAttributes;
    const own = stridesOf(x.shape);
    const offset = own.reduce((sum, step, i) => sum + step * starts[i], 0);
    return gatherAffine(
      x,
      node.shape,
      sizeOf(node.shape) === 0 ? 0 : offset,
      own.map((step, i) => step * steps[i]),
    );
  },
  map({ attributes }, map) {
    const { starts, steps } = attributes as unknown as SliceAttributes;
    return {
      iteration: map.iteration,
      axes: map.axes.map((axis, i) => ({
        offset: starts[i] + steps[i] * axis.offset,
        coefficients: axis.coefficients.map((c) => c * steps[i]),
      })),
    };
  },
  cut({ inputs: [x], attributes }, parts) {
    const { starts, counts, steps } = attributes as unknown as SliceAttributes;
    if (starts[0] !== 0 || counts[0] !== x.shape[0] || steps[0] !== 1) return null;
    return { operands: [true], attributes: { starts, counts: [counts[0] / parts, ...counts.slice(1)], steps } };
  },
  vjp(ops, node, cotangent) {
    const { starts, counts, steps } = node.attributes as unknown as SliceAttributes;
    let y: Node = cotangent;
    for (let axis = node.shape.length - 1; axis >= 0; axis--) {
      const n = node.inputs[0].shape[axis];
      if (counts[axis] === n && steps[axis] === 1) continue;
      // Result index i went to operand index start + i step: put it back there, zeros elsewhere.
      const source = new Int32Array(n).fill(-1);
      for (let i = 0; i < counts[axis]; i++) source[starts[axis] + i * steps[axis]] = i;
      const begins = new Int32Array(n + 1);
      const indices: number[] = [];
      for (let i = 0; i < n; i++) {
        if (source[i] >= 0) indices.push(source[i]);
        begins[i + 1] = indices.length;
      }
      y = ops.gatherSum(y, axis, begins, Int32Array.from(indices));
    }
    return [y];
  },
  jvp(ops, node, [v]) {
    if (v === null) return null;
    const { starts, counts, steps } = node.attributes as unknown as SliceAttributes;
    return ops.slice(v, starts, counts, steps);
  },
};
