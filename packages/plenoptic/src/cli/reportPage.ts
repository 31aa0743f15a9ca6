// The page a person opens after a synthesis: what was made, how well the model is fooled, and how to make it again.
// Everything on it is drawn by the public plotting functions.

import type { Tensor } from "@plenoptic-js/tensor";
import type { Recipe } from "../files/recipe.ts";
import {
  type Figure,
  histogram,
  imshow,
  type ReportSection,
  report,
  synthesisLoss,
  synthesisNorms,
} from "../plot/index.ts";
import { fittingZoom } from "../plot/planes.ts";
import type { MadeMetamer, Triple } from "./runMetamer.ts";
import { decadesFallen, exportNotes, significant } from "./wording.ts";

/** Room for pictures on the page, in pixels, and the gap between two. */
const PAGE_WIDTH = 980;
const GAP = 28;

/** The longest side of a picture where three stand in a row. */
const SIDE = 300;

/**
 * The page as HTML text.
 *
 * @param command the command that makes the same result again
 */
export async function reportPage(made: MadeMetamer, command: string): Promise<string> {
  const { synthesis, choice, images, representations, gaps, recipe } = made;
  const [low, high] = await rangeOf(representations.target);
  const { firstLoss, finalLoss, iterations } = recipe.result;
  return report({
    title: `A metamer of ${recipe.image.name}`,
    intro:
      "Two images are metamers of a model of vision when they differ, but the model responds to both in the same way: " +
      "what sets them apart is what the model cannot see. Here the model is " +
      `${choice.description}; the metamer started as random noise, and its pixels were changed step by step until the model's ` +
      "response to it matched the response to the target.\n\n" +
      `Pixels of the two images differ by up to ${significant(gaps.image)}. The model's responses to them differ by at ` +
      `most ${significant(gaps.representation)}, where the responses to the target range from ${significant(low)} to ` +
      `${significant(high)}. The loss fell by ${decadesFallen(firstLoss, finalLoss)} in ${iterations} iterations, ` +
      `from ${significant(firstLoss)} to ${significant(finalLoss)}.`,
    sections: [
      {
        heading: "Target, start and metamer",
        text: "On one scale: 0 is black, 1 is white. Each picture element is one pixel of the image, or a square of them.",
        figures: [await row(images, ["Target", "Start", "Metamer"], [0, 1])],
      },
      {
        heading: "What the model sees of them",
        text:
          "The model's representations of the three images, on one scale. The start looks nothing like the target; the " +
          "metamer should be hard to tell from it.",
        figures: await representationRows(representations),
      },
      {
        heading: "What is left of the difference",
        text:
          "The metamer minus the target, before the model and after it, on one scale: red is more, blue is less, " +
          "white is no difference.",
        figures: [await differences(images, representations)],
      },
      ...(await closeUp(images)),
      {
        heading: "How the synthesis went",
        text:
          "Left, what was minimized besides the penalty. Right, how steep the objective was and how far the image " +
          "moved in each iteration.",
        figures: [await synthesisLoss(synthesis), await synthesisNorms(synthesis)],
      },
      {
        heading: "Values",
        text: exportNotes(recipe.exports, images.metamer.size).join(" "),
        figures: [
          await histogram([images.target, images.metamer], { labels: ["Target", "Metamer"], title: "Pixel values" }),
        ],
      },
      {
        heading: "Recipe",
        text:
          "All that the result depends on. The same recipe gives the same SHA-256 on every machine. The whole of it, " +
          "with the states of the random generators, is in recipe.json and in both PNG files.",
        table: recipeTable(recipe),
        code: command,
      },
    ],
  });
}

async function row(images: Triple, titles: readonly string[], vrange: readonly [number, number]): Promise<Figure> {
  const { target, start, metamer } = images;
  const zoom = zoomOf(target);
  return imshow([target, start, metamer], { title: titles, vrange, zoom, colWrap: columns(target, zoom) });
}

