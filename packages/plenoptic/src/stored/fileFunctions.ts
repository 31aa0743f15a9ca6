// What a synthesis is made with, from a file: its model, loss, penalty and metrics, without the code that made them.

import type { Tensor } from "@plenoptic-js/tensor";
import type { LossFunction } from "../loss/lossFunction.ts";
import { modelCards } from "../models/cards.ts";
import { type ModelLike, modelFunction } from "../models/model.ts";
import { StoredModel } from "../models/storedModel.ts";
import { traceUser } from "../validate/error.ts";
import type { MetricFunction } from "../validate/metric.ts";
import type { PenaltyFunction } from "../validate/scalar.ts";
import type { FunctionName } from "./form.ts";
import { withNames } from "./keptNames.ts";
import type { ReadFunction, ReadFunctions } from "./read.ts";

/** The functions of a file, ready to be called. What it does not hold is undefined. */
export interface FileFunctions {
  readonly model?: ModelLike;
  readonly lossFunction?: LossFunction;
  readonly penaltyFunction?: PenaltyFunction;
  readonly optimizedMetric?: MetricFunction;
  readonly referenceMetric?: MetricFunction;
}

export function fileFunctions({ functions }: ReadFunctions): FileFunctions {
  const { model } = functions;
  const made: Partial<Record<Exclude<FunctionName, "model">, (...given: Tensor[]) => Tensor>> = {};
  for (const name of ["lossFunction", "penaltyFunction", "optimizedMetric", "referenceMetric"] as const) {
    const read = functions[name];
    if (read !== undefined) made[name] = functionOf(read);
  }
  return { ...(made as FileFunctions), ...(model !== undefined && { model: shipped(model) ?? modelOf(model) }) };
}

function functionOf({ function: stored, savedName, name }: ReadFunction): (...given: Tensor[]) => Tensor {
  const call = (...given: Tensor[]): Tensor => stored.call(given);
  Object.defineProperty(call, "name", { value: name ?? stored.what });
  return withNames(call, { savedName, name });
}

function modelOf({ function: stored, savedName, name, options, scales }: ReadFunction): StoredModel {
  const about = { ...(name !== null && { name }), ...(options && { options }), ...(scales && { scales }) };
  return withNames(new StoredModel(stored, about), { savedName, name });
}

/**
 * The model of the library that has this name, these options and this graph, if there is one: it also knows what its responses mean. null for
 * all others.
 */
function shipped({ name, options, function: stored }: ReadFunction): ModelLike | null {
  const card = modelCards.find(({ className }) => className === name);
  if (card === undefined) return null;
  try {
    const model = card.remake(options ?? {});
    const part = model as { forward(image: Tensor, options?: { readonly scales?: readonly unknown[] }): Tensor };
    const isSame = stored.cases.every(({ inputs, scales, graph }) => {
      const call = scales === null ? modelFunction(model) : (x: Tensor) => part.forward(x, { scales });
      return traceUser("the model", call, inputs).fingerprint === graph.fingerprint;
    });
    return isSame ? model : null;
  } catch {
    // One that cannot be made, or not be used on such an image, is not the one.
    return null;
  }
}
