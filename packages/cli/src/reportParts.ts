// What the report pages of all methods share: how large pictures are, and the tables of recipes.

import type { JsonObject } from "@plenoptic-js/formats";
import type { Tensor } from "@plenoptic-js/tensor";
import { plot } from "plenoptic-js";
import { fittingZoom, type OwnRecipe, type Recipe } from "plenoptic-js/engine";

/** Room for pictures on the page, in pixels, and the gap between two. */
const PAGE_WIDTH = 980;
const GAP = 28;

/** The longest side of a picture where three stand in a row. */
const SIDE = 300;

/** How large pictures are drawn, and how many stand side by side. */
export function layoutOf({ shape }: Pick<Tensor, "shape">): { zoom: number; colWrap: number } {
  const [height, width] = shape.slice(-2);
  const zoom = fittingZoom(height, width, SIDE);
  return { zoom, colWrap: Math.max(1, Math.floor((PAGE_WIDTH + GAP) / (width * zoom + GAP))) };
}

/** An image on the scale from 0 to 1; three channels are one picture in colour. */
export function picture(image: Tensor, title: string, zoom: number): Promise<plot.Figure> {
  return plot.imshow(image, { title, vrange: [0, 1], zoom, asRgb: image.shape[1] === 3 });
}

/** What the channels of a change are called, after its own name: of gray images nothing. */
export const channelNames = ({ shape }: Pick<Tensor, "shape">): readonly string[] =>
  shape[1] === 3 ? [", red", ", green", ", blue"] : [""];

/**
 * Whether it worked: what the library says of it, a paragraph for each line, but for the first one, the verdict: the page begins with it.
 *
 * @param table the numbers behind it
 */
export function verdictSection(
  text: string,
  table: readonly (readonly [string, string])[] = [],
  more = "",
): plot.ReportSection {
  return {
    heading: "Did it work? What the verdict rests on",
    text: [...text.split("\n").slice(1), ...(more === "" ? [] : [more])].join("\n\n"),
    ...(table.length > 0 && { table }),
  };
}

/**
 * The end of every page: what the result depends on, and how to make it again.
 *
 * @param where the recipe stands in full
 * @param more rows of the table
 */
export function recipeSections(
  recipe: Recipe,
  where: string,
  more: readonly (readonly [string, string])[] = [],
): plot.ReportSection[] {
  return [
    {
      heading: "Recipe",
      text:
        "All that the result depends on. The same recipe gives the same SHA-256 on every machine. In full, with the " +
        `states of the random generators, it stands in ${where}.`,
      table: [...recipeTable(recipe), ...more],
    },
    { heading: "To make it again", code: withInput(recipe.command) },
  ];
}

/** The command, with a place for the file where it reads one from standard input. */
function withInput(command: string): string {
  return /^plenoptic [\w-]+ - /.test(command) ? `${command} < FILE` : command;
}

/** What a recipe says, but for what is long; also of one that the command has not written. */
export function recipeTable(recipe: OwnRecipe): (readonly [string, string])[] {
  const { image, model, random, result = null } = recipe;
  const { name = "", conversion = "" } = image;
  const rows: (readonly [string, string])[] = [
    ["method", recipe.method],
    [
      "image",
      [name, `${image.shape.slice(-2).reverse().join(" x ")} pixels`, conversion]
        .filter((part) => part !== "")
        .join(", "),
    ],
    ["image SHA-256", image.sha256],
  ];
  if (model !== null) {
    const named = [model.name ?? "without a name", list(model.options ?? {})].filter((part) => part !== "");
    rows.push(["model", named.join(": ")], ["model fingerprint", model.fingerprint]);
    if (model.file !== undefined) rows.push(["model's file", `${model.file.name}, SHA-256 ${model.file.sha256}`]);
  }
  rows.push(
    ["objective", list(recipe.options)],
    ["dtype", image.dtype],
    ["seed", typeof random.seed === "number" ? String(random.seed) : "none set"],
    // States of the random generators are long: recipe.json has them.
    ...recipe.calls.map(({ call, options }) => [call, list(options)] as const),
    ["result SHA-256", result?.sha256 ?? "none yet: it is a job"],
  );
  if (typeof result?.stopReason === "string") rows.push(["stopped by", result.stopReason]);
  rows.push(
    ["numeric contract", `version ${recipe.numerics}`],
    ["versions", list(recipe.versions)],
    ["computed on", list(recipe.environment ?? {})],
  );
  return rows.filter(([, value]) => value !== "");
}

/** Names and values in one line, without states of generators. */
function list(options: JsonObject): string {
  return Object.entries(options)
    .filter(([name, value]) => name !== "random" && !isEmpty(value))
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(", ");
}

function isEmpty(value: JsonObject[string]): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function text(value: JsonObject[string]): string {
  // Hashes of parts are only told apart here; recipe.json has all digits.
  if (typeof value === "string") return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}...` : value;
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const { name, ...rest } = value as JsonObject;
  return name === undefined ? `(${list(rest)})` : `${text(name)} (${list(rest)})`;
}
