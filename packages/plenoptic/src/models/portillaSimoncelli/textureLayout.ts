// The order of the Portilla-Simoncelli statistics, which of them are redundant, and to which scale each belongs
// (docs/science/models.md, "Order and redundancy").

import { concat, ShapeError, type Tensor, take, tensor, where } from "@plenoptic-js/tensor";
import { shapeText, shown, spread } from "@plenoptic-js/tensor/engine";

/** A part of the statistics, for coarse-to-fine synthesis: a scale (0 is the finest), a residual, or the pixels. */
export type TextureScale = number | "pixel_statistics" | "residual_lowpass" | "residual_highpass";

/** Statistics that belong together. */
export type TextureGroup =
  | "pixel_statistics"
  | "auto_correlation_magnitude"
  | "skew_reconstructed"
  | "kurtosis_reconstructed"
  | "auto_correlation_reconstructed"
  | "std_reconstructed"
  | "cross_orientation_correlation_magnitude"
  | "magnitude_std"
  | "cross_scale_correlation_magnitude"
  | "cross_scale_correlation_real"
  | "var_highpass_residual";

export interface TextureSize {
  readonly nScales: number;
  readonly nOrientations: number;
  readonly spatialCorrWidth: number;
}

interface Group {
  readonly shape: readonly number[];
  /** Position of its first statistic among all. */
  readonly start: number;
  readonly count: number;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

/** The shapes of all groups in order. The last axis, where there is a scale, runs from fine to coarse. */
function shapesOf({ nScales, nOrientations, spatialCorrWidth }: TextureSize): Record<TextureGroup, readonly number[]> {
  const [n, k, m] = [nScales, nOrientations, spatialCorrWidth];
  return {
    pixel_statistics: [6],
    auto_correlation_magnitude: [m, m, k, n],
    skew_reconstructed: [n + 1],
    kurtosis_reconstructed: [n + 1],
    auto_correlation_reconstructed: [m, m, n + 1],
    std_reconstructed: [n + 1],
    cross_orientation_correlation_magnitude: [k, k, n],
    magnitude_std: [k, n],
    cross_scale_correlation_magnitude: [k, k, n - 1],
    cross_scale_correlation_real: [k, 2 * k, n - 1],
    var_highpass_residual: [1],
  };
}

/** Entries (i, j) of an autocorrelation that say everything: the others repeat them, or are 1. C order. */
export function necessaryLags(width: number): [i: number, j: number][] {
  const lags: [number, number][] = [];
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      const lower = i >= j || (width % 2 === 0 && i === 0);
      if (lower && !(i === j && i >= Math.floor(width / 2))) lags.push([i, j]);
    }
  }
  return lags;
}

/** Where every statistic of a model lies. "All" statistics are the groups in order, each in C order. */
export class TextureLayout {
  readonly groups: ReadonlyMap<TextureGroup, Group>;
  /** Number of all statistics, redundant ones included. */
  readonly total: number;
  /** Positions, among all, of the statistics that are kept: the representation. */
  readonly kept: readonly number[];
  /** The scale of every kept statistic. */
  readonly scales: readonly TextureScale[];

  constructor(size: TextureSize) {
    const groups = new Map<TextureGroup, Group>();
    let start = 0;
    for (const [key, shape] of Object.entries(shapesOf(size))) {
      const group = { shape, start, count: sizeOf(shape) };
      groups.set(key as TextureGroup, group);
      start += group.count;
    }
    this.groups = groups;
    this.total = start;
    const lags = new Set(necessaryLags(size.spatialCorrWidth).map(([i, j]) => i * size.spatialCorrWidth + j));
    const kept: number[] = [];
    const scales: TextureScale[] = [];
    for (const [key, group] of groups) {
      const [rows = 1, columns = 1] = group.shape;
      for (let at = 0; at < group.count; at++) {
        const scale = at % group.shape[group.shape.length - 1];
        const pair = Math.floor(at / (group.count / (rows * columns)));
        if (key.startsWith("auto_correlation") && !lags.has(pair)) continue;
        const upper = pair % columns >= Math.floor(pair / columns);
        if (key === "cross_orientation_correlation_magnitude" && upper) continue;
        kept.push(group.start + at);
        scales.push(scaleOf(key, scale, size.nScales));
      }
    }
    this.kept = kept;
    this.scales = scales;
  }

  /** Position of one statistic among all, by its index in its group. */
  position(key: TextureGroup, ...index: readonly number[]): number {
    const { shape, start } = this.groups.get(key) as Group;
    return start + index.reduce((at, i, axis) => at * shape[axis] + i, 0);
  }

  /** From [batch, channel, kept] to arrays [batch, channel, ...] by group. What was not kept is NaN. */
  toGroups(representation: Tensor): Map<TextureGroup, Tensor> {
    const { shape } = representation;
    const isKept = new Uint8Array(this.total);
    for (const position of this.kept) isKept[position] = 1;
    const mask = tensor(isKept, { dtype: "bool" });
    const all = where(mask, spread(representation, this.kept, this.total, 2), Number.NaN);
    return new Map(
      [...this.groups].map(([key, { shape: own, start, count }]) => [
        key,
        all.slice(2, start, start + count).reshape([shape[0], shape[1], ...own]),
      ]),
    );
  }

  /** The inverse of `toGroups`. */
  fromGroups(groups: ReadonlyMap<string, Tensor>): Tensor {
    const unknown = [...groups.keys()].find((key) => !this.groups.has(key as TextureGroup));
    if (unknown !== undefined) {
      throw new RangeError(`convertToTensor: there is no group ${shown(unknown)}; ${this.#known()}`);
    }
    const parts = [...this.groups].map(([key, { shape, count }]) => {
      const part = groups.get(key);
      if (part === undefined) {
        throw new RangeError(`convertToTensor: the group ${shown(key)} is missing; ${this.#known()}`);
      }
      const own = part.shape.slice(2);
      if (own.length !== shape.length || own.some((n, i) => n !== shape[i])) {
        throw new ShapeError(
          `convertToTensor: ${key} is ${shapeText(part.shape)}; it must be [batch, channel, ${shape.join(", ")}]`,
        );
      }
      return part.reshape([part.shape[0], part.shape[1], count]);
    });
    return take(concat(parts, 2), this.kept, 2);
  }

  #known(): string {
    return `the groups are ${[...this.groups.keys()].join(", ")}`;
  }
}

function scaleOf(key: TextureGroup, scale: number, nScales: number): TextureScale {
  if (key === "pixel_statistics") return "pixel_statistics";
  if (key === "var_highpass_residual") return "residual_highpass";
  return key.endsWith("_reconstructed") && scale === nScales ? "residual_lowpass" : scale;
}
