// The card of `Linear`.

import type { ModelCard } from "../card.ts";
import { kernelSizeOption } from "../filterOptions.ts";
import { Linear } from "./linear.ts";

export const linearCard: ModelCard<"kernelSize", Linear> = {
  name: "linear",
  class: Linear,
  className: "Linear",
  pythonName: "plenoptic.models.naive.Linear",
  summary: "has two small filters, one for coarse and one for fine structure",
  options: { kernelSize: kernelSizeOption(3) },
  // Circular padding repeats the image once at most.
  leastSide: ({ kernelSize }) => Math.max(1, Math.ceil((kernelSize - 1) / 2)),
  remake: (options) => new Linear(options),
  create: ({ kernelSize }) => new Linear({ kernelSize }),
};
