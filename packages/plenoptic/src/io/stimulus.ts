// An image as it is shown to somebody: whole numbers in a PNG file, and a record of what they are and what was lost. This is the one
// way out, of `saveImage` and of the command.

import { canonicalJson, type IntegerImage, type JsonObject, roundAndClip, writePng } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { fromValue, heldValue, settled, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { gapOf } from "../gap.ts";
import { pixelHash } from "../pixelHash.ts";
import type { RecipeExport } from "../recipe.ts";
import { roundAndClipSrgb, srgbTable } from "./srgb.ts";

/** The keyword of the PNG text chunk that holds the record of a stimulus. */
export const STIMULUS_KEYWORD = "plenoptic-stimulus";

/** How a value from 0 to 1 becomes a whole number: in proportion, or, taken for light, by the transfer function of sRGB. */
export type StimulusEncoding = "linear" | "srgb";

/** How an image is written. */
export interface StimulusForm {
  /** Bits of a value: 8 (default), with 255 steps from 0 to 1; or 16, with 65535. */
  readonly bits?: 8 | 16;
  /**
   * "linear" (default): a value times 255 or 65535, whatever the values mean. "srgb": the values are light, and are encoded as sRGB is, for
   * displays that decode that. What the model saw are the values in both cases.
   */
  readonly encoding?: StimulusEncoding;
  /**
   * Whether the file tells programs that manage colours how it is encoded: by an sRGB chunk, or, of linear values, by a gAMA chunk of
   * 1. Default: false. Without it, programs show the numbers as they show other files.
   */
  readonly colourChunk?: boolean;
  /** Pixels that take one degree of the observer's visual field. It is recorded, and changes nothing. Default: null. */
  readonly pixelsPerDegree?: number | null;
}

export const STIMULUS_OPTIONS = ["bits", "encoding", "colourChunk", "pixelsPerDegree"] as const;

/** Numbers that say what an image does: its loss, for one. */
export type StimulusMeasures = Readonly<
  Record<string, (image: Tensor<FloatDType>) => Tensor | number | Promise<Tensor | number>>
>;

/** Whole numbers of an image, and what is recorded of them. */
export interface Stimulus {
  readonly record: RecipeExport;
  /** Channels one after the other. */
  readonly data: Uint8Array | Uint16Array;
}

/** Throws RangeError for a form that is none. */
export function checkForm(caller: string, form: StimulusForm): Required<StimulusForm> {
  const { bits = 8, encoding = "linear", colourChunk = false, pixelsPerDegree = null } = form;
  if (bits !== 8 && bits !== 16) throw new RangeError(`${caller}: bits is ${shown(bits)}; it must be 8 or 16`);
  if (encoding !== "linear" && encoding !== "srgb") {
    throw new RangeError(`${caller}: encoding is ${shown(encoding)}; it must be "linear" or "srgb"`);
  }
  if (typeof colourChunk !== "boolean") {
    throw new TypeError(`${caller}: colourChunk is ${shown(colourChunk)}; it must be true or false`);
  }
  if (pixelsPerDegree !== null && !(Number.isFinite(pixelsPerDegree) && pixelsPerDegree > 0)) {
    throw new RangeError(
      `${caller}: pixelsPerDegree is ${shown(pixelsPerDegree)}; it must be a number above 0, or null`,
    );
  }
  return { bits, encoding, colourChunk, pixelsPerDegree };
}

/**
 * The whole numbers of an image, and what is recorded of them.
 *
 * @param image [..., channels, height, width], or [height, width]
 * @param exact what the measures are of the image itself
 * @throws RangeError for NaN
 */
export async function stimulusOf(
  file: string,
  image: Tensor<FloatDType>,
  { bits, encoding, colourChunk, pixelsPerDegree }: Required<StimulusForm>,
  measures: StimulusMeasures,
  exact: Readonly<Record<string, number>>,
): Promise<Stimulus> {
  const [whole] = await settled([image]);
  const [channels, height, width] = sizesOf(image.shape);
  const { data, clipped, maxRoundingError } = numbersOf(whole, bits, encoding);
  const { dtype, shape } = image;
  const re = shownValues(data, channels, bits, encoding, dtype);
  const written = fromValue<FloatDType>({ dtype, shape, re });
  const seen = await measured(measures, written);
  const both = Object.keys(measures).map(
    (name) => [name, { exact: finite(exact[name]), written: finite(seen[name]) }] as const,
  );
  const record: RecipeExport = {
    file,
    bits,
    encoding,
    ...(colourChunk && { colourChunk }),
    ...(pixelsPerDegree !== null && { pixelsPerDegree }),
    pixels: pixelHash(data, channels === 1 ? [height, width] : [channels, height, width]),
    clippedBelow: clipped.below,
    clippedAbove: clipped.above,
    maxRoundingError,
    distance: { ...gapOf(written, whole) },
    ...(both.length > 0 && { measures: Object.fromEntries(both) }),
  };
  return { record, data };
}

/** What the measures are of an image. Throws RangeError for one that is no single number. */
export async function measured(measures: StimulusMeasures, image: Tensor): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  if (Object.keys(measures).length === 0) return found;
  const [whole] = (await settled([image])) as [Tensor<FloatDType>];
  for (const [name, measure] of Object.entries(measures)) {
    const value = await measure(whole);
    if (typeof value === "number") {
      found[name] = value;
      continue;
    }
    if (value.size !== 1) {
      throw new RangeError(`the measure "${name}" gives an array ${shapeText(value.shape)}; it must be one number`);
    }
    found[name] = Number(await value.item());
  }
  return found;
}

