// Two results beside each other: whether they have one recipe, and the same bits, and where they part. Nothing is run.

import type { Source } from "@plenoptic-js/formats";
import { hashTensor } from "@plenoptic-js/tensor";
import { counted } from "../counted.ts";
import { differentPart } from "../recipeDifference.ts";
import { type Parting, sameNumber } from "./course.ts";
import { differenceOf } from "./difference.ts";
import { type MadeResult, type ReadResult, readFor, SERIES_NAMES, withResult } from "./readResult.ts";
import { hashOfPixels } from "./readStimulus.ts";
import { stepsOf } from "./rerun.ts";

export interface Comparison {
  /** Whether the results have the same bits. */
  readonly verdict: "identical" | "differs";
  /** Whether their recipes make the same; where not, what of them is another, in a few words. */
  readonly sameRecipe: boolean;
  readonly different: string | null;
  readonly parting: Parting | null;
  /** The same in a sentence, or a few. */
  readonly text: string;
}

/**
 * Compares the results of two files: .pt or PNG files, or recipes. The bits are those that a .pt file holds, else those that the recipe
 * tells the hash of.
 *
 * @throws FileError for a file that cannot be read; CannotReplay for one without a recipe
 */
export async function compare(first: Source, second: Source): Promise<Comparison> {
  const [a, b] = [withResult(await readFor("compare", first)), withResult(await readFor("compare", second))];
  const different = differentPart(a.recipe, b.recipe);
  const sameRecipe = different === null;
  const recipes = sameRecipe ? "the same recipe" : `recipes with another ${different}`;
  const known = { sameRecipe, different };
  const hashes = [await hashOf(a), await hashOf(b)];
  const changed = [a, b].filter((one, i) => one.recipe.result.sha256 !== hashes[i] || hasOtherPixels(one));
  const notes = changed.map(({ file }) => `; what ${file} holds is not what its own recipe says`).join("");
  const pixels = pixelWords(a, b);
  if (hashes[0] === hashes[1]) {
    const isSame = !pixels.startsWith("; the pixels differ");
    const verdict = isSame && changed.length === 0 ? "identical" : "differs";
    return {
      ...known,
      verdict,
      parting: null,
      text: `the same bits, ${recipes}: SHA-256 ${hashes[0]}${pixels}${notes}`,
    };
  }
  const parting = partingOf(a, b);
  const where = parting === null ? "" : `; they ${partingText(parting)}`;
  const values = a.result === null || b.result === null ? "" : `; ${await differenceOf(a.result, b.result)}`;
  const text = `other bits, ${recipes}: SHA-256 ${hashes[0]} and ${hashes[1]}${where}${values}${pixels}${notes}`;
  return { ...known, verdict: "differs", parting, text };
}

const hashOf = async ({ result, recipe }: MadeResult): Promise<string> =>
  result === null ? recipe.result.sha256 : hashTensor(result);

/** Whether a PNG file shows none of the images that its recipe tells of. */
function hasOtherPixels({ recipe: { exports: all = [] }, pixels }: ReadResult): boolean {
  if (pixels === null) return false;
  const own = hashOfPixels(pixels);
  const told = all.filter((one) => one.bits === pixels.bits && one.pixels !== undefined);
  return told.length > 0 && !told.some((one) => one.pixels === own);
}

function pixelWords({ pixels: a }: ReadResult, { pixels: b }: ReadResult): string {
  if (a === null || b === null || a.bits !== b.bits) return "";
  if (a.data.length !== b.data.length) return "; the pixels differ: the images have other sizes";
  let different = 0;
  for (let i = 0; i < a.data.length; i++) if (a.data[i] !== b.data[i]) different++;
  return different === 0 ? "; the same pixels" : `; the pixels differ in ${different} places`;
}

/** Where two courses part, as exactly as both files tell it. */
function partingOf(a: ReadResult, b: ReadResult): Parting | null {
  if (a.series !== null && b.series !== null) {
    const length = Math.min(a.series.losses.length, b.series.losses.length);
    for (let i = 0; i < length; i++) {
      for (const name of SERIES_NAMES) {
        if (sameNumber(a.series[name][i], b.series[name][i])) continue;
        const by = name === "pixelChangeNorm" ? i + 1 : i;
        return { after: by - 1, by, what: name };
      }
    }
    return { after: length, by: length + 1, what: "the number of steps, or the last image" };
  }
  const others = new Map(b.recipe.marks ?? []);
  let after = 0;
  let seen = false;
  for (const [step, hash] of a.recipe.marks ?? []) {
    const other = others.get(step);
    if (other === undefined) continue;
    seen = true;
    if (other !== hash) return { after, by: step, what: "the image" };
    after = step;
  }
  const end = Math.min(stepsOf(a.recipe) ?? 0, stepsOf(b.recipe) ?? 0);
  return seen ? { after, by: Math.max(end, after + 1), what: "the image" } : null;
}

function partingText({ after, by }: Parting): string {
  if (by <= 0) return "start from other images, or with other functions";
  if (by === after + 1) return `part at step ${by}`;
  return after === 0
    ? `part within the first ${counted(by, "step")}`
    : `agree up to step ${after} and part by step ${by}`;
}
