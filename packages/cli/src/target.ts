// The image a person names on the command line, as an array of gray values, or of three colours for models that take those.

import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, extname, join } from "node:path";
import type { Pixels } from "@plenoptic-js/formats";
import { concatBytes, FileError, readImage, readSource, toGray } from "@plenoptic-js/formats";
import type { FloatDType } from "@plenoptic-js/tensor";
import { didYouMean } from "@plenoptic-js/tensor/engine";
import { photographs } from "plenoptic-js/engine";
import { arrayPixels, isArray, outsideWords } from "./arrayImage.ts";
import { type Channels, toColour } from "./colour.ts";
import { UserError } from "./failure.ts";
import { type Resize, resized } from "./resize.ts";
import { pathWord } from "./runFlags.ts";

/** Where the library keeps its pictures. */
const PICTURES = join(dirname(createRequire(import.meta.url).resolve("plenoptic-js/package.json")), "assets/images");

export interface Target {
  /** What names it on the command line. */
  readonly typed: string;
  /** What the image is called: the file's name without its folder, or the shipped picture's. */
  readonly name: string;
  /** The name without its extension and without what file names should not hold. */
  readonly stem: string;
  /** How values were made of what the file holds. */
  readonly conversion: string;
  /** 1: gray. 3: red, green and blue. */
  readonly channels: Channels;
  readonly height: number;
  readonly width: number;
  /** `channels * height * width` values, channel by channel and row by row, in the precision asked for; in [0, 1], but for those that `conversion` tells of. */
  readonly values: Float32Array | Float64Array;
  /** How `--resize` was typed, where the image has been resized. */
  readonly resize?: string;
}

/** What means the image from standard input. A file of that name is called ./- */
export const STDIN = "-";

/** Names of the pictures that ship with the package. */
const pictureNames: readonly string[] = Object.keys(photographs);

/** What the help of a command says about its image. */
export const IMAGE_HELP =
  "a PNG, JPEG, TIFF, WebP, PGM or PPM file, an array (.npy) of values from 0 to 1, or its URL; - for standard input; or the name of a picture that ships with plenoptic: " +
  `${pictureNames.join(", ")} (a file of that name goes first)`;

/**
 * Reads an image file, resized as asked for, or, where there is no file of that name, the shipped picture so called.
 *
 * @param channels 3: in colour, gray repeated
 * @throws UserError when there is neither; FileError when the file is not an image that can be read
 */
export async function readTarget(
  nameOrPath: string,
  resize?: Resize,
  dtype: FloatDType = "float64",
  channels: Channels = 1,
): Promise<Target> {
  const target = await resized(await readWhole(nameOrPath, channels), resize);
  return dtype === "float64" ? target : { ...target, values: new Float32Array(target.values) };
}

/** The image in its own size, not rounded. */
async function readWhole(nameOrPath: string, channels: Channels): Promise<Target & { readonly values: Float64Array }> {
  const isStdin = nameOrPath === STDIN;
  const path = isStdin ? undefined : await pathOf(nameOrPath);
  const { bytes, name: source } = isStdin ? await readStdin() : await readSource(path ?? nameOrPath);
  const pixels = isArray(bytes) ? arrayPixels(bytes, source) : await readImage(bytes, { name: source });
  const { height, width } = pixels;
  const values = channels === 3 ? toColour(pixels) : toGray(pixels, { dtype: "float64" }).data;
  const isUrl = /^(https?|data|blob|file):/i.test(nameOrPath);
  // An address may go on for pages.
  const name = isStdin
    ? "stdin"
    : path !== undefined
      ? nameOrPath
      : isUrl
        ? basename(nameOrPath).slice(0, 80)
        : basename(nameOrPath);
  const stem = shortened(
    basename(name, extname(name))
      .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
      .replace(/^-+/, ""),
  );
  // So may data in the place of one.
  const typed = /^data:/i.test(nameOrPath) ? "data:..." : nameOrPath;
  const conversion = describe(pixels, channels) + outsideWords(values);
  return { typed, name, stem, conversion, channels, height, width, values };
}

/** The image of a command, and how it is resized, as a shell takes them. */
export function imageWords({ typed, resize }: Target): string {
  return `${typed === STDIN ? typed : pathWord(typed)}${resize === undefined ? "" : ` --resize ${resize}`}`;
}

/** As much as is read of a file. */
const MOST_BYTES = 256 * 1024 * 1024;

async function readStdin(): Promise<{ bytes: Uint8Array; name: string }> {
  const name = "standard input";
  if (process.stdin.isTTY) throw new UserError("- means an image from standard input, and nothing is piped into it");
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of process.stdin as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MOST_BYTES) throw new FileError("too-big", name, `more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return { bytes: concatBytes(parts), name };
}

/** Bytes of a name of which more is to be made: file systems take 255. */
const LONGEST = 200;

/** The beginning of a name that is too long for a part of a file's name. */
export function shortened(name: string): string {
  let short = "";
  let bytes = 0;
  for (const letter of name) {
    bytes += Buffer.byteLength(letter);
    if (bytes > LONGEST) break;
    short += letter;
  }
  return short;
}

/** The path of a shipped picture, or undefined where the text is a path itself. Files go first, folders do not. */
async function pathOf(nameOrPath: string): Promise<string | undefined> {
  const found = await stat(nameOrPath).catch(() => undefined);
  if (found?.isFile() || !/^[\w-]+$/.test(nameOrPath)) return undefined;
  if (pictureNames.includes(nameOrPath)) return join(PICTURES, `${nameOrPath}.pgm`);
  if (found !== undefined) return undefined;
  throw new UserError(
    `there is no file "${nameOrPath}" and no shipped picture of that name${didYouMean(nameOrPath, pictureNames)} ` +
      `(${pictureNames.join(", ")})`,
  );
}

function describe({ channels, maxValue, orientation }: Pixels, wanted: Channels): string {
  const luminance =
    wanted === 3
      ? channels >= 3
        ? "colour as stored"
        : "gray, the same in red, green and blue"
      : channels >= 3
        ? "colour made gray (0.2125 R + 0.7154 G + 0.0721 B)"
        : "gray as stored";
  const onWhite = channels % 2 === 0 ? ", transparent pixels on white" : "";
  const scaled = maxValue === 1 ? "" : `, divided by ${maxValue}`;
  const turned = orientation === undefined ? "" : `, not turned (EXIF orientation ${orientation})`;
  return `${luminance}${onWhite}${scaled}${turned}`;
}
