// Operators that make known numbers: constants, shapes, ranges. And those that change what numbers are of.

import { full } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { MOST_SMALL } from "../file/limits.ts";
import { elementType, isFloating, typeName } from "../file/tensorInfo.ts";
import { type Kind, known, traced, type Value } from "../values/value.ts";
import type { Call, Operator } from "./operator.ts";

const vector = (kind: Kind, numbers: readonly number[]): Value =>
  known(kind, [numbers.length], Float64Array.from(numbers));
const scalar = (kind: Kind, number: number): Value => known(kind, [], Float64Array.of(number));

const constant: Operator = {
  attributes: { value: "tensor", value_float: "float", value_floats: "floats", value_int: "int", value_ints: "ints" },
  inputs: [0, 0],
  run(call) {
    const [attribute, other] = call.node.attributes.values();
    if (attribute === undefined || other !== undefined) throw call.wrong("it must have one value");
    switch (attribute.kind) {
      case "tensor":
        return call.around.arrayOf(attribute.value);
      case "float":
        return scalar("float", attribute.value);
      case "floats":
        return vector("float", attribute.value);
      case "int":
        return scalar("int64", attribute.value);
      case "ints":
        return vector("int64", attribute.value);
      default:
        throw call.unsupported(`its value is ${attribute.kind}, which is not computed`);
    }
  },
};

const shape: Operator = {
  attributes: { start: "int", end: "int" },
  inputs: [1, 1],
  run(call) {
    const sizes = call.shape(0);
    const cut = (i: number): number => Math.max(0, Math.min(sizes.length, i < 0 ? i + sizes.length : i));
    return vector("int64", sizes.slice(cut(call.int("start", 0)), cut(call.int("end", sizes.length))));
  },
};

const size: Operator = {
  inputs: [1, 1],
  run: (call) =>
    scalar(
      "int64",
      call.shape(0).reduce((product, n) => product * n, 1),
    ),
};

const constantOfShape: Operator = {
  attributes: { value: "tensor" },
  inputs: [1, 1],
  run(call) {
    const sizes = call.integers(0, "shape");
    call.checkSize(sizes);
    const attribute = call.node.attributes.get("value");
    const given = attribute?.kind === "tensor" ? call.around.arrayOf(attribute.value) : scalar("float", 0);
    if (!given.known || given.data.length !== 1) throw call.wrong("its value must be one number");
    // The program fills large arrays by itself.
    const isLarge = given.kind === "float" && sizes.reduce((product, n) => product * n, 1) > MOST_SMALL;
    const value = call.around.dtype === "float32" ? Math.fround(given.data[0]) : given.data[0];
    if (isLarge) return traced(full(sizes, value, { dtype: call.around.dtype }));
    return traced(full(sizes, given.data[0], { dtype: call.dtype }), given.kind);
  },
};

const range: Operator = {
  inputs: [3, 3],
  run(call) {
    const [start, limit, delta] = [0, 1, 2].map((i) => call.known(i, ["start", "limit", "delta"][i]).data[0]);
    if (delta === 0) throw call.wrong("its delta is 0, so it has no end");
    const count = Math.max(Math.ceil((limit - start) / delta), 0);
    call.checkSize([count]);
    return known(
      call.kind(0),
      [count],
      Float64Array.from({ length: count }, (_, i) => start + i * delta),
    );
  },
};

/** The places of numbers other than 0, a column for each. */
const nonZero: Operator = {
  inputs: [1, 1],
  run(call) {
    const { data, shape: sizes } = call.known(0, "input");
    const places: number[] = [];
    for (let i = 0; i < data.length; i++) if (data[i] !== 0) places.push(i);
    const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, n) => product * n, 1));
    const rows = sizes.flatMap((n, axis) => places.map((at) => Math.floor(at / strides[axis]) % n));
    return known("int64", [sizes.length, places.length], Float64Array.from(rows));
  },
};

/** Known numbers with others in some places. */
const scatter: Operator = {
  attributes: { reduction: "text" },
  inputs: [3, 3],
  run(call) {
    if (call.text("reduction", "none") !== "none")
      throw call.unsupported("its reduction is not none, which is not computed");
    const target = call.known(0, "data");
    const updates = call.known(2, "updates");
    const indices = call.integers(1, "indices");
    const depth = call.shape(1).at(-1) ?? 0;
    const rest = target.shape.slice(depth);
    const block = rest.reduce((product, n) => product * n, 1);
    const count = depth === 0 ? 0 : indices.length / depth;
    if (depth > target.shape.length || updates.data.length !== count * block) {
      throw call.wrong(
        `its indices ${shapeText(call.shape(1))} and updates ${shapeText(call.shape(2))} do not fit ${shapeText(target.shape)}`,
      );
    }
    const result = Float64Array.from(target.data);
    for (let i = 0; i < count; i++) {
      let at = 0;
      for (let k = 0; k < depth; k++) {
        const n = target.shape[k];
        const index = indices[i * depth + k];
        if (index < -n || index >= n)
          throw call.wrong(`its index ${index} is outside axis ${k} of ${shapeText(target.shape)}`);
        at = at * n + (index < 0 ? index + n : index);
      }
      for (let j = 0; j < block; j++) result[at * block + j] = updates.data[i * block + j];
    }
    return known(target.kind, target.shape, result);
  },
};

