// What can be chosen, from the cards of the library.

import { NUMERICS_VERSION } from "@plenoptic-js/tensor";
import { optimizers } from "@plenoptic-js/tensor/engine";
import { version } from "plenoptic-js";
import { metricCards, modelCards, photographs } from "plenoptic-js/engine";
import type { Catalog } from "../protocol/catalog.ts";

export function catalogOfCards(): Catalog {
  return {
    pictures: Object.keys(photographs),
    models: modelCards.map(({ name, className, summary, hasScales = false, options }) => ({
      name,
      className,
      summary,
      hasScales,
      options: Object.entries(options).map(([option, { kind, range, default: usual, words, help }]) => ({
        name: option,
        words,
        help,
        isWhole: kind === "integer",
        least: range[0],
        most: Number.isFinite(range[1]) ? range[1] : null,
        usual,
      })),
    })),
    metrics: metricCards.map(({ name, summary, distance }) => ({ name, summary, distance: distance.text })),
    // Those that need a number which nothing suggests are for the command.
    optimizers: Object.entries(optimizers)
      .filter(([, { needs }]) => Object.keys(needs).length === 0)
      .map(([name, { summary }]) => ({ name, summary })),
    presets: modelCards.flatMap(({ name: model, preset }) =>
      preset === undefined
        ? []
        : [{ name: preset.name, model, summary: preset.summary, parts: preset.parts, iterations: preset.iterations }],
    ),
    versions: { library: version, numerics: NUMERICS_VERSION },
  };
}
