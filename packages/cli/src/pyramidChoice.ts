// Which pyramid `plenoptic pyramid` makes, from its options. What cannot be made is refused here.

import type { Tensor } from "@plenoptic-js/tensor";
import { process as processing } from "plenoptic-js";
import { mostScales } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import type { Target } from "./target.ts";

export const PYRAMID_KINDS = ["steerable", "laplacian"] as const;

export interface PyramidOptions {
  readonly kind: (typeof PYRAMID_KINDS)[number];
  readonly height?: number | undefined;
  readonly order?: number | undefined;
  readonly complex?: true | undefined;
}

export interface PyramidChoice {
  readonly kind: PyramidOptions["kind"];
  /** Kind and options in words. */
  readonly description: string;
  /** What it was made with. */
  readonly options: Readonly<Record<string, number | boolean>>;
  /** Names of its parts, in the order of the coefficients. */
  readonly parts: readonly string[];
  forward(image: Tensor): processing.PyramidCoefficients | readonly Tensor[];
}

/**
 * The pyramid for an image.
 *
 * @throws UserError for options that do not fit the kind, each other, or the image
 */
export function choosePyramid(target: Target, options: PyramidOptions): PyramidChoice {
  return options.kind === "laplacian" ? chooseLaplacian(target, options) : chooseSteerable(target, options);
}

function chooseSteerable(target: Target, { height: given, order = 3, complex }: PyramidOptions): PyramidChoice {
  const { height, width } = target;
  const most = mostScales([height, width]);
  if (most < 0) throw tooSmall(target, "a steerable pyramid", 4);
  const scales = checkHeight(target, given ?? most, most, "a steerable pyramid", "scales");
  const isComplex = complex === true;
  if (isComplex && order === 0) {
    throw new UserError(
      "--complex needs an --order from 1 to 15: a filter without orientation has no partner in quadrature",
    );
  }
  const pyramid = new processing.SteerablePyramidFreq([height, width], { height: scales, order, isComplex });
  return {
    kind: "steerable",
    description: `${isComplex ? "Complex steerable" : "Steerable"} pyramid (height ${scales}, order ${order})`,
    options: { height: scales, order, isComplex },
    parts: [...pyramid.pyrSize.keys()].map((key) => (typeof key === "number" ? `scale_${key}` : key)),
    forward: (image) => pyramid.forward(image),
  };
}

function chooseLaplacian(target: Target, { height: given, order, complex }: PyramidOptions): PyramidChoice {
  if (order !== undefined || complex) {
    const flag = order === undefined ? "--complex" : "--order";
    throw new UserError(
      `a laplacian pyramid has no orientations, so no ${flag}; leave it out, or use --kind steerable`,
    );
  }
  // Every level but the last needs three rows and columns: n levels, sides of more than 2^(n - 1) pixels.
  const shortest = Math.min(target.height, target.width);
  // Counted in binary digits: log2 differs between engines.
  const most = Math.max(1, 32 - Math.clz32(shortest - 1));
  const nScales = checkHeight(target, given ?? Math.min(5, most), most, "a laplacian pyramid", "levels");
  if (nScales === 0) throw new UserError("a laplacian pyramid has one level at least; choose a --height from 1 on");
  const pyramid = new processing.LaplacianPyramid({ nScales });
  return {
    kind: "laplacian",
    description: `Laplacian pyramid (${nScales} ${nScales === 1 ? "level" : "levels"})`,
    options: { nScales, scaleFilter: pyramid.scaleFilter },
    parts: Array.from({ length: nScales }, (_, i) => `level_${i}`),
    forward: (image) => pyramid.forward(image),
  };
}

function checkHeight(target: Target, height: number, most: number, what: string, unit: string): number {
  if (height <= most) return height;
  const { name, width, height: rows } = target;
  throw new UserError(
    `${name} is ${width} x ${rows} pixels, and ${what} of it has at most ${most} ${unit}, not ${height}; choose a smaller --height`,
  );
}

function tooSmall({ name, width, height }: Target, what: string, least: number): UserError {
  return new UserError(
    `${name} is ${width} x ${height} pixels, and ${what} needs at least ${least} x ${least}; choose a larger image`,
  );
}
