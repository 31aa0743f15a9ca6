// What the models share whose filters have a size.

import { type KernelSize, kernelSizeOf } from "../process/gaussian.ts";
import type { ModelOption } from "./card.ts";
import { checkOption } from "./optionRange.ts";

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

/** Checks the kernel size of a model. `caller` names its class in errors. */
export function modelKernelSize(caller: string, kernelSize: KernelSize): readonly [height: number, width: number] {
  const pair = kernelSizeOf(caller, kernelSize);
  const option = kernelSizeOption(pair[0]);
  for (const side of pair) checkOption(caller, "kernelSize", option, side);
  return pair;
}

/** The least side that reflection, which does not repeat the edge, can go around. */
export const reflectedSide = (kernelSize: number): number => Math.ceil((kernelSize - 1) / 2) + 1;
