// Reading figures back: the embedded pictures, the texts, and whether the markup is well-formed.

import { readPng } from "@plenoptic-js/formats";
import type * as po from "plenoptic-js";

type ArraySource = po.plot.ArraySource;
type MadSource = po.plot.MadSource;
type MetamerSource = po.plot.MetamerSource;

export function array(values: ArrayLike<number>, shape: readonly number[]): ArraySource {
  return { shape, data: async () => Float64Array.from(values) };
}

/** A synthesis of a 2 x 2 image, N iterations long, that stored an image every `every` iterations. */
export function synthesis(losses: ArrayLike<number>, every: number | boolean | null = null): MetamerSource {
  const n = losses.length - 1;
  const stored = every ? Math.ceil(n / Number(every)) : 0;
  const saved = Array.from({ length: (stored + 1) * 4 }, (_, i) => Math.floor(i / 4) / 100);
  return {
    image: array([0, 0.25, 0.5, 1], [1, 1, 2, 2]),
    metamer: array(saved.slice(-4), [1, 1, 2, 2]),
    savedMetamer: array(saved, [stored + 1, 1, 1, 2, 2]),
    storeProgress: every,
    losses: Float64Array.from(losses),
    penalties: new Float64Array(losses.length),
    penaltyLambda: 0.1,
    gradientNorm: Float64Array.from(losses).slice(0, -1),
    pixelChangeNorm: Float64Array.from(losses).slice(0, -1),
  };
}

/** The same as a MAD competition, with other values of the two metrics. */
export function madSynthesis(
  losses: ArrayLike<number>,
  metrics: { readonly optimized: readonly number[]; readonly reference: readonly number[] },
  every: number | null = null,
): MadSource {
  const { metamer, savedMetamer, ...histories } = synthesis(losses, every);
  return {
    ...histories,
    madImage: metamer,
    savedMadImage: savedMetamer,
    initialImage: array([0.1, 0.2, 0.3, 0.4], [1, 1, 2, 2]),
    optimizedMetricLoss: Float64Array.from(metrics.optimized),
    referenceMetricLoss: Float64Array.from(metrics.reference),
    optimizedMetric: { name: "" },
  };
}

/** The data lines of charts, piece by piece: the points x, y, x, y ... of each. */
export function lines(svg: string): number[][][] {
  return [...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="#\w+" stroke-width="1\.75"/g)].map(([, d]) =>
    d
      .split("M")
      .slice(1)
      .flatMap((piece) => [piece.replace("Z", "").split(/[L,]/).map(Number)]),
  );
}

export interface Picture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: number[];
  readonly channels: number;
}

/** The pictures of a figure with their places, decoded. */
export function pictures(svg: string): Picture[] {
  const pattern =
    /translate\((\S+) (\S+)\)"><image width="(\d+)" height="(\d+)"[^>]*href="data:image\/png;base64,([^"]+)"/g;
  return [...svg.matchAll(pattern)].map(([, x, y, width, height, data]) => {
    const png = readPng(Buffer.from(data, "base64"));
    if (png.width !== Number(width) || png.height !== Number(height)) throw new Error("the PNG is not drawn 1 : 1");
    return {
      x: Number(x),
      y: Number(y),
      width: png.width,
      height: png.height,
      pixels: Array.from(png.data),
      channels: png.channels,
    };
  });
}

/** The visible texts in order. */
export function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
}

/** Throws unless every tag is closed in order and every attribute is quoted and free of raw markup. */
export function checkWellFormed(markup: string): void {
  const open: string[] = [];
  const tag = /<(\/?)([a-z][a-z0-9]*)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi;
  const rest = markup.replace(/^<!DOCTYPE html>/, "").replace(tag, (_, close, name, _attributes, empty) => {
    if (close === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else if (empty !== "/") open.push(name);
    return "";
  });
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  if (/[<>]|&(?!(amp|lt|gt|quot|#39);)/.test(rest)) throw new Error("raw markup in the text");
}