/** A row for each channel of the representations; nothing where they are not pictures. */
async function representationRows(representations: Triple): Promise<Figure[]> {
  const { target, start, metamer } = representations;
  if (target.ndim !== 4) return [];
  const zoom = zoomOf(target);
  const rows: Figure[] = [];
  for (let channel = 0; channel < target.shape[1]; channel++) {
    const which = target.shape[1] > 1 ? `, channel ${channel}` : "";
    rows.push(
      await imshow([target, start, metamer], {
        title: ["Target", "Start", "Metamer"].map((name) => name + which),
        vrange: "auto1",
        zoom,
        colWrap: columns(target, zoom),
        channelIdx: channel,
      }),
    );
  }
  return rows;
}

async function differences(images: Triple, representations: Triple): Promise<Figure> {
  const before = images.metamer.sub(images.target);
  const after = representations.metamer.sub(representations.target);
  const isPicture = after.ndim === 4 && after.shape[2] === before.shape[2] && after.shape[3] === before.shape[3];
  const zoom = zoomOf(before);
  const pictures = isPicture ? [before, after] : [before];
  const channels = isPicture ? after.shape[1] : 0;
  const after_ = (c: number): string => (channels > 1 ? `Representations, channel ${c}` : "Representations");
  const titles = ["Images", ...Array.from({ length: channels }, (_, c) => after_(c))];
  return imshow(pictures, { title: titles, vrange: "auto0", zoom, colWrap: columns(before, zoom) });
}

/** The middle of target and metamer, enlarged, where the images are large enough for that to show more. */
async function closeUp({ target, metamer }: Triple): Promise<ReportSection[]> {
  const [, , height, width] = target.shape;
  const side = 64;
  if (height < 2 * side || width < 2 * side) return [];
  const cut = (image: Tensor): Tensor => {
    const top = (height - side) >> 1;
    const left = (width - side) >> 1;
    return image.slice(2, top, top + side).slice(3, left, left + side);
  };
  const figure = await imshow([cut(target), cut(metamer)], {
    title: ["Target", "Metamer"],
    vrange: [0, 1],
    zoom: fittingZoom(side, side, 400),
  });
  return [{ heading: "Looked at closely", text: `The middle ${side} x ${side} pixels.`, figures: [figure] }];
}

function zoomOf(image: Tensor): number {
  return fittingZoom(image.shape[2], image.shape[3], SIDE);
}

/** How many pictures stand side by side. */
function columns(image: Tensor, zoom: number): number {
  return Math.max(1, Math.floor((PAGE_WIDTH + GAP) / (image.shape[3] * zoom + GAP)));
}

async function rangeOf(values: Tensor): Promise<readonly [number, number]> {
  return [await values.min().item(), await values.max().item()];
}

function recipeTable(recipe: Recipe): (readonly [string, string])[] {
  const { image, model, random, result } = recipe;
  return [
    ["method", recipe.method],
    ["image", `${image.name}, ${image.shape.slice(-2).join(" x ")} pixels, ${image.conversion}`],
    ["image SHA-256", image.sha256],
    ["model", `${model.name}${inParentheses(list(model.options))}`],
    ["model fingerprint", model.fingerprint],
    ["options", list(recipe.options)],
    ["dtype", result.dtype],
    ["seed", random.seed === null ? "none set" : String(random.seed)],
    ...recipe.calls.map(({ call, options }) => [call, list(options)] as const),
    ["result SHA-256", result.sha256],
    ["stopped because", result.stopReason],
    ["numeric contract", `version ${recipe.numerics}`],
    ["versions", list(recipe.versions)],
    ["computed on", list(recipe.environment)],
  ];
}

function inParentheses(text: string): string {
  return text === "" ? "" : ` (${text})`;
}

/** Names and values in one line. */
function list(options: Recipe["options"]): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(", ");
}

function text(value: Recipe["options"][string]): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${list(value as Recipe["options"])} }`;
}