/**
 * The PNG file of a stimulus: its record is inside, as text.
 *
 * @param text more texts, by keyword
 */
export function stimulusPng(
  { record, data }: Stimulus,
  shape: readonly number[],
  text: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const [channels, height, width] = sizesOf(shape);
  // Files get other names.
  const { file: _, ...told } = record;
  const texts = new Map([...text, [STIMULUS_KEYWORD, canonicalJson(told as unknown as JsonObject)]]);
  const pixels = { width, height, channels: channels as 1, data: interleaved(data, channels) };
  const colour = record.colourChunk === true ? record.encoding! : null;
  return writePng({ ...pixels, maxValue: levelsOf(record.bits) }, { text: texts, colour });
}

/** The whole numbers of an image, and what was lost. */
export function numbersOf(image: Tensor<FloatDType>, bits: 8 | 16, encoding: StimulusEncoding): IntegerImage {
  const [channels] = sizesOf(image.shape);
  return wholeNumbers(heldValue(image).re as Float32Array | Float64Array, channels, bits, encoding);
}

/** The whole numbers of values. An alpha channel, the fourth, is in proportion in either encoding. */
export function wholeNumbers(
  values: Float32Array | Float64Array,
  channels: number,
  bits: 8 | 16,
  encoding: StimulusEncoding,
): IntegerImage {
  const levels = levelsOf(bits);
  if (encoding === "linear") return roundAndClip(values, levels);
  const colours = coloursOf(values.length, channels);
  const light = roundAndClipSrgb(values.subarray(0, colours), levels);
  if (colours === values.length) return light;
  const alpha = roundAndClip(values.subarray(colours), levels);
  const data = new (bits === 16 ? Uint16Array : Uint8Array)(values.length);
  data.set(light.data);
  data.set(alpha.data, colours);
  return {
    data,
    clipped: {
      below: light.clipped.below + alpha.clipped.below,
      above: light.clipped.above + alpha.clipped.above,
    },
    maxRoundingError: Math.max(light.maxRoundingError, alpha.maxRoundingError),
  };
}

/** The values that whole numbers stand for: what the model would see of the file. */
function shownValues(
  data: Uint8Array | Uint16Array,
  channels: number,
  bits: 8 | 16,
  encoding: StimulusEncoding,
  dtype: FloatDType,
): Float32Array | Float64Array {
  const levels = levelsOf(bits);
  const out = dtype === "float32" ? new Float32Array(data.length) : new Float64Array(data.length);
  const colours = encoding === "linear" ? 0 : coloursOf(data.length, channels);
  if (colours > 0) {
    const light = srgbTable(levels);
    for (let i = 0; i < colours; i++) out[i] = light[data[i]];
  }
  for (let i = colours; i < data.length; i++) out[i] = data[i] / levels;
  return out;
}

const levelsOf = (bits: 8 | 16): 255 | 65535 => (bits === 16 ? 65535 : 255);

/** How many of the values are colours, and not alpha. */
const coloursOf = (length: number, channels: number): number => (channels === 4 ? (length / 4) * 3 : length);

/** JSON has neither infinity nor NaN. */
const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

function sizesOf(shape: readonly number[]): readonly [channels: number, height: number, width: number] {
  const [height, width] = shape.slice(-2);
  return [shape.length === 2 ? 1 : shape[shape.length - 3], height, width];
}

/** Channels side by side for each pixel, from one after the other. */
function interleaved(planes: Uint8Array | Uint16Array, channels: number): Uint8Array | Uint16Array {
  if (channels === 1) return planes;
  const out = planes.slice();
  const size = planes.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < size; pixel++) out[pixel * channels + channel] = planes[channel * size + pixel];
  }
  return out;
}
