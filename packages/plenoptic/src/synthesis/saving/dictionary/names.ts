// The names under which Python's plenoptic 2.x saves models, losses, metrics and penalties, and those that recipes give them.

import { FACTORY_LOSS, lossCards } from "../../../loss/cards.ts";
import { isFactoryLoss } from "../../../loss/factories.ts";
import { metricCards } from "../../../metric/cards.ts";
import { modelCards } from "../../../models/cards.ts";
import { DEEP_NET_FEATURES, DeepNetFeatures } from "../../../models/deepNetFeatures/deepNetFeatures.ts";
import { penalizeRange } from "../../../regularize/index.ts";
import { keptNames } from "../../../stored/keptNames.ts";

const FUNCTIONS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [penalizeRange, "plenoptic.regularize.penalize_range"],
  ...lossCards.map(({ compute, pythonName }) => [compute, pythonName] as const),
  ...metricCards.flatMap(({ compute, pythonName }) => (pythonName === null ? [] : [[compute, pythonName] as const])),
]);

const PUBLIC_NAMES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [penalizeRange, "penalizeRange"],
  ...lossCards.map(({ compute, name }) => [compute, name] as const),
  ...metricCards.flatMap(
    ({ compute, functionName, distance }) =>
      [
        [compute, functionName],
        [distance.compute, distance.name],
      ] as const,
  ),
]);

/** What a recipe says of a loss, a metric or a penalty besides its fingerprint: its name, if the library has it. */
export function publicName(thing: object): { readonly name?: string } {
  const name = PUBLIC_NAMES.get(thing) ?? keptNames(thing)?.name ?? null;
  return name === null ? {} : { name };
}

/** What a user's thing is saved as that has no name of its own. */
const NAMELESS = "__main__.<lambda>";

/** The dotted name under which a model, a loss, a metric or a penalty is saved. */
export function savedName(thing: object): string {
  const name = FUNCTIONS.get(thing) ?? keptNames(thing)?.savedName;
  if (name !== undefined) return name;
  if (isFactoryLoss(thing)) return FACTORY_LOSS;
  if (thing instanceof DeepNetFeatures) return DEEP_NET_FEATURES;
  const known = modelCards.find((card) => card.class === thing.constructor)?.pythonName;
  if (typeof known === "string") return known;
  // A function's own name means nothing: minifiers change it.
  const own = typeof thing === "function" ? undefined : (thing as { readonly name?: unknown }).name;
  return typeof own === "string" && own !== "" ? `__main__.${own}` : NAMELESS;
}

/** The last part of a dotted name; null for things without a name. */
export function lastPart(name: string): string | null {
  return name === NAMELESS ? null : name.slice(name.lastIndexOf(".") + 1);
}
