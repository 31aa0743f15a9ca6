// What a file says of a result: its recipe, and whatever of image, result and course it holds. Of .pt and PNG files, and of recipes alone.

import {
  type BytePieces,
  FileError,
  type IntegerPixels,
  readPng,
  readPt,
  readSourcePieces,
  type Source,
} from "@plenoptic-js/formats";
import { type FloatDType, type Tensor, tensor } from "@plenoptic-js/tensor";
import { readTarget, TARGET_KEYWORD } from "../embeddedTarget.ts";
import { maxFileBytes } from "../io/maxFileBytes.ts";
import { checkSource } from "../io/places.ts";
import { type MadeRecipe, type OwnRecipe, RECIPE_KEYWORD, type RecipeArray } from "../recipe.ts";
import { type FileFunctions, fileFunctions } from "../stored/fileFunctions.ts";
import { readFunctions } from "../stored/read.ts";
import {
  EIGENDISTORTION,
  MAD_COMPETITION,
  METAMER,
  METAMER_CTF,
  readValues,
} from "../synthesis/saving/dictionary/layouts.ts";
import { readMetadata } from "../synthesis/saving/dictionary/metadata.ts";
import { SavedReader } from "../synthesis/saving/dictionary/reader.ts";
import { migrate } from "../synthesis/saving/old/migrate.ts";
import { CannotReplay } from "./cannotReplay.ts";
import { parseRecipe } from "./checkRecipe.ts";

/** Pixels of a PNG file. */
export interface ReadPixels {
  readonly bits: 8 | 16;
  readonly height: number;
  readonly width: number;
  /** Channels one after the other. */
  readonly data: Uint8Array | Uint16Array;
}

/** The numbers of each step that a file holds, by the names of the histories. */
export type ReadSeries = Readonly<Record<SeriesName, Float64Array>>;

export const SERIES_NAMES = ["losses", "penalties", "gradientNorm", "pixelChangeNorm"] as const;
export type SeriesName = (typeof SERIES_NAMES)[number];

/** A result as a file has it. What the file does not hold is null. */
export interface ReadResult {
  /** What to call the file. */
  readonly file: string;
  readonly kind: "pt" | "png" | "recipe";
  readonly recipe: OwnRecipe;
  /** The target. */
  readonly image: Tensor<FloatDType> | null;
  /** The image it started from, where the file holds it. */
  readonly initialImage: Tensor<FloatDType> | null;
  /** The synthesized image, or the eigendistortions. */
  readonly result: Tensor<FloatDType> | null;
  readonly series: ReadSeries | null;
  readonly pixels: ReadPixels | null;
  /** Model, loss, penalty and metrics, where the file holds them. */
  readonly functions: FileFunctions | null;
}

/** One whose recipe tells of a result. */
export type MadeResult = ReadResult & { readonly recipe: MadeRecipe };

/** What holds no job, but what was made of one. Throws CannotReplay for a job. */
export function withResult(read: ReadResult): MadeResult {
  if (read.recipe.result !== undefined) return read as MadeResult;
  const { file } = read;
  throw new CannotReplay(
    "no result",
    `${file} is a job, of which nothing was made yet; plenoptic run ${file} makes it`,
  );
}

const NOTHING = { image: null, initialImage: null, result: null, series: null, pixels: null, functions: null } as const;

/** As much as is read of a PNG file or a recipe. */
const MOST_BYTES = 1024 * 1024 * 1024;

/**
 * Reads the recipe of a .pt file, of a PNG file, or a recipe itself, and what else of the result the file holds. Nothing of it is run.
 *
 * @throws FileError for what is no such file; CannotReplay where it has no recipe
 */
export async function read(source: Source): Promise<ReadResult> {
  return readFor("read", source);
}

/** As `read`, for a function of another name. */
export async function readFor(caller: string, source: Source): Promise<ReadResult> {
  checkSource(`replay.${caller}`, source);
  const { bytes, name } = await readSourcePieces(source, { maxBytes: maxFileBytes });
  const first = bytes.length === 0 ? 0 : bytes.slice(0, 1)[0];
  if (first !== 0x89 && first !== 0x7b) return readSaved(bytes, name);
  if (bytes.length > MOST_BYTES) throw new FileError("too-big", name, "it is too large to be a recipe or an image");
  const whole = bytes.slice(0, bytes.length);
  if (first === 0x89) return readImageFile(whole, name);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(whole);
  } catch (cause) {
    throw new FileError("damaged", name, "it is no text", { cause });
  }
  return { file: name, kind: "recipe", recipe: await parseRecipe(text, name), ...NOTHING };
}

