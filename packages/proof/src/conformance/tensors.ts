// Handlers for the many cases that are one function of tensors, with gradients.
//
// `grad_X` is the gradient, with respect to input X, of the sum over all float outputs k of sum(w_k * output_k), where
// the weights w_k are inputs; for complex outputs of sum(w_k_re * Re) + sum(w_k_im * Im).

import { gradient, Tensor, tensor } from "@plenoptic-js/tensor";
import type { CaseArrays, Handler } from "./cases.ts";
import type { GoldenArray, GoldenCase } from "./format.ts";

/** A tensor with the values and the dtype of a golden array. */
export function toTensor({ dtype, shape, data }: GoldenArray): Tensor {
  if (!(dtype === "float32" || dtype === "float64" || dtype === "complex64" || dtype === "complex128")) {
    throw new Error(`golden arrays of dtype ${dtype} are not read as tensors`);
  }
  return tensor(Float64Array.from(data), { dtype, shape });
}

export async function toArray(value: Tensor): Promise<GoldenArray> {
  return { dtype: value.dtype, shape: value.shape, data: await value.data() };
}

/** The outputs of a case, by name; a single one is called `y`. */
export type Compute = (golden: GoldenCase, input: (name: string) => Tensor) => Tensor | ReadonlyMap<string, Tensor>;

/** A handler from a function of the case's inputs. It adds the gradients that the case lists. */
export function tensorHandler(compute: Compute): Handler {
  return async (golden, arrays) => {
    const inputs = new Map<string, Tensor>();
    const input = (name: string): Tensor => {
      const known = inputs.get(name) ?? toTensor(arrays.input(name));
      inputs.set(name, known);
      return known;
    };
    const computed = compute(golden, input);
    const outputs = new Map(computed instanceof Tensor ? [["y", computed]] : computed);

    const wanted = Object.keys(golden.outputs).filter((name) => name.startsWith("grad_"));
    if (wanted.length > 0) {
      const objective = weightedSum(golden, arrays, outputs);
      const sources = wanted.map((name) => input(name.slice("grad_".length)));
      for (const [i, result] of gradient(objective, sources).entries()) outputs.set(wanted[i], result);
    }

    const results = new Map<string, GoldenArray>();
    for (const [name, value] of outputs) results.set(name, await toArray(value));
    return results;
  };
}

function weightedSum(golden: GoldenCase, arrays: CaseArrays, outputs: ReadonlyMap<string, Tensor>): Tensor {
  const terms: Tensor[] = [];
  for (const [name, value] of outputs) {
    if (!value.dtype.startsWith("float") && !value.dtype.startsWith("complex")) continue;
    const parts = value.dtype.startsWith("complex")
      ? [[`w_${name}_re`, value.real()] as const, [`w_${name}_im`, value.imag()] as const]
      : [[`w_${name}`, value] as const];
    for (const [weight, part] of parts) {
      if (!(weight in golden.inputs)) continue;
      // Weights are float64, also for float32 outputs.
      const factors = toTensor(arrays.input(weight));
      terms.push(part.cast(factors.dtype).mul(factors).sum());
    }
  }
  if (terms.length === 0) throw new Error("the case lists gradients, but no weights for its outputs");
  return terms.reduce((sum, term) => sum.add(term));
}
