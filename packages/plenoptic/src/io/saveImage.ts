// One image as a PNG file, with a word on what its numbers lost: the way back from loadImages.

import { canonicalJson, type JsonObject, type JsonValue, writeFileAtomic } from "@plenoptic-js/formats";
import { type FloatDType, hashTensor, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { counted } from "../counted.ts";
import { TARGET_KEYWORD, targetText } from "../embeddedTarget.ts";
import { RECIPE_KEYWORD, type RecipeExport } from "../recipe.ts";
import { UserWarning, warn } from "../warnings.ts";
import { checkPath } from "./places.ts";
import {
  checkForm,
  measured,
  STIMULUS_OPTIONS,
  type StimulusForm,
  type StimulusMeasures,
  stimulusOf,
  stimulusPng,
} from "./stimulus.ts";

export interface SaveImageOptions extends StimulusForm {
  /**
   * Numbers to know of what is written, by name: functions of an image, such as `{ loss: (x) => metric.mse(x, target) }`. Each is computed of
   * the image, and of what was written, decoded to the values that it stands for.
   */
  readonly measures?: StimulusMeasures;
  /** The recipe that the image is the result of, as `recipe()` of a synthesis gives it: it is written into the file, for `po.replay.verify`. */
  readonly recipe?: JsonObject | null;
  /** The target of the recipe, to be written into the file too, which can then be verified from itself alone. */
  readonly target?: Tensor<FloatDType> | null;
}

/** What an image lost when it became whole numbers. */
export interface SavedImage {
  /** How many values lay below 0 and above 1, and were moved there. */
  readonly clipped: { readonly below: number; readonly above: number };
  /** The largest difference between a value in [0, 1] and what stands in its place; half a step at most, of linear values. */
  readonly maxRoundingError: number;
  /** SHA-256 of the pixels, as recipes have it. */
  readonly pixels: string;
  /** How far what was written, decoded, is from the values, those included that were clipped: the most, and root mean square. */
  readonly distance: { readonly most: number; readonly rms: number };
  /** The measures that were asked for, of the values and of what was written, decoded; null for what is not finite. */
  readonly measures: NonNullable<RecipeExport["measures"]>;
}

/**
 * Writes an image as PNG: values in [0, 1], rounded to the nearest step, halves up. Values outside are clipped, with a
 * warning. A record of all that is inside, as text. The file is never half-written. Node only; in a browser, use `encodeImage`.
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
  checkOptions(`${caller}()`, options, [...STIMULUS_OPTIONS, "measures", "recipe", "target"]);
  const { recipe = null, target = null, measures = {} } = options;
  const form = checkForm(caller, options);
  checkTensor(caller, "the image", image);
  const { dtype, shape } = image;
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
  const stimulus = await naming(caller, async () =>
    stimulusOf(file, image, form, measures, await measured(measures, image)),
  );
  const { record } = stimulus;
  const clipped = { below: record.clippedBelow, above: record.clippedAbove };
  if (clipped.below + clipped.above > 0) {
    const found = `${counted(clipped.below, "value")} below 0 and ${clipped.above} above 1 were moved there`;
    warn(new UserWarning("clipped", `${caller}: ${found}; scale the image first if that is not what you want`));
  }
  const text = new Map<string, string>();
  if (recipe !== null) {
    const exports = [record as unknown as JsonValue];
    text.set(RECIPE_KEYWORD, canonicalJson({ ...recipe, exports }));
  }
  if (target !== null) text.set(TARGET_KEYWORD, targetText(target));
  const { maxRoundingError, pixels, distance, measures: found = {} } = record;
  const known = { clipped, maxRoundingError, pixels: pixels!, distance: distance!, measures: found };
  return { ...known, bytes: stimulusPng(stimulus, shape, text) };
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

async function naming<T>(caller: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`${caller}: ${cause.message}`, { cause });
  }
}
