// The names under which Python's plenoptic 2.x saves models, losses, metrics and penalties.

import { isFactoryLoss } from "../../../loss/factories.ts";
import * as loss from "../../../loss/index.ts";
import * as metric from "../../../metric/index.ts";
import * as models from "../../../models/index.ts";
import { penalizeRange } from "../../../regularize/index.ts";

const MODULES: readonly (readonly [module: string, classes: readonly (abstract new (...args: never[]) => object)[]])[] =
  [
    ["naive", [models.Identity, models.Linear, models.Gaussian, models.CenterSurround]],
    [
      "frontend",
      [models.LinearNonlinear, models.LuminanceGainControl, models.LuminanceContrastGainControl, models.OnOff],
    ],
    ["portilla_simoncelli", [models.PortillaSimoncelli]],
  ];

const FUNCTIONS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [loss.mse, "plenoptic.loss.mse"],
  [loss.l2Norm, "plenoptic.loss.l2_norm"],
  [loss.relativeSse, "plenoptic.loss.relative_sse"],
  [penalizeRange, "plenoptic.regularize.penalize_range"],
  [metric.mse, "plenoptic.metric._naive.mse"],
  [metric.ssim, "plenoptic.metric._perceptual_distance.ssim"],
  [metric.msSsim, "plenoptic.metric._perceptual_distance.ms_ssim"],
  [metric.nlpd, "plenoptic.metric._perceptual_distance.nlpd"],
]);

/** What a user's thing is saved as that has no name of its own. */
const NAMELESS = "__main__.<lambda>";

/** The dotted name under which a model, a loss, a metric or a penalty is saved. */
export function savedName(thing: object): string {
  const name = FUNCTIONS.get(thing);
  if (name !== undefined) return name;
  if (isFactoryLoss(thing)) return "plenoptic.loss.loss";
  for (const [module, classes] of MODULES) {
    // The name that the model gives itself: minifiers change those of classes.
    if (classes.some((one) => thing.constructor === one)) {
      return `plenoptic.models.${module}.${(thing as { readonly name: string }).name}`;
    }
  }
  // A function's own name means nothing: minifiers change it.
  const own = typeof thing === "function" ? undefined : (thing as { readonly name?: unknown }).name;
  return typeof own === "string" && own !== "" ? `__main__.${own}` : NAMELESS;
}

/** The last part of a dotted name; null for things without a name. */
export function lastPart(name: string): string | null {
  return name === NAMELESS ? null : name.slice(name.lastIndexOf(".") + 1);
}
