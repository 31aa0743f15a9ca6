// Warnings of the packages, as single lines in the terminal.

import { warnings } from "plenoptic-js";
import { oneLine } from "./failure.ts";
import { inFlags } from "./wording.ts";

/**
 * Prints every warning from now on, each text once.
 *
 * @returns a function that ends it
 */
export function printWarnings(say: (line: string) => void): () => void {
  const seen = new Set<string>();
  return warnings.on(({ code, message }) => {
    // The line on the image that every command begins with has told it.
    if (code === "image-range" && message.includes(": the image has")) return;
    if (seen.has(message)) return;
    seen.add(message);
    say(`warning: ${inFlags(oneLine(message))}`);
  });
}
