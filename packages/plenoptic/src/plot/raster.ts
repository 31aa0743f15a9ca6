/**
 * A picture as 8-bit PNG inside a data address (PNG, third edition; RFC 2397). Enlarged pictures are enlarged here,
 * by repeating pixels, so that a viewer shows the PNG one to one and has nothing to interpolate.
 */

import { writePng } from "@plenoptic-js/formats";
import type { Plane } from "./planes.ts";
import { NOT_FINITE } from "./style.ts";

/** Stops of the diverging map at equal distances: dark blue, blue, white at zero, red, dark red. */
const DIVERGING: readonly (readonly [number, number, number])[] = [
  [8, 48, 107],
  [66, 133, 190],
  [247, 247, 247],
  [207, 82, 70],
  [103, 0, 22],
];

export interface Raster {
  /** `data:image/png;base64,...` */
  readonly uri: string;
  /** How many pixels of the picture have a value that is NaN or infinite. */
  readonly notFinite: number;
}

/** Places on the colour map that an animation has, its ends and its middle among them: with the signal colour as many as a GIF holds. */
const STEPS = 254;

/** The picture as a PNG in a data address; as `rasterPixels` draws it, in gray where that is enough. */
export function rasterOf(plane: Plane, range: readonly [number, number], diverging: boolean, times: number): Raster {
  const { height, width, channels, values } = plane;
  const isGray = channels === 1 && !diverging && values.every(Number.isFinite);
  const depth = isGray ? 1 : channels === 4 ? 4 : 3;
  const { pixels: data, notFinite } = rasterPixels(plane, range, diverging, times, depth);
  const png = writePng({ width: width * times, height: height * times, channels: depth, maxValue: 255, data });
  return { uri: `data:image/png;base64,${base64(png)}`, notFinite };
}

/**
 * Draws the picture. A grey value v becomes the level nearest to 255 (v - low) / (high - low), cut at 0 and 255; with
 * `diverging` the same place on the colour map. A range of no width shows its value as middle grey. Pixels that are
 * NaN or infinite are drawn in a signal colour.
 *
 * @param times how many pixels each element is wide and high
 * @param depth samples of a pixel: 1 for gray, 3 for colour, 4 with opacity
 * @param inSteps whether only 255 places of the colour map are used
 */
export function rasterPixels(
  plane: Plane,
  range: readonly [number, number],
  diverging: boolean,
  times: number,
  depth: 1 | 3 | 4,
  inSteps = false,
): { readonly pixels: Uint8Array; readonly notFinite: number } {
  const { height, width, channels, values } = plane;
  const bad = new Uint8Array(height * width);
  let notFinite = 0;
  for (let i = 0; i < bad.length; i++) {
    for (let c = 0; c < channels; c++) if (!Number.isFinite(values[i * channels + c])) bad[i] = 1;
    notFinite += bad[i];
  }
  const pixels = new Uint8Array(height * width * depth);
  for (let i = 0; i < bad.length; i++) {
    const at = i * depth;
    if (bad[i] === 1) {
      pixels.set(NOT_FINITE, at);
      if (depth === 4) pixels[at + 3] = 255;
    } else if (channels === 1) {
      const exact = placeIn(values[i], range);
      const place = diverging && inSteps ? Math.floor(exact * STEPS + 0.5) / STEPS : exact;
      if (depth === 1) pixels[at] = level(place);
      else pixels.set(diverging ? divergingColour(place) : [level(place), level(place), level(place)], at);
    } else {
      for (let c = 0; c < 3; c++) pixels[at + c] = level(placeIn(values[i * channels + c], range));
      if (depth === 4) pixels[at + 3] = level(placeIn(values[i * 4 + 3], [0, 1]));
    }
  }
  return { pixels: repeatPixels(pixels, height, width, depth, times), notFinite };
}

/** Where a value lies between the two ends of the range, from 0 to 1. */
function placeIn(value: number, [low, high]: readonly [number, number]): number {
  if (value < low) return 0;
  if (value > high) return 1;
  return low === high ? 0.5 : (value - low) / (high - low);
}

function level(place: number): number {
  return Math.floor(place * 255 + 0.5);
}

function divergingColour(place: number): number[] {
  const scaled = place * (DIVERGING.length - 1);
  const below = Math.min(Math.floor(scaled), DIVERGING.length - 2);
  const part = scaled - below;
  return DIVERGING[below].map((c, i) => Math.floor(c + part * (DIVERGING[below + 1][i] - c) + 0.5));
}

function repeatPixels(pixels: Uint8Array, height: number, width: number, depth: number, times: number): Uint8Array {
  if (times === 1) return pixels;
  const row = width * times * depth;
  const out = new Uint8Array(height * times * row);
  for (let y = 0; y < height; y++) {
    const start = y * times * row;
    for (let x = 0; x < width * times; x++) {
      const from = (y * width + Math.floor(x / times)) * depth;
      for (let c = 0; c < depth; c++) out[start + x * depth + c] = pixels[from + c]!;
    }
    for (let k = 1; k < times; k++) out.copyWithin(start + k * row, start, start + row);
  }
  return out;
}

/** Base64 (RFC 4648). In pieces, as one call takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}
