// The image a person names on the command line, as an array of gray values.

import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, extname, join } from "node:path";
import type { Pixels } from "@plenoptic-js/formats";
import { readImage, readSource, toGray } from "@plenoptic-js/formats";
import { didYouMean } from "@plenoptic-js/tensor/engine";
import { photographs } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";

/** Where the library keeps its pictures. */
const PICTURES = join(dirname(createRequire(import.meta.url).resolve("plenoptic-js/package.json")), "assets/images");

export interface Target {
  /** What names it on the command line. */
  readonly typed: string;
  /** What the image is called: the file's name without its folder, or the shipped picture's. */
  readonly name: string;
  /** The name without its extension and without what file names should not hold. */
  readonly stem: string;
  /** How gray values were made of what the file holds. */
  readonly conversion: string;
  readonly height: number;
  readonly width: number;
  /** `height * width` values in [0, 1], row by row, not rounded. */
  readonly values: Float64Array;
}

/** Names of the pictures that ship with the package. */
const pictureNames: readonly string[] = Object.keys(photographs);

/** What the help of a command says about its image. */
export const IMAGE_HELP =
  "a PNG, JPEG, TIFF, WebP, PGM or PPM file, or its URL; or the name of a picture that ships with plenoptic: " +
  `${pictureNames.join(", ")} (a file of that name goes first)`;

/**
 * Reads an image file or, where there is no file of that name, the shipped picture so called.
 *
 * @throws UserError when there is neither; FileError when the file is not an image that can be read
 */
export async function readTarget(nameOrPath: string): Promise<Target> {
  const path = await pathOf(nameOrPath);
  const { bytes, name: source } = await readSource(path ?? nameOrPath);
  const pixels = await readImage(bytes, { name: source });
  const { height, width, data } = toGray(pixels, { dtype: "float64" });
  const isUrl = /^(https?|data|blob|file):/i.test(nameOrPath);
  // An address may go on for pages.
  const name = path !== undefined ? nameOrPath : isUrl ? basename(nameOrPath).slice(0, 80) : basename(nameOrPath);
  const stem = shortened(
    basename(name, extname(name))
      .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
      .replace(/^-+/, ""),
  );
  // So may data in the place of one.
  const typed = /^data:/i.test(nameOrPath) ? "data:..." : nameOrPath;
  return { typed, name, stem, conversion: describe(pixels), height, width, values: data };
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

function describe({ channels, maxValue, orientation }: Pixels): string {
  const luminance = channels >= 3 ? "colour made gray (0.2125 R + 0.7154 G + 0.0721 B)" : "gray as stored";
  const onWhite = channels % 2 === 0 ? ", transparent pixels on white" : "";
  const scaled = maxValue === 1 ? "" : `, divided by ${maxValue}`;
  const turned = orientation === undefined ? "" : `, not turned (EXIF orientation ${orientation})`;
  return `${luminance}${onWhite}${scaled}${turned}`;
}
