// Synthetic images: 2-d float32 arrays (docs/science/process.md, "Synthetic images").

import { type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, cos64, pow64, shown } from "@plenoptic-js/tensor/engine";
import { atan2 } from "./atan2.ts";

/** An image size: one number for a square, or [height, width]. */
export type Size = number | readonly [height: number, width: number];

/** A point: one number for both coordinates, or [row, column]. */
export type Origin = number | readonly [row: number, column: number];

function sizeOf(caller: string, size: Size): readonly [number, number] {
  const pair = typeof size === "number" ? [size, size] : size;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(`${caller}: the size is ${shown(size)}; it must be a positive integer or [height, width]`);
  }
  return [pair[0], pair[1]];
}

function finite(caller: string, name: string, value: number): number {
  if (!Number.isFinite(value))
    throw new RangeError(`${caller}: ${name} is ${shown(value)}; it must be a finite number`);
  return value;
}

function fill([height, width]: readonly [number, number], value: (i: number, j: number) => number): Tensor<"float32"> {
  const out = new Float32Array(height * width);
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) out[i * width + j] = value(i, j);
  return tensor(out, { shape: [height, width], dtype: "float32" });
}

export interface DiskOptions {
  /** Beyond this distance from the centre the image is 0. Default: to the nearest edge, (min(height, width) - 1) / 2. */
  readonly outerRadius?: number;
  /** Up to this distance the image is 1. Default: half of the outer radius. */
  readonly innerRadius?: number;
}

/** A bright disk with an edge that falls off as a raised cosine. [height, width], values in [0, 1]. */
export function disk(imgSize: Size, options: DiskOptions = {}): Tensor<"float32"> {
  checkOptions("disk()", options, ["outerRadius", "innerRadius"]);
  const [height, width] = sizeOf("disk", imgSize);
  const outer = finite("disk", "outerRadius", options.outerRadius ?? (Math.min(height, width) - 1) / 2);
  const inner = finite("disk", "innerRadius", options.innerRadius ?? outer / 2);
  return fill([height, width], (i, j) => {
    const y = i - (height - 1) / 2;
    const x = j - (width - 1) / 2;
    const r = Math.sqrt(y * y + x * x);
    if (r > outer) return 0;
    if (r < inner) return 1;
    // A disk without an edge: every r left here is equal to both radii.
    if (outer === inner) return 0.5;
    return (1 + cos64((Math.PI * (r - inner)) / (outer - inner))) / 2;
  });
}

/** Coordinates of the pixels relative to the origin, counted from 1, in float32. */
function ramps(caller: string, [height, width]: readonly [number, number], origin: Origin | undefined) {
  const [oy, ox] =
    origin === undefined ? [(height + 1) / 2, (width + 1) / 2] : typeof origin === "number" ? [origin, origin] : origin;
  finite(caller, "origin", oy);
  finite(caller, "origin", ox);
  return { y: (i: number) => Math.fround(i + 1 - oy), x: (j: number) => Math.fround(j + 1 - ox) };
}

export interface PolarRadiusOptions {
  /** Power of the distance. Default 1. */
  readonly exponent?: number;
  /** The point of radius 0, counted from 1. Default: the centre, [(height + 1) / 2, (width + 1) / 2]. */
  readonly origin?: Origin;
}

/**
 * The distance from the origin, to a power. [height, width]. Where the distance is 0 and the exponent is negative the
 * value is 0, so that no infinity appears.
 */
export function polarRadius(size: Size, options: PolarRadiusOptions = {}): Tensor<"float32"> {
  checkOptions("polarRadius()", options, ["exponent", "origin"]);
  const { exponent = 1, origin } = options;
  finite("polarRadius", "exponent", exponent);
  const shape = sizeOf("polarRadius", size);
  const { x, y } = ramps("polarRadius", shape, origin);
  return fill(shape, (i, j) => {
    const square = Math.fround(Math.fround(x(j) * x(j)) + Math.fround(y(i) * y(i)));
    return square === 0 && exponent < 0 ? 0 : pow64(square, exponent / 2);
  });
}

export interface PolarAngleOptions {
  /** The angle, in radians, that is moved to 0. Default 0. */
  readonly phase?: number;
  /** The point around which angles are measured, counted from 1. Default: the centre. */
  readonly origin?: Origin;
  /** "clockwise" (default): angles grow from the right downwards. */
  readonly direction?: "clockwise" | "counter-clockwise";
}

/**
 * The angle around the origin, in radians, in [-pi, pi). [height, width]. "counter-clockwise" reverses the order of the
 * rows, and with it the row of the origin.
 */
export function polarAngle(size: Size, options: PolarAngleOptions = {}): Tensor<"float32"> {
  checkOptions("polarAngle()", options, ["phase", "origin", "direction"]);
  const { phase = 0, origin, direction = "clockwise" } = options;
  if (direction !== "clockwise" && direction !== "counter-clockwise") {
    throw new RangeError(
      `polarAngle: direction must be one of "clockwise" and "counter-clockwise", not ${shown(direction)}`,
    );
  }
  finite("polarAngle", "phase", phase);
  const shape = sizeOf("polarAngle", size);
  const { x, y } = ramps("polarAngle", shape, origin);
  const turn = Math.fround(2 * Math.PI);
  return fill(shape, (i, j) => {
    const row = direction === "clockwise" ? i : shape[0] - 1 - i;
    const angle = Math.fround(Math.fround(atan2(y(row), x(j))) + Math.fround(Math.PI - phase));
    return Math.fround(angle - turn * Math.floor(angle / turn)) - Math.fround(Math.PI);
  });
}
