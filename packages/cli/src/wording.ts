// Numbers and facts in words, the same in the terminal and on the report page.

import { MemoryError } from "@plenoptic-js/tensor";
import { log64 } from "@plenoptic-js/tensor/engine";
import { type RecipeExport, significant } from "plenoptic-js/engine";

/** How far a loss fell, in powers of ten: `fell by 4.6 decades`; less than a quarter of it: `fell by 4 %`. */
export function fall(first: number, last: number): string {
  if (last === 0) return "fell to 0";
  const part = last / first - 1;
  if (Math.abs(part) < 0.25) return `${part > 0 ? "rose" : "fell"} by ${significant(100 * Math.abs(part), 2)} %`;
  const decades = log64(first / last) / log64(10);
  return `${decades < 0 ? "rose" : "fell"} by ${Math.abs(decades).toFixed(1)} decades`;
}

/** What clipping and rounding did to the values in the PNG files, in a sentence. */
export function exportNote(exports: readonly RecipeExport[], count: number): string {
  const [{ clippedBelow, clippedAbove }] = exports;
  const clipped =
    clippedBelow + clippedAbove === 0
      ? `none of ${count} values had to be clipped`
      : `${clippedBelow} of ${count} values lay below 0 and ${clippedAbove} above 1, and were clipped`;
  const rounding = exports.map(({ bits, maxRoundingError }) => `${significant(maxRoundingError)} (${bits} bits)`);
  return `${clipped}; rounding changed the others by at most ${rounding.join(" and ")}`;
}

/** What does not fit into memory, with the options of the command for what would do. */
export function memoryWords(words: string): string {
  return words
    .replace(
      /a history of (\d+) steps instead of (\d+) \(historySize\)/,
      "--optimizer-option historySize=$1 instead of $2",
    )
    .replace("float32 instead of float64", "--dtype float32")
    .replace(/a smaller image, of about (\d+) x (\d+) pixels/, "a smaller image, such as --resize $2x$1 makes it")
    .replace(
      /Use a smaller image\.|Make its arrays smaller or fewer\./,
      "Use a smaller image: --resize makes it smaller.",
    );
}

/** The same error without the advice to shorten the history, which a preset decides. */
export function withoutHistory(error: MemoryError): MemoryError {
  const { message, problem } = error;
  const advice = message
    .slice(problem.length + 2)
    .replace(/a history of \d+ steps [^;.]*\(historySize\)(; or |; )/, "");
  return new MemoryError(problem, advice, error, { cause: error });
}

/** What the library says, with the options of the command for its own. */
export function inFlags(words: string): string {
  return words
    .replace(/^synthesize: /, "")
    .replaceAll(/maxIter was reached: (\d+ iterations?)/g, "all $1 were made")
    .replaceAll("maxIter", "--iterations")
    .replaceAll("maxSeconds", "--max-seconds")
    .replaceAll("stopCriterion", "--stop")
    .replaceAll(/(A|a) smaller learning rate/g, "$1 smaller --learning-rate")
    .replaceAll(/method:? "(\w+)"/g, "--method $1")
    .replaceAll("give allowedRange the", "give --allowed-range the")
    .replaceAll("such as [0, 255]", "such as 0,255")
    .replaceAll("Larger p and q", "Larger --p and --q");
}
