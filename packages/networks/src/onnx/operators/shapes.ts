// Operators that move elements about and look at none of them. All work on known whole numbers as on images.

import { concat, pad, type Shape, type Tensor, take } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import type { Value } from "../values/value.ts";
import type { Call, Operator } from "./operator.ts";

const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** The same elements under another shape. */
function reshaped(call: Call, shape: readonly number[]): Value {
  if (sizeOf(shape) !== sizeOf(call.shape(0))) {
    throw call.wrong(`${shapeText(call.shape(0))} cannot become ${shapeText(shape)}: the numbers of elements differ`);
  }
  return call.like(call.any(0).reshape(shape));
}

const reshape: Operator = {
  attributes: { allowzero: "int" },
  inputs: [2, 2],
  run(call) {
    const from = call.shape(0);
    const keepsZero = call.flag("allowzero");
    const to = call.integers(1, "shape").map((n, i) => {
      if (n !== 0 || keepsZero) return n;
      if (i >= from.length)
        throw call.wrong(`its shape has 0 for axis ${i}, but the input ${shapeText(from)} has no such axis`);
      return from[i];
    });
    const free = to.indexOf(-1);
    if (to.some((n) => n < -1) || to.lastIndexOf(-1) !== free) {
      throw call.wrong(`its shape is [${to.join(", ")}]; sizes are from 0 on, and one may be -1`);
    }
    if (free < 0) return reshaped(call, to);
    const rest = to.reduce((product, n, i) => (i === free ? product : product * n), 1);
    const size = sizeOf(from) / rest;
    if (!Number.isInteger(size)) {
      throw call.wrong(`${shapeText(from)} cannot become [${to.join(", ")}]: the numbers of elements do not fit`);
    }
    to[free] = size;
    return reshaped(call, to);
  },
};

const flatten: Operator = {
  attributes: { axis: "int" },
  inputs: [1, 1],
  run(call) {
    const shape = call.shape(0);
    const given = call.int("axis", 1);
    const axis = given === shape.length ? given : call.axis(given, shape.length);
    const rows = sizeOf(shape.slice(0, axis));
    return reshaped(call, [rows, sizeOf(shape.slice(axis))]);
  },
};

const transpose: Operator = {
  attributes: { perm: "ints" },
  inputs: [1, 1],
  run(call) {
    const rank = call.shape(0).length;
    const order = call.ints("perm") ?? [...call.shape(0).keys()].reverse();
    if (order.length !== rank) throw call.wrong(`its perm is [${order.join(", ")}], but there are ${rank} axes`);
    return call.like(call.any(0).permute(call.axes(order, rank, "perm")));
  },
};

const squeeze: Operator = {
  attributes: { axes: "ints" },
  inputs: [1, 2],
  run(call) {
    const shape = call.shape(0);
    const axes = call.axesGiven(1, shape.length) ?? shape.flatMap((n, i) => (n === 1 ? [i] : []));
    const other = axes.find((axis) => shape[axis] !== 1);
    if (other !== undefined)
      throw call.wrong(`axis ${other} of ${shapeText(shape)} cannot be dropped; it must have size 1`);
    return reshaped(
      call,
      shape.filter((_, i) => !axes.includes(i)),
    );
  },
};

const unsqueeze: Operator = {
  attributes: { axes: "ints" },
  inputs: [1, 2],
  run(call) {
    const shape = call.shape(0);
    const given = call.has(1) ? call.integers(1, "axes") : call.ints("axes");
    if (given === undefined) throw call.wrong("it has no axes");
    const rank = shape.length + given.length;
    const axes = call.axes(given, rank);
    const rest = [...shape];
    return reshaped(
      call,
      Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (rest.shift() as number))),
    );
  },
};

const join: Operator = {
  attributes: { axis: "int" },
  inputs: [1, Number.POSITIVE_INFINITY],
  run(call) {
    const rank = call.shape(0).length;
    const axis = call.axis(call.int("axis"), rank);
    const parts = Array.from({ length: call.count }, (_, i) => i);
    for (const i of parts) {
      const [first, shape] = [call.shape(0), call.shape(i)];
      if (shape.length !== rank || shape.some((n, at) => at !== axis && n !== first[at])) {
        throw call.wrong(`${shapeText(first)} and ${shapeText(shape)} cannot be joined along axis ${axis}`);
      }
      if (call.kind(i) !== call.kind(0)) throw call.wrong(`it joins ${call.kind(0)} and ${call.kind(i)}`);
    }
    return call.like(
      concat<Tensor>(
        parts.map((i) => call.any(i)),
        axis,
      ),
    );
  },
};

