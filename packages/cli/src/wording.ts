// Numbers and facts in words, the same in the terminal and on the report page.

import type { MemoryError, WayOut } from "@plenoptic-js/tensor";
import { log64 } from "@plenoptic-js/tensor/engine";
import { type RecipeExport, significant, whatWouldDo } from "plenoptic-js/engine";
import { limitsInFlags } from "./limitFlags.ts";

/** How far a loss fell, in powers of ten: `fell by 4.6 decades`; within a factor of 2: `fell by 4 %`. */
export function fall(first: number, last: number): string {
  if (last === 0) return "fell to 0";
  const part = last / first - 1;
  if (part > -0.5 && part < 1) return `${part > 0 ? "rose" : "fell"} by ${significant(100 * Math.abs(part), 2)} %`;
  const decades = log64(first / last) / log64(10);
  return `${decades < 0 ? "rose" : "fell"} by ${Math.abs(decades).toFixed(1)} decades`;
}

/** The lines of a verdict, without the word that the first one begins with: it stands above them already. */
export function verdictLines(text: string): string[] {
  const [first, ...others] = text.split("\n");
  const rest = first.slice(first.indexOf(": ") + 2);
  return [rest.charAt(0).toUpperCase() + rest.slice(1), ...others];
}

/** What clipping and rounding did to the values in the PNG files, in a sentence. */
export function exportNote(exports: readonly RecipeExport[], count: number): string {
  const [{ clippedBelow, clippedAbove }] = exports;
  const clipped =
    clippedBelow + clippedAbove === 0
      ? `none of ${count} values had to be clipped`
      : `${clippedBelow} of ${count} values lay below 0 and ${clippedAbove} above 1, and were clipped`;
  const rounding = exports.map(({ bits, maxRoundingError }) => `${significant(maxRoundingError)} (${bits} bits)`);
  return `${clipped}; rounding changed the others by at most ${rounding.join(" and ")}${formNote(exports)}`;
}

/** How the PNG files are encoded, and what they say besides, where that is not the usual; to be added to other words. */
function formNote([{ encoding, colourChunk, pixelsPerDegree }]: readonly RecipeExport[]): string {
  const told = colourChunk === true ? ", which the files tell" : "";
  const encoded = encoding === "srgb" ? `; encoded as sRGB${told}` : colourChunk === true ? `; linear${told}` : "";
  return encoded + (pixelsPerDegree === undefined ? "" : `; ${pixelsPerDegree} pixels per degree`);
}

/**
 * What an image does, and what is left of that in its PNG files.
 *
 * @param names what measures are called, by their names in the record
 */
export function writtenNote(exports: readonly RecipeExport[], names: Readonly<Record<string, string>>): string {
  const notes = Object.entries(exports[0].measures ?? {}).map(([measure, { exact }]) => {
    const written = exports.map(
      ({ bits, measures }) => `${number(measures?.[measure].written ?? null)} (${bits} bits)`,
    );
    return `${names[measure] ?? measure} ${number(exact)}, of what was written ${written.join(" and ")}`;
  });
  return notes.join("; ");
}

const number = (x: number | null): string => (x === null ? "not finite" : significant(x));

/** What became of an image in each of its PNG files, as rows of a table. */
export function writtenRows(
  exports: readonly RecipeExport[],
  names: Readonly<Record<string, string>>,
): (readonly [string, string])[] {
  return exports.map(({ file, distance, measures = {} }) => {
    const { most = 0, rms = 0 } = distance ?? {};
    const parts = Object.entries(measures).map(([measure, { exact, written }]) => {
      return `${names[measure] ?? measure} ${number(written)}, of the exact values ${number(exact)}`;
    });
    const away = `differs from the exact values by at most ${significant(most)}, root mean square ${significant(rms)}`;
    return [file, [away, ...parts].join("; ")] as const;
  });
}

/** What does not fit into memory, with the options of the command for what would do. */
export function memoryWords({ message, problem, ways, isTooLarge }: MemoryError): string {
  if (ways.length > 0) return `${problem}. ${whatWouldDo(ways.map(wayWords))}`;
  return isTooLarge ? `${problem}. Use a smaller image: --resize makes it smaller.` : message;
}

function wayWords(way: WayOut): string {
  switch (way.kind) {
    case "float32":
      return "--dtype float32";
    case "smaller batch":
      return `a batch of ${way.images} instead of ${way.instead} images`;
    case "smaller image":
      return way.size === undefined
        ? "a smaller image: --resize makes one"
        : `a smaller image, such as --resize ${way.size[1]}x${way.size[0]} makes it`;
    case "smaller k":
      return "a smaller --k";
  }
}

/** What the library says, with the options of the command for its own. */
export function inFlags(words: string): string {
  return limitsInFlags(words)
    .replace(/^synthesize: /, "")
    .replaceAll(/maxIter was reached: 1 iteration\b/g, "the one iteration was made")
    .replaceAll(/maxIter was reached: (\d+ iterations)/g, "all $1 were made")
    .replaceAll("maxIter", "--iterations")
    .replaceAll("maxSeconds", "--max-seconds")
    .replaceAll("stopCriterion", "--stop")
    .replaceAll("stopRtol", "--stop-rtol")
    .replaceAll("ctfItersToCheck", "--scale-iterations")
    .replaceAll("changeScaleCriterion", "--change-scale-criterion")
    .replaceAll(
      "Give it a larger weight, or use the constrained mode",
      "Give a larger --weight, or leave it out to hold it",
    )
    .replaceAll(/(A|a) (smaller|larger) learning rate/g, "$1 $2 --learning-rate")
    .replaceAll(/method:? "(\w+)"/g, "--method $1")
    .replaceAll("give allowedRange the", "give --allowed-range the")
    .replaceAll("such as [0, 255]", "such as 0,255")
    .replaceAll("Larger p and q", "Larger --p and --q");
}
