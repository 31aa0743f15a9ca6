// What the cards of models share whose filters have a size.

import type { ModelOption } from "./card.ts";

/** The width of the model's filters, with a default. */
export function kernelSizeOption(standard: number): ModelOption {
  return {
    kind: "integer",
    range: [1, 4095],
    default: standard,
    unit: "pixels",
    words: "kernel size",
    help: "width of the model's filters",
    forSmallImages: "a smaller",
  };
}

/** The least side that reflection, which does not repeat the edge, can go around. */
export const reflectedSide = (kernelSize: number): number => Math.ceil((kernelSize - 1) / 2) + 1;
