// Handler of golden eigendistortions. Their random starts are those of a seed that is set after the object is made.

import { addScaled, dot } from "@plenoptic-js/tensor/engine";
import * as po from "plenoptic-js";
import { type CaseArrays, NotSupported } from "./cases.ts";
import type { GoldenArray, GoldenCase } from "./format.ts";
import { toArray, toTensor } from "./tensors.ts";

const seedOf = ({ args }: GoldenCase): number => (args.method === "randomized_svd" ? 6 : 5);

function modelOf({ args }: GoldenCase): po.Model {
  const {
    kernel_size: size,
    pretrained,
    std,
  } = args.model_args as { kernel_size: number; pretrained?: boolean; std?: number };
  if (args.model === "OnOff") return new po.models.OnOff(size, { pretrained: pretrained === true });
  if (args.model === "LinearNonlinear") return new po.models.LinearNonlinear(size);
  if (args.model === "Gaussian") return new po.models.Gaussian(size, { std: std ?? 3 });
  throw new NotSupported(`Eigendistortion.synthesize with the model ${args.model}`);
}

/** The arguments of a case that are options of ours. */
function optionsOf({ args }: GoldenCase): po.EigendistortionOptions {
  const { method, k, p, q, max_iter: maxIter, stop_criterion: stopCriterion } = args as Record<string, never>;
  return Object.fromEntries(
    Object.entries({ method, k, p, q, maxIter, stopCriterion }).filter(([, value]) => value !== undefined),
  );
}

/** Whether the seed gives the start that the reference had: within a few units in the last place. */
function checkStart(golden: GoldenCase, arrays: CaseArrays): void {
  const [name] = ["start_top", "draw_range"].filter((input) => input in golden.inputs);
  if (name === undefined) return;
  const { dtype, shape, data } = arrays.input(name);
  po.setSeed(seedOf(golden));
  const drawn = po.randn(shape, { dtype: dtype as "float32" | "float64" }).dataSync();
  const off = drawn.findIndex((x, i) => !(Math.abs(x - data[i]) <= 1e-6));
  if (off >= 0)
    throw new Error(
      `seed ${seedOf(golden)} does not give ${name}: entry ${off} is ${drawn[off]}, expected ${data[off]}`,
    );
}

/**
 * The vectors, where eigenvalues cannot be told apart turned within their common space to be as near as can be to the expected
 * ones: any rotation of them is as right.
 */
async function turned(
  vectors: po.Tensor,
  expected: GoldenArray,
  eig: po.Eigendistortion,
  atTop: boolean,
): Promise<po.Tensor> {
  const all = (await (eig.eigendistortions as po.Tensor).data()) as Float64Array;
  const own = (await vectors.data()) as Float64Array;
  const n = eig.image.size;
  const offset = atTop ? 0 : all.length / n - own.length / n;
  for (const { first, last } of eig.groups ?? []) {
    for (let i = Math.max(first, offset); first < last && i <= last && i - offset < own.length / n; i++) {
      const target = Float64Array.from({ length: n }, (_, r) => Number(expected.data[(i - offset) * n + r]));
      const nearest = new Float64Array(n);
      for (let j = first; j <= last; j++) {
        const v = all.subarray(j * n, (j + 1) * n);
        addScaled(dot(v, 0, target, 0, n), v, 0, nearest, 0, n);
      }
      own.set(nearest, (i - offset) * n);
    }
  }
  return po.tensor(own, { dtype: vectors.dtype, shape: vectors.shape });
}

export async function eigendistortionHandler(
  golden: GoldenCase,
  arrays: CaseArrays,
): Promise<ReadonlyMap<string, GoldenArray>> {
  checkStart(golden, arrays);
  const eig = new po.Eigendistortion(toTensor(arrays.input("image")), modelOf(golden));
  po.setSeed(seedOf(golden));
  await eig.synthesize(optionsOf(golden));
  const [vectors, values, index] = [eig.eigendistortions, eig.eigenvalues, eig.eigenindex];
  if (vectors === null || values === null || index === null) throw new Error("nothing was synthesized");
  const outputs = new Map<string, po.Tensor>([
    ["eigendistortions", vectors],
    ["eigenvalues", values],
    ["eigenindex", index],
  ]);
  if (eig.jacobian !== null) outputs.set("jacobian", eig.jacobian);
  const kept = golden.args.n_keep as number | undefined;
  if (kept !== undefined) {
    outputs.set("top_eigendistortions", vectors.slice(0, 0, kept));
    outputs.set("bottom_eigendistortions", vectors.slice(0, -kept));
  }
  for (const name of Object.keys(golden.outputs).filter((output) => output.endsWith("_eigendistortions"))) {
    outputs.set(name, await turned(outputs.get(name) as po.Tensor, arrays.expected(name), eig, name.startsWith("top")));
  }
  return new Map(await Promise.all([...outputs].map(async ([name, x]) => [name, await toArray(x)] as const)));
}
