// Handlers of golden runs of a synthesis: the image, the histories and the images on the way.

import * as po from "plenoptic-js";
import { type CaseArrays, NotSupported } from "./cases.ts";
import type { GoldenArray, GoldenCase } from "./format.ts";
import { toArray, toTensor } from "./tensors.ts";
import { textureModel } from "./texture.ts";

const LOSSES: Readonly<Record<string, po.validate.LossFunction>> = {
  mse: po.loss.mse,
  l2_norm: po.loss.l2Norm,
  relative_sse: po.loss.relativeSse,
};

function modelOf({ args }: GoldenCase): po.Model {
  const { kernel_size, ...options } = args.model_args as { kernel_size: number; std?: number };
  if (args.model === "Gaussian") return new po.models.Gaussian(kernel_size, options);
  if (args.model === "PortillaSimoncelli") return textureModel(args.model_args as GoldenCase["args"]);
  if (args.model === "OnOff") return new po.models.OnOff(kernel_size, { pretrained: true });
  throw new NotSupported(`Metamer.synthesize with the model ${args.model}`);
}

/** From words such as `LBFGS {'max_iter': 10, 'lr': 1} (tolerance_grad 1e-7)`, where Python prints a dictionary. */
function lbfgsOf(dictionary: string): po.optim.Optimizer {
  const options = JSON.parse(dictionary.replaceAll("'", '"')) as {
    readonly lr: number;
    readonly max_iter: number;
    readonly max_eval: number;
    readonly history_size: number;
    readonly line_search_fn: "strong_wolfe";
  };
  return po.optim.LBFGS({
    lr: options.lr,
    maxIter: options.max_iter,
    maxEval: options.max_eval,
    historySize: options.history_size,
    lineSearchFn: options.line_search_fn,
  });
}

/** From words such as `Adam (default): lr 0.01, betas (0.9, 0.999), eps 1e-8, amsgrad true`. */
function optimizerOf(words: string): po.optim.Optimizer {
  const lbfgs = /^LBFGS (\{.*\}) \(tolerance_grad 1e-7, tolerance_change 1e-9\)$/.exec(words);
  if (lbfgs !== null) return lbfgsOf(lbfgs[1]);
  const form = /^Adam[^:]*: lr (\S+), betas \((\S+), (\S+)\), eps (\S+), amsgrad (true|false)$/;
  const match = form.exec(words);
  if (match === null) throw new NotSupported(`Metamer.synthesize with ${words.split(/\W/, 1)[0]}`);
  const [lr, beta1, beta2, eps] = match.slice(1, 5).map(Number);
  return po.optim.Adam({ lr, betas: [beta1, beta2], eps, amsgrad: match[5] === "true" });
}

const series = (data: Float64Array): GoldenArray => ({ dtype: "float64", shape: [data.length], data });

export async function metamerHandler(
  golden: GoldenCase,
  arrays: CaseArrays,
): Promise<ReadonlyMap<string, GoldenArray>> {
  const { args } = golden;
  const model = modelOf(golden);
  const optimizer = optimizerOf(args.optimizer as string);
  const image = toTensor(arrays.input("image"));
  const lossFunction =
    args.loss_function === "portilla_simoncelli"
      ? po.loss.portillaSimoncelliLossFactory(model as po.models.PortillaSimoncelli, image)
      : LOSSES[args.loss_function as string];
  if (lossFunction === undefined) throw new NotSupported(`Metamer.synthesize with the loss ${args.loss_function}`);
  if (args.penalty_function !== "penalize_range (0, 1)") {
    throw new NotSupported(`Metamer.synthesize with the penalty ${args.penalty_function}`);
  }
  const metamer = new po.Metamer(image, model, {
    lossFunction,
    penaltyLambda: args.penalty_lambda as number,
  });
  const maxIter = args.max_iter as number;
  await metamer.setup({ initialImage: toTensor(arrays.input("initial_image")), optimizer });
  await metamer.synthesize({ maxIter, storeProgress: true, stopItersToCheck: maxIter });

  const outputs = new Map<string, GoldenArray>([
    ["losses", series(metamer.losses)],
    ["penalties", series(metamer.penalties)],
    ["gradient_norm", series(metamer.gradientNorm)],
    ["pixel_change_norm", series(metamer.pixelChangeNorm)],
    ["metamer", await toArray(metamer.metamer)],
  ]);
  for (const name of Object.keys(golden.outputs)) {
    const [, k] = /^metamer_after_(\d+)$/.exec(name) ?? [];
    if (k !== undefined) outputs.set(name, await toArray(metamer.savedMetamer.slice(0, +k, +k + 1).squeeze([0])));
  }
  return outputs;
}
