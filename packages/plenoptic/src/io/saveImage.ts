// One image as a PNG file, with a word on what its numbers lost: the way back from loadImages.

import {
  canonicalJson,
  type IntegerImage,
  type JsonObject,
  roundAndClip,
  writeFileAtomic,
  writePng,
} from "@plenoptic-js/formats";
import { type FloatDType, hashTensor, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { counted } from "../counted.ts";
import { TARGET_KEYWORD, targetText } from "../embeddedTarget.ts";
import { pixelHash } from "../pixelHash.ts";
import { RECIPE_KEYWORD } from "../recipe.ts";
import { UserWarning, warn } from "../warnings.ts";
import { checkPath } from "./places.ts";

export interface SaveImageOptions {
  /** Bits of a value: 8 (default), with steps of 1/255; or 16, with steps of 1/65535. */
  readonly bits?: 8 | 16;
  /** The recipe that the image is the result of, as `recipe()` of a synthesis gives it: it is written into the file, for `po.replay.verify`. */
  readonly recipe?: JsonObject | null;
  /** The target of the recipe, to be written into the file too, which can then be verified from itself alone. */
  readonly target?: Tensor<FloatDType> | null;
}

/** What an image lost when it became whole numbers. */
export interface SavedImage {
  /** How many values lay below 0 and above 1, and were moved there. */
  readonly clipped: { readonly below: number; readonly above: number };
  /** The largest difference between a value in [0, 1] and what stands in its place; half a step at most. */
  readonly maxRoundingError: number;
}

/**
 * Writes an image as PNG: values in [0, 1], rounded to the nearest step, halves up. Values outside are clipped, with a
 * warning. The file is never half-written. Node only; in a browser, use `encodeImage`.
 *
 * @param path must end in .png
 * @param image [height, width], [channels, height, width] or [1, channels, height, width]; 1 channel is gray, 3 are RGB, 4
 *   RGBA, as `loadImages` gives them
 * @throws RangeError for another shape or ending, and for NaN; FileError when the file cannot be written
 */
export async function saveImage(
  path: string,
  image: Tensor<FloatDType>,
  options: SaveImageOptions = {},
): Promise<SavedImage> {
  checkPath("saveImage", path);
  if (!/\.png$/i.test(path)) throw new RangeError(`saveImage: images are written as PNG, so ${path} must end in .png`);
  const file = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const { bytes, ...saved } = await encode("saveImage", image, options, file);
  await writeFileAtomic(path, bytes);
  return saved;
}

/** The bytes that `saveImage` writes, and the same report. Equal images give equal pixels. */
export async function encodeImage(
  image: Tensor<FloatDType>,
  options: SaveImageOptions = {},
): Promise<SavedImage & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  return encode("encodeImage", image, options);
}

async function encode(
  caller: string,
  image: Tensor<FloatDType>,
  options: SaveImageOptions,
  file = "image.png",
): Promise<SavedImage & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  checkOptions(`${caller}()`, options, ["bits", "recipe", "target"]);
  const { bits = 8, recipe = null, target = null } = options;
  if (bits !== 8 && bits !== 16) throw new RangeError(`${caller}: bits is ${shown(bits)}; it must be 8 or 16`);
  checkTensor(caller, "the image", image);
  const { dtype, shape } = image;
  const [height, width] = shape.slice(-2);
  const channels = shape.length === 2 ? 1 : shape[shape.length - 3];
  const isOne = shape.length === 2 || shape.length === 3 || (shape.length === 4 && shape[0] === 1);
  if (!isOne || (channels !== 1 && channels !== 3 && channels !== 4)) {
    const wanted =
      "[height, width], [channels, height, width] or [1, channels, height, width], with 1, 3 or 4 channels";
    const way =
      isOne && shape.length > 2 && channels > 0
        ? `. One channel alone is ${shape.length === 3 ? "image.slice(0, 0, 1)" : "image.slice(1, 0, 1)"}`
        : "";
    throw new RangeError(`${caller}: the image has shape ${shapeText(shape)}; it must be ${wanted}${way}`);
  }
  if (dtype !== "float32" && dtype !== "float64") {
    throw new TypeError(`${caller}: the image is ${String(dtype)}; its values must be float32 or float64, from 0 to 1`);
  }
  if (recipe !== null) await checkRecipeOf(caller, recipe, image, target);
  else if (target !== null)
    throw new RangeError(`${caller}: a target is for a recipe; give recipe too, or leave it out`);
  const values = await image.data();
  const rounded = roundedValues(caller, values, bits);
  const { clipped, maxRoundingError } = rounded;
  if (clipped.below + clipped.above > 0) {
    const found = `${counted(clipped.below, "value")} below 0 and ${clipped.above} above 1 were moved there`;
    warn(new UserWarning("clipped", `${caller}: ${found}; scale the image first if that is not what you want`));
  }
  const maxValue = bits === 16 ? 65535 : 255;
  const text = new Map<string, string>();
  if (recipe !== null) {
    const exported = {
      file,
      bits,
      encoding: "linear",
      pixels: pixelHash(rounded.data, channels === 1 ? [height, width] : [channels, height, width]),
      clippedBelow: clipped.below,
      clippedAbove: clipped.above,
      maxRoundingError,
    };
    text.set(RECIPE_KEYWORD, canonicalJson({ ...recipe, exports: [exported] }));
  }
  if (target !== null) text.set(TARGET_KEYWORD, targetText(target));
  const pixels = { width, height, channels, maxValue, data: interleaved(rounded.data, channels) } as const;
  return { bytes: writePng(pixels, { text }), clipped, maxRoundingError };
}

/** Refuses a recipe of another image, and a target of another recipe. */
async function checkRecipeOf(
  caller: string,
  recipe: JsonObject,
  image: Tensor,
  target: Tensor<FloatDType> | null,
): Promise<void> {
  const hashIn = (part: JsonObject[string] | undefined): unknown =>
    (part as { readonly sha256?: unknown } | null | undefined)?.sha256;
  const wanted = typeof recipe === "object" ? hashIn(recipe.result) : undefined;
  if (typeof wanted !== "string") {
    throw new TypeError(
      `${caller}: recipe is ${shown(recipe)}; it must be what recipe() of a synthesis gives, or null`,
    );
  }
  if ((await hashTensor(image)) !== wanted) {
    throw new RangeError(
      `${caller}: the image is not the result of the recipe; give the very image that the synthesis made`,
    );
  }
  if (target === null) return;
  checkTensor(caller, "the target", target);
  if ((await hashTensor(target)) !== hashIn(recipe.image)) {
    throw new RangeError(`${caller}: the target is not the image of the recipe`);
  }
}

function roundedValues(caller: string, values: Float32Array | Float64Array, bits: 8 | 16): IntegerImage {
  try {
    return bits === 16 ? roundAndClip(values, 65535) : roundAndClip(values, 255);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`${caller}: ${cause.message}`, { cause });
  }
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