const split: Operator = {
  attributes: { axis: "int", split: "ints", num_outputs: "int" },
  inputs: [1, 2],
  run(call) {
    const shape = call.shape(0);
    const axis = call.axis(call.int("axis", 0), shape.length);
    const given = call.has(1) ? call.integers(1, "sizes") : call.ints("split");
    const parts = call.int("num_outputs", call.node.outputs.length);
    if (parts !== call.node.outputs.length) {
      throw call.wrong(`its num_outputs is ${parts}, but it has ${call.node.outputs.length} outputs`);
    }
    const each = Math.ceil(shape[axis] / parts);
    const sizes = given ?? Array.from({ length: parts }, (_, i) => Math.min(each, shape[axis] - i * each));
    if (
      sizes.some((n) => n < 0) ||
      sizes.reduce((a, b) => a + b, 0) !== shape[axis] ||
      sizes.length < call.node.outputs.length
    ) {
      throw call.wrong(`axis ${axis} of ${shapeText(shape)} cannot be split into [${sizes.join(", ")}]`);
    }
    let from = 0;
    return sizes.map((n) => {
      const part = call.any(0).slice(axis, from, from + n);
      from += n;
      return call.like(part);
    });
  },
};

const slice: Operator = {
  attributes: { axes: "ints", ends: "ints", starts: "ints" },
  inputs: [1, 5],
  run(call) {
    const shape = call.shape(0);
    // Bounds may lie beyond all that can be counted: they are cut.
    const bounds = (index: number, name: string): readonly number[] => {
      if (!call.has(index)) return call.ints(name) ?? [];
      const { data, kind } = call.known(index, name);
      if (kind === "float") throw call.wrong(`its ${name} are floating; they must be whole numbers`);
      return Array.from(data);
    };
    const [starts, ends] = [bounds(1, "starts"), bounds(2, "ends")];
    const axes = call.axesGiven(3, shape.length) ?? call.axes([...starts.keys()], shape.length);
    const steps = call.has(4) ? call.integers(4, "steps") : starts.map(() => 1);
    if ([ends, axes, steps].some((list) => list.length !== starts.length) || steps.includes(0)) {
      throw call.wrong("its starts, ends, axes and steps do not fit together");
    }
    let y = call.any(0);
    axes.forEach((axis, i) => {
      y = y.slice(axis, starts[i], ends[i], steps[i]);
    });
    return call.like(y);
  },
};

const gather: Operator = {
  attributes: { axis: "int" },
  inputs: [2, 2],
  run(call) {
    const shape = call.shape(0);
    const axis = call.axis(call.int("axis", 0), shape.length);
    const indices = call.integers(1, "indices");
    const result = [...shape.slice(0, axis), ...call.shape(1), ...shape.slice(axis + 1)];
    call.checkSize(result);
    const outside = indices.find((i) => i < -shape[axis] || i >= shape[axis]);
    if (outside !== undefined) {
      throw call.wrong(`its index ${outside} is outside axis ${axis} of ${shapeText(shape)}`);
    }
    return call.like(take(call.any(0), indices, axis).reshape(result));
  },
};

const expand: Operator = {
  inputs: [2, 2],
  run(call) {
    const from = call.shape(0);
    const to = call.integers(1, "shape");
    const rank = Math.max(from.length, to.length);
    const sizeAt = (shape: Shape, i: number): number => shape[i - rank + shape.length] ?? 1;
    const result = Array.from({ length: rank }, (_, i) => {
      const [a, b] = [sizeAt(from, i), sizeAt(to, i)];
      if (a !== b && a !== 1 && b !== 1)
        throw call.wrong(`${shapeText(from)} cannot be expanded to [${to.join(", ")}]`);
      return a === 1 ? b : a;
    });
    call.checkSize(result);
    return call.like(call.any(0).broadcastTo(result));
  },
};

