// The identity whose derivative is zero: what detach() puts into a graph.

import type { ElementwiseDefinition } from "./definition.ts";

export const stopGradient: ElementwiseDefinition = {
  kind: "elementwise",
  name: "stopGradient",
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  expression: ([x]) => x,
  derivative: "zero",
};
