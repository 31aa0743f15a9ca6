// Numbers and facts in words, the same in the terminal and on the report page.

import type { RecipeExport } from "../files/recipe.ts";

/** Three significant digits. */
export function significant(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

/** How far a loss fell, in powers of ten: `4.6 decades`. */
export function decadesFallen(first: number, last: number): string {
  if (last === 0) return "all decades, to 0,";
  return `${Math.log10(first / last).toFixed(1)} decades`;
}

/** What rounding and clipping did to the values of each image file. */
export function exportNotes(exports: readonly RecipeExport[], count: number): string[] {
  return exports.map(({ file, clippedBelow, clippedAbove, maxRoundingError }) => {
    const clipped =
      clippedBelow + clippedAbove === 0
        ? `No value of ${count} had to be clipped`
        : `${clippedBelow} values of ${count} lay below 0 and ${clippedAbove} above 1, and were clipped`;
    return `${file}: ${clipped}; rounding changed the others by at most ${significant(maxRoundingError)}.`;
  });
}