/** Sums up to each element of an axis. */
const cumulative: Operator = {
  attributes: { exclusive: "int", reverse: "int" },
  inputs: [2, 2],
  run(call) {
    const { data, kind, shape: sizes } = call.known(0, "input");
    const axis = call.axis(call.integers(1, "axis")[0], sizes.length);
    const [exclusive, reverse] = [call.flag("exclusive"), call.flag("reverse")];
    const inner = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
    const n = sizes[axis];
    const result = new Float64Array(data.length);
    for (let line = 0; line < data.length / Math.max(n, 1); line++) {
      const first = Math.floor(line / inner) * n * inner + (line % inner);
      let sum = 0;
      for (let k = 0; k < n; k++) {
        const at = first + (reverse ? n - 1 - k : k) * inner;
        if (exclusive) result[at] = sum;
        sum += data[at];
        if (!exclusive) result[at] = sum;
      }
    }
    return known(kind, sizes, result);
  },
};

const RANGES: Readonly<Partial<Record<Kind, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int64: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/** Numbers as others: floating ones are of the image's precision, whichever is named. */
function converted(call: Call, to: Kind): Value {
  const value = call.value(0);
  if (value.kind === to) return value;
  if (to === "float") {
    if (value.known) return known("float", value.shape, Float64Array.from(value.data));
    if (value.kind === "bool") return traced(value.tensor.cast(call.around.dtype));
    throw call.unsupported(`its input is ${value.kind} and depends on the pixels, as no number with a gradient does`);
  }
  if (!value.known) {
    if (to === "bool") throw call.unsupported("it makes truths of pixels by a cast; compare them instead");
    // Whole numbers made of pixels may be moved about. What looks at them says why they are not computed with.
    return traced(value.kind === "float" ? value.tensor.trunc() : value.tensor, to);
  }
  const [low, high] = RANGES[to] ?? [0, 1];
  const whole = Float64Array.from(value.data, (x) => (to === "bool" ? (x === 0 ? 0 : 1) : Math.trunc(x)));
  const outside = whole.find((x) => !(x >= low && x <= high));
  if (outside !== undefined) throw call.unsupported(`${outside} does not fit into ${to}; numbers do not wrap here`);
  return known(to, value.shape, whole);
}

const cast: Operator = {
  attributes: { to: "int", saturate: "int", round_mode: "text" },
  inputs: [1, 1],
  run(call) {
    const number = call.int("to");
    const type = elementType(number);
    if (type === undefined) throw call.unsupported(`it casts to ${typeName(number)}, which is not computed`);
    return converted(call, isFloating(type) ? "float" : (type.name as Kind));
  },
};

/** (x - zero) * scale, for weights that are stored as whole numbers. */
const dequantize: Operator = {
  attributes: { axis: "int", block_size: "int", output_dtype: "int" },
  inputs: [2, 3],
  run(call) {
    const [x, scale] = [call.value(0), call.value(1)];
    if (!x.known || !scale.known)
      throw call.unsupported("its input depends on the pixels; quantized activations have no useful gradient");
    if (call.int("block_size", 0) !== 0) throw call.unsupported("it has blocks, which are not computed");
    const count = scale.data.length;
    const isOne = count === 1 && scale.shape.length <= 1;
    const axis = isOne ? 0 : call.axis(call.int("axis", 1), x.shape.length);
    const zero = call.has(2) ? call.known(2, "zero point").data : undefined;
    if (!isOne && (scale.shape.length !== 1 || count !== x.shape[axis])) {
      throw call.wrong(
        `its scale is ${shapeText(scale.shape)}, but axis ${axis} of ${shapeText(x.shape)} has other elements`,
      );
    }
    if (zero !== undefined && zero.length !== count) throw call.wrong("its scale and zero point do not fit together");
    const inner = x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    const at = (i: number): number => (isOne ? 0 : Math.floor(i / inner) % count);
    return call.around.weight(call.node, x.shape, () =>
      Float64Array.from(x.data, (n, i) => (n - (zero?.[at(i)] ?? 0)) * scale.data[at(i)]),
    );
  },
};

const dropout: Operator = {
  attributes: { ratio: "float", seed: "int", is_test: "int" },
  inputs: [1, 3],
  run(call) {
    const isTraining = call.has(2) && call.known(2, "training mode").data[0] !== 0;
    const ratio = call.has(1) ? call.known(1, "ratio").data[0] : call.float("ratio", 0.5);
    if (isTraining && ratio !== 0)
      throw call.unsupported("it was exported in training mode; call eval() before exporting");
    return call.value(0);
  },
};

/** Only the branch taken exists. */
const branch: Operator = {
  attributes: { then_branch: "graph", else_branch: "graph" },
  inputs: [1, 1],
  passes: true,
  run(call) {
    const condition = call.known(0, "condition");
    if (condition.data.length !== 1)
      throw call.wrong(`its condition is ${shapeText(condition.shape)}; it must be one truth`);
    const name = condition.data[0] !== 0 ? "then_branch" : "else_branch";
    const attribute = call.node.attributes.get(name);
    if (attribute?.kind !== "graph") throw call.wrong(`it has no ${name}`);
    return call.around.runGraph(attribute.value);
  },
};

export const knowns: Readonly<Record<string, Operator>> = {
  Constant: constant,
  Shape: shape,
  Size: size,
  ConstantOfShape: constantOfShape,
  Range: range,
  NonZero: nonZero,
  ScatterND: scatter,
  CumSum: cumulative,
  Cast: cast,
  CastLike: { attributes: { saturate: "int" }, inputs: [2, 2], run: (call) => converted(call, call.kind(1)) },
  DequantizeLinear: dequantize,
  Dropout: dropout,
  Identity: { inputs: [1, 1], run: (call) => call.value(0) },
  If: branch,
};
