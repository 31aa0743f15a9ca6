// All operators, by name.

import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { samples } from "./gridSample.ts";
import { knowns } from "./knowns.ts";
import { matrices } from "./matrices.ts";
import { normalizations } from "./normalization.ts";
import type { Operator } from "./operator.ts";
import { pools } from "./pooling.ts";
import { reductions } from "./reductions.ts";
import { resizes } from "./resize.ts";
import { shapes } from "./shapes.ts";

export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...elementwise,
    ...convolutions,
    ...pools,
    ...normalizations,
    ...matrices,
    ...reductions,
    ...shapes,
    ...resizes,
    ...samples,
    ...attentions,
    ...knowns,
  }),
);

/** Why an operator is not computed, where more can be said than that. */
export const refused: Readonly<Record<string, string>> = {
  Loop: "a model must have a fixed graph",
  Scan: "a model must have a fixed graph",
  RandomNormal: "a model must be a function of the image",
  RandomNormalLike: "a model must be a function of the image",
  RandomUniform: "a model must be a function of the image",
  RandomUniformLike: "a model must be a function of the image",
  Bernoulli: "a model must be a function of the image",
  Multinomial: "a model must be a function of the image",
  QuantizeLinear: "quantized activations have no useful gradient",
  DynamicQuantizeLinear: "quantized activations have no useful gradient",
  NonMaxSuppression: "its result has no useful gradient",
  TopK: "its result has no useful gradient",
  ArgMax: "its result has no useful gradient",
};
