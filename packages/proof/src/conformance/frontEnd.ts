// Handlers of the front-end models and their kernels.

import * as po from "plenoptic-js";
import type { Handler } from "./cases.ts";
import type { GoldenCase } from "./format.ts";
import { tensorHandler } from "./tensors.ts";

type Args = Record<string, never>;

const ACTIVATIONS: Readonly<Record<string, po.models.Activation>> = {
  relu: (x) => x.relu(),
  softplus: (x) => x.softplus(),
  identity: (x) => x,
};

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The options of a case, with the weights it lists as `parameters`. */
function optionsOf(golden: GoldenCase & { parameters?: Record<string, number[]> }): Args {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(golden.args)) {
    if (name === "kernel_size") continue;
    if (name !== "activation") options[camel(name)] = value;
    else if (ACTIVATIONS[value as string] === undefined)
      throw new Error(`activation ${String(value)} is not known here`);
    else options.activation = ACTIVATIONS[value as string];
  }
  for (const [name, values] of Object.entries(golden.parameters ?? {})) {
    options[camel(name)] = values.length === 1 ? values[0] : values;
  }
  return options as Args;
}

const MODELS = {
  CenterSurround: po.models.CenterSurround,
  LinearNonlinear: po.models.LinearNonlinear,
  LuminanceGainControl: po.models.LuminanceGainControl,
  LuminanceContrastGainControl: po.models.LuminanceContrastGainControl,
  OnOff: po.models.OnOff,
} as const;

function kernels(name: keyof typeof MODELS, golden: GoldenCase): ReadonlyMap<string, po.Tensor> {
  const model = new MODELS[name](golden.args.kernel_size as never, optionsOf(golden));
  if (model instanceof po.models.CenterSurround) return new Map([["filt", model.filt()]]);
  return new Map([...model.kernels()].map(([part, kernel]) => [`filt_${part}`, kernel]));
}

export const frontEndHandlers: readonly (readonly [string, Handler])[] = (
  Object.keys(MODELS) as (keyof typeof MODELS)[]
).flatMap((name) => [
  [
    `models.${name}`,
    tensorHandler((golden, input) =>
      new MODELS[name](golden.args.kernel_size as never, optionsOf(golden)).forward(input("x")),
    ),
  ],
  [`models.${name} (convolution kernels)`, tensorHandler((golden) => kernels(name, golden))],
]);