async function readImageFile(bytes: Uint8Array, file: string): Promise<ReadResult> {
  const png = readPng(bytes, { name: file });
  const { text } = png;
  const found = text?.get(RECIPE_KEYWORD);
  if (found === undefined) {
    throw new CannotReplay(
      "no recipe",
      `${file} holds no recipe; programs that change or optimize images drop it. Verify the file as it was written`,
    );
  }
  const recipe = await parseRecipe(found, file);
  const pixels = pixelsOf(png);
  const target = text?.get(TARGET_KEYWORD);
  const image = target === undefined ? null : readTarget(target, file);
  return { file, kind: "png", recipe, ...NOTHING, image, pixels };
}

/** The pixels of a PNG file; null where it is of a kind that is not written here. */
export function pixelsOf({ width, height, maxValue, channels, data }: IntegerPixels): ReadPixels | null {
  if (channels === 2 || (maxValue !== 255 && maxValue !== 65535)) return null;
  return { bits: maxValue === 255 ? 8 : 16, height, width, data: planes(data, channels) };
}

function planes(data: Uint8Array | Uint16Array, channels: number): Uint8Array | Uint16Array {
  if (channels === 1) return data;
  const out = data.slice();
  const size = data.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < size; pixel++) out[channel * size + pixel] = data[pixel * channels + channel];
  }
  return out;
}

async function readSaved(bytes: BytePieces, file: string): Promise<ReadResult> {
  const { dict, className } = migrate(new SavedReader(readPt(bytes, { name: file }).value, file).dict);
  const own = readMetadata(dict.get("save_metadata"));
  if ((own?.recipe ?? null) === null) {
    const why = own === null ? "was not saved by plenoptic-js" : "was begun by Python's plenoptic";
    throw new CannotReplay(
      "no recipe",
      `${file} ${why}, and holds no recipe: the bits of that are not promised by anyone`,
    );
  }
  const recipe = await parseRecipe(JSON.stringify(own?.recipe), file, own?.numerics);
  if (!("numerics" in (own?.recipe ?? {})) && recipe.calls.some(({ call }) => call === "to")) {
    throw new CannotReplay(
      "image",
      `${file} is of an earlier state of this library, and its run changed its precision: its recipe tells only the image in the later one`,
    );
  }
  if (className !== `plenoptic.${recipe.method}`) {
    throw new FileError("damaged", file, `it holds a ${className}, and its recipe makes a ${recipe.method}`);
  }
  const reader = new SavedReader(dict, file);
  const stored = readFunctions(dict.get("save_metadata"), file);
  const functions = stored === null ? null : fileFunctions(stored);
  const known = { file, kind: "pt", recipe, pixels: null, functions } as const;
  if (recipe.method === "Eigendistortion") {
    const { image, eigendistortions } = readValues(EIGENDISTORTION, reader);
    return { ...known, image, initialImage: null, result: eigendistortions, series: null };
  }
  const layout = { Metamer: METAMER, MetamerCTF: METAMER_CTF, MADCompetition: MAD_COMPETITION }[recipe.method];
  const values = readValues(layout as typeof METAMER, reader);
  const { image, synthesized: result, losses, penalties, gradientNorm, pixelChangeNorm } = values;
  const series = { losses, penalties, gradientNorm, pixelChangeNorm };
  const initialImage =
    recipe.method === "MADCompetition"
      ? (values as unknown as { readonly initialImage: Tensor<FloatDType> | null }).initialImage
      : startOf(recipe, own?.arrays?.initialImage);
  return { ...known, image, initialImage, result, series };
}

/** The starting image that stands in our part of the metadata, where it fits what the recipe says of it. */
function startOf({ calls }: OwnRecipe, values: Float32Array | Float64Array | undefined): Tensor<FloatDType> | null {
  const said = calls.find(({ call }) => call === "setup")?.options.initialImage as RecipeArray | null | undefined;
  if (values === undefined || said === null || said === undefined) return null;
  const size = said.shape.reduce((product, n) => product * n, 1);
  if (size !== values.length) return null;
  return tensor(values, { shape: said.shape, dtype: said.dtype as FloatDType });
}
