// What `plenoptic inspect` says of a PNG file of this program, and of a recipe.

import { readSource } from "@plenoptic-js/formats";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { replay } from "plenoptic-js";
import { type OwnRecipe, type ReadStimulus, readStimulus, significant } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { recipeTable } from "./reportParts.ts";
import { pathWord } from "./runFlags.ts";

type Row = readonly [name: string, value: string];

/** What a file says; null where it says nothing of it. */
interface Inspected {
  readonly file: string;
  /** Of a PNG file. */
  readonly image: ReadStimulus | null;
  readonly recipe: OwnRecipe | null;
  /** The target that a PNG file holds. */
  readonly target: { readonly dtype: string; readonly shape: readonly number[] } | null;
}

/**
 * Reads a PNG file or a recipe, and says what is in it; as JSON if asked for.
 *
 * @throws UserError for an image of another program; FileError for one that cannot be read
 */
export async function inspectResult(file: string, json: boolean): Promise<string> {
  const inspected = await inspect(file);
  if (!json) return textOf(inspected);
  const { image, ...rest } = inspected;
  const { pixels = null, sha256 = null, stimulus = null } = image ?? {};
  const size = pixels && { bits: pixels.bits, height: pixels.height, width: pixels.width, sha256 };
  return `${JSON.stringify({ ...rest, pixels: size, stimulus }, null, 2)}\n`;
}

async function inspect(file: string): Promise<Inspected> {
  if (!/\.png$/i.test(file)) {
    const { recipe } = await replay.read(file);
    return { file, image: null, recipe, target: null };
  }
  const { bytes } = await readSource(file);
  const image = await readStimulus(bytes, file);
  const result = await recipeIn(file);
  if (image.stimulus === null && result === null) {
    throw new UserError(
      `${file} has neither a recipe nor a record of how it was written: another program wrote it, or changed it since; plenoptic compare ` +
        `${pathWord(file)} ${pathWord(file)} shows its size and how it is read`,
    );
  }
  const { recipe = null, image: target = null } = result ?? {};
  return { file, image, recipe, target: target && { dtype: target.dtype, shape: target.shape } };
}

/** What a file says of a result; null where it holds no recipe. */
async function recipeIn(file: string): Promise<replay.ReadResult | null> {
  try {
    return await replay.read(file);
  } catch (error) {
    if (error instanceof replay.CannotReplay && error.reason === "no recipe") return null;
    throw error;
  }
}

function textOf({ image, recipe, target }: Inspected): string {
  const groups: (readonly [title: string, rows: readonly Row[]])[] = [];
  if (image !== null) groups.push(["Image", imageRows(image)]);
  if (image !== null && image.stimulus !== null) groups.push(["As it was written", writtenRows(image)]);
  if (target !== null) groups.push(["Target inside", [["image", `${target.dtype} ${shapeText(target.shape)}`]]]);
  if (recipe !== null) groups.push(["Recipe", recipeRows(recipe)]);
  return groups.map(([title, rows]) => `${title}\n${lines(rows)}`).join("\n");
}

/** The recipe of a saved synthesis, under its title; "" where the file holds none. */
export async function savedRecipeText(file: string): Promise<string> {
  const result = await recipeIn(file).catch(() => null);
  return result === null ? "" : `\nRecipe\n${lines(recipeRows(result.recipe))}`;
}

function recipeRows(recipe: OwnRecipe): Row[] {
  const { command, exports = [] } = recipe;
  const files: Row[] = exports.length === 0 ? [] : [["image files", exports.map(({ file }) => file).join(", ")]];
  return [...recipeTable(recipe), ...files, ...(command === undefined ? [] : [["command", command] as const])];
}

function imageRows({ pixels, sha256 }: ReadStimulus): Row[] {
  if (pixels === null) return [["pixels", "of a kind that this program does not write"]];
  const { width, height, bits, data } = pixels;
  const channels = data.length / (width * height);
  return [
    ["pixels", `${width} x ${height}, ${channels === 1 ? "gray" : `${channels} channels`}, ${bits} bits`],
    ["SHA-256 of the pixels", sha256!],
  ];
}

function writtenRows({ stimulus, sha256 }: ReadStimulus): Row[] {
  const { encoding = "linear", colourChunk, pixelsPerDegree, pixels, ...told } = stimulus!;
  const { clippedBelow, clippedAbove, maxRoundingError, distance, measures = {}, bits } = told;
  const chunk = colourChunk === true ? "so" : "nothing";
  const rows: Row[] = [
    [
      "encoding",
      `${encoding === "srgb" ? "sRGB" : "linear"}, ${bits} bits; programs that manage colours are told ${chunk}`,
    ],
    ...(pixelsPerDegree === undefined ? [] : [["pixels per degree", String(pixelsPerDegree)] as const]),
    ["clipped", `${clippedBelow} values below 0, ${clippedAbove} above 1`],
    ["rounding", `at most ${significant(maxRoundingError)}`],
  ];
  if (distance !== undefined) {
    const { most, rms } = distance;
    rows.push(["from exact values", `at most ${significant(most)}, root mean square ${significant(rms)}`]);
  }
  for (const [name, { exact, written }] of Object.entries(measures)) {
    rows.push([name, `${numberText(written)} as written, ${numberText(exact)} of the exact values`]);
  }
  if (pixels !== undefined) {
    rows.push([
      "pixels",
      pixels === sha256 ? "those that were written" : `others than were written (SHA-256 ${pixels})`,
    ]);
  }
  return rows;
}

const numberText = (x: number | null): string => (x === null ? "not finite" : significant(x));

function lines(rows: readonly Row[]): string {
  // Names and values come from the file: what steers a terminal does not pass.
  const plain = rows.map((row) => row.map((cell) => cell.replace(/\p{C}/gu, " ")));
  const width = Math.max(...plain.map(([name]) => name.length));
  return plain.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join("");
}
