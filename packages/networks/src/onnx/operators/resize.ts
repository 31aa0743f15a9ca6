// Resize and Upsample: one axis after the other, each element of the result a sum of a few elements with weights. Coordinates and
// weights are made in float64. Cubic: R. G. Keys, "Cubic convolution interpolation for digital image processing", 1981.

import { type Tensor, take } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { known } from "../values/value.ts";
import type { Call, Operator } from "./operator.ts";
import { cubicTaps, linearTaps, type Tap, type TapTable, tapTable } from "./taps.ts";

/** Where element i of a result of `out` elements lies among `n`. */
type Place = (i: number, axis: Axis) => number;

interface Axis {
  readonly n: number;
  readonly out: number;
  readonly scale: number;
}

const PLACES: Readonly<Record<string, Place>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, { out, scale }) => (out === 1 ? 0 : (i + 0.5) / scale - 0.5),
  align_corners: (i, { n, out }) => (out === 1 ? 0 : (i * (n - 1)) / (out - 1)),
  asymmetric: (i, { scale }) => i / scale,
};

const ROUNDINGS: Readonly<Record<string, (p: number) => number>> = {
  round_prefer_floor: (p) => Math.ceil(p - 0.5),
  round_prefer_ceil: (p) => Math.floor(p + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Taps outside weigh nothing, and the others the more. */
function withoutOutside(taps: readonly Tap[], n: number): Tap[] {
  const weights = taps.map(({ index, weight }) => (index >= 0 && index < n ? weight : 0));
  const total = weights.reduce((a, b) => a + b, 0);
  return taps.map(({ index }, k) => ({ index, weight: weights[k] / total }));
}

/** x along an axis: for every element of the result the same number of taps. Those outside stand for the element at the edge. */
function resampled(call: Call, x: Tensor, axis: number, { indices, weights }: TapTable): Tensor {
  const shape = x.shape.map((_, i) => (i === axis ? indices[0].length : 1));
  const terms = indices.map((places, k) => {
    const elements = take(x, places, axis);
    if (weights[k].every((w) => w === 1)) return elements;
    return elements.mul(call.around.constants.of(known("float", shape, weights[k]), call.dtype));
  });
  return terms.reduce((a, b) => a.add(b));
}

/** The sizes wanted: of all axes, or of those that are named. */
function axesOf(call: Call, scalesAt: number, sizesAt: number): Axis[] {
  const shape = call.shape(0);
  const isGiven = (index: number): boolean => call.has(index) && call.shape(index).some((n) => n > 0);
  const named = call.ints("axes");
  const axes = named === undefined ? [...shape.keys()] : call.axes(named, shape.length);
  const byScales = isGiven(scalesAt) || call.hasAttribute("scales");
  if (byScales === isGiven(sizesAt)) throw call.wrong("it must have either scales or sizes");
  const given = byScales
    ? isGiven(scalesAt)
      ? Array.from(call.known(scalesAt, "scales").data)
      : ((call.node.attributes.get("scales")?.value ?? []) as readonly number[])
    : call.integers(sizesAt, "sizes");
  if (given.length !== axes.length) throw call.wrong(`it has ${given.length} scales or sizes for ${axes.length} axes`);
  return shape.map((n, i) => {
    const at = axes.indexOf(i);
    if (at < 0) return { n, out: n, scale: 1 };
    const value = given[at];
    if (!(value > 0)) throw call.wrong(`its scale or size for axis ${i} is ${value}; it must be above 0`);
    return byScales ? { n, out: Math.floor(n * value), scale: value } : { n, out: value, scale: value / n };
  });
}

/** What a resizing is, besides its sizes. */
interface Way {
  readonly mode: string;
  readonly place: string;
  readonly nearest: string;
  readonly a: number;
  readonly exclude: boolean;
}

function resized(call: Call, axes: readonly Axis[], way: Way): Tensor {
  const place = PLACES[way.place];
  if (place === undefined) {
    throw call.unsupported(
      `its coordinate_transformation_mode is ${way.place}; ${Object.keys(PLACES).join(", ")} are computed`,
    );
  }
  const rounding = ROUNDINGS[way.nearest];
  if (rounding === undefined) throw call.wrong(`its nearest_mode is ${way.nearest}, which there is not`);
  if (!["nearest", "linear", "cubic"].includes(way.mode))
    throw call.wrong(`its mode is ${way.mode}, which there is not`);
  call.checkAlong(axes.map(({ out }) => out));
  let y = call.tensor(0);
  axes.forEach((axis, i) => {
    const { n, out, scale } = axis;
    if (out === n && scale === 1) return;
    if (n === 0 || out === 0) {
      throw call.wrong(`axis ${i} of ${shapeText(call.shape(0))} cannot get ${out} elements`);
    }
    const tapsOf = (at: number): readonly Tap[] => {
      const p = place(at, axis);
      if (way.mode === "nearest") return [{ index: rounding(p), weight: 1 }];
      const list = way.mode === "linear" ? linearTaps(p) : cubicTaps(p, way.a);
      return way.exclude ? withoutOutside(list, n) : list;
    };
    y = resampled(call, y, i, tapTable(out, n, tapsOf));
  });
  return y;
}

const resize: Operator = {
  attributes: {
    antialias: "int",
    axes: "ints",
    coordinate_transformation_mode: "text",
    cubic_coeff_a: "float",
    exclude_outside: "int",
    extrapolation_value: "float",
    keep_aspect_ratio_policy: "text",
    mode: "text",
    nearest_mode: "text",
  },
  inputs: [1, 4],
  run(call) {
    if (call.flag("antialias")) throw call.unsupported("its antialias is 1, which is not computed");
    const policy = call.text("keep_aspect_ratio_policy", "stretch");
    if (policy !== "stretch")
      throw call.unsupported(`its keep_aspect_ratio_policy is ${policy}, which is not computed`);
    // Before opset 11 the scales are the second input, and coordinates are multiplied.
    const isOld = call.opset < 11;
    const axes = isOld ? axesOf(call, 1, 4) : axesOf(call, 2, 3);
    return call.like(
      resized(call, axes, {
        mode: call.text("mode", "nearest"),
        place: isOld ? "asymmetric" : call.text("coordinate_transformation_mode", "half_pixel"),
        nearest: isOld ? "floor" : call.text("nearest_mode", "round_prefer_floor"),
        a: call.float("cubic_coeff_a", -0.75),
        exclude: call.flag("exclude_outside"),
      }),
    );
  },
};

const upsample: Operator = {
  attributes: { mode: "text", scales: "floats" },
  inputs: [1, 2],
  run: (call) =>
    call.like(
      resized(call, axesOf(call, 1, 4), {
        mode: call.text("mode", "nearest"),
        place: "asymmetric",
        nearest: "floor",
        a: 0,
        exclude: false,
      }),
    ),
};

export const resizes: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: upsample };