const tile: Operator = {
  inputs: [2, 2],
  run(call) {
    const shape = call.shape(0);
    const times = call.integers(1, "repeats");
    if (times.length !== shape.length || times.some((n) => n < 0)) {
      throw call.wrong(`its repeats are [${times.join(", ")}]; they must be ${shape.length} numbers from 0 on`);
    }
    call.checkSize(shape.map((n, i) => n * times[i]));
    // Each axis as two: which copy, and where in it.
    const pairs = call.any(0).reshape(shape.flatMap((n) => [1, n]));
    const copies = pairs.broadcastTo(shape.flatMap((n, i) => [times[i], n]));
    return call.like(copies.reshape(shape.map((n, i) => n * times[i])));
  },
};

/** The size of the blocks, and the images that they are of. */
function blocks(call: Call): { size: number; shape: Shape } {
  const [size, shape] = [call.int("blocksize"), call.shape(0)];
  if (size < 1 || shape.length !== 4)
    throw call.wrong(`its blocksize is ${size} and its input ${shapeText(shape)}, which do not fit`);
  return { size, shape };
}

const depthToSpace: Operator = {
  attributes: { blocksize: "int", mode: "text" },
  inputs: [1, 1],
  run(call) {
    const { size, shape } = blocks(call);
    const [batch, channels, height, width] = shape;
    const mode = call.text("mode", "DCR");
    if (channels % (size * size) !== 0) throw call.wrong(`${channels} channels are no blocks of ${size} x ${size}`);
    if (mode !== "DCR" && mode !== "CRD") throw call.wrong(`its mode is "${mode}"; it must be DCR or CRD`);
    const depth = channels / (size * size);
    const apart =
      mode === "DCR"
        ? call.any(0).reshape([batch, size, size, depth, height, width]).permute([0, 3, 4, 1, 5, 2])
        : call.any(0).reshape([batch, depth, size, size, height, width]).permute([0, 1, 4, 2, 5, 3]);
    return call.like(apart.reshape([batch, depth, height * size, width * size]));
  },
};

const spaceToDepth: Operator = {
  attributes: { blocksize: "int" },
  inputs: [1, 1],
  run(call) {
    const { size, shape } = blocks(call);
    const [batch, channels, height, width] = shape;
    if (height % size !== 0 || width % size !== 0)
      throw call.wrong(`${height} x ${width} pixels are no blocks of ${size} x ${size}`);
    const apart = call.any(0).reshape([batch, channels, height / size, size, width / size, size]);
    return call.like(
      apart.permute([0, 3, 5, 1, 2, 4]).reshape([batch, channels * size * size, height / size, width / size]),
    );
  },
};

const MODES = { constant: "constant", reflect: "reflect", edge: "replicate", wrap: "circular" } as const;

const padding: Operator = {
  attributes: { mode: "text", pads: "ints", value: "float" },
  inputs: [1, 4],
  run(call) {
    const shape = call.shape(0);
    const rank = shape.length;
    const name = call.text("mode", "constant");
    if (!Object.hasOwn(MODES, name))
      throw call.wrong(`its mode is "${name}"; it must be ${Object.keys(MODES).join(", ")}`);
    const mode = MODES[name as keyof typeof MODES];
    const given = call.has(1) ? call.integers(1, "pads") : call.ints("pads");
    if (given === undefined) throw call.wrong("it has no pads");
    const axes = call.has(3) ? call.axes(call.integers(3, "axes"), rank) : [...shape.keys()];
    if (given.length !== 2 * axes.length)
      throw call.wrong(`its pads are ${given.length} numbers for ${axes.length} axes`);
    const sides = shape.map((_, axis): readonly [number, number] => {
      const at = axes.indexOf(axis);
      return at < 0 ? [0, 0] : [given[at], given[at + axes.length]];
    });
    call.checkAlong(shape.map((n, i) => n + sides[i][0] + sides[i][1]));
    const value = call.has(2) ? call.known(2, "value").data[0] : call.float("value", 0);
    // What is cut off is cut off in all modes.
    const less = sides.map(([before, after]) => [Math.min(before, 0), Math.min(after, 0)] as const);
    const more = sides.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)] as const);
    const cropped = pad(call.any(0), less);
    return call.like(pad(cropped, more, mode, mode === "constant" && value !== 0 ? value : 0));
  },
};

export const shapes: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: join,
  Split: split,
  Slice: slice,
  Gather: gather,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Pad: padding,
};
