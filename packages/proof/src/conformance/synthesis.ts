// Handlers of golden runs of a synthesis: the image, the histories and the images on the way.

import * as po from "plenoptic-js";
import { type Handler, NotSupported } from "./cases.ts";
import type { GoldenArray, GoldenCase } from "./format.ts";
import { LOSSES } from "./saved/savedObjects.ts";
import { toArray, toTensor } from "./tensors.ts";
import { textureModel } from "./texture.ts";

const METRICS: Readonly<Record<string, po.validate.MetricFunction>> = {
  mse: po.metric.mse,
  one_minus_ssim: po.metric.oneMinusSsim,
};

function modelOf({ args, function: name }: GoldenCase): po.Model {
  const { kernel_size, ...options } = args.model_args as { kernel_size: number; std?: number };
  if (args.model === "Gaussian") return new po.models.Gaussian(kernel_size, options);
  if (args.model === "PortillaSimoncelli") return textureModel(args.model_args as GoldenCase["args"]);
  if (args.model === "OnOff") return new po.models.OnOff(kernel_size, { pretrained: true });
  throw new NotSupported(`${name} with the model ${args.model}`);
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
function optimizerOf({ args, function: name }: GoldenCase): po.optim.Optimizer {
  const words = args.optimizer as string;
  const lbfgs = /^LBFGS (\{.*\}) \(tolerance_grad 1e-7, tolerance_change 1e-9\)$/.exec(words);
  if (lbfgs !== null) return lbfgsOf(lbfgs[1]);
  const form = /^Adam[^:]*: lr (\S+), betas \((\S+), (\S+)\), eps (\S+), amsgrad (true|false)$/;
  const match = form.exec(words);
  if (match === null) throw new NotSupported(`${name} with ${words.split(/\W/, 1)[0]}`);
  const [lr, beta1, beta2, eps] = match.slice(1, 5).map(Number);
  return po.optim.Adam({ lr, betas: [beta1, beta2], eps, amsgrad: match[5] === "true" });
}

const series = (data: Float64Array): GoldenArray => ({ dtype: "float64", shape: [data.length], data });

type Outputs = Map<string, GoldenArray>;

/** What all iterative methods give; `image` is what the reference calls the synthesized image. */
async function outputsOf(
  golden: GoldenCase,
  run: Pick<po.Metamer, "losses" | "penalties" | "gradientNorm" | "pixelChangeNorm">,
  image: string,
  final: po.Tensor,
  stored: po.Tensor,
): Promise<Outputs> {
  const outputs: Outputs = new Map([
    ["losses", series(run.losses)],
    ["penalties", series(run.penalties)],
    ["gradient_norm", series(run.gradientNorm)],
    ["pixel_change_norm", series(run.pixelChangeNorm)],
    [image, await toArray(final)],
  ]);
  for (const name of Object.keys(golden.outputs)) {
    const [, k] = /_after_(\d+)$/.exec(name) ?? [];
    if (k !== undefined) outputs.set(name, await toArray(stored.slice(0, +k, +k + 1).squeeze([0])));
  }
  return outputs;
}

function lossOf({ args, function: name }: GoldenCase, model: po.Model, image: po.Tensor): po.validate.LossFunction {
  if (args.penalty_function !== "penalize_range (0, 1)") {
    throw new NotSupported(`${name} with the penalty ${args.penalty_function}`);
  }
  if (args.loss_function === "portilla_simoncelli") {
    return po.loss.portillaSimoncelliLossFactory(model as po.models.PortillaSimoncelli, image);
  }
  const loss = LOSSES[args.loss_function as string];
  if (loss === undefined) throw new NotSupported(`${name} with the loss ${args.loss_function}`);
  return loss;
}

export const metamerHandler: Handler = async (golden, arrays) => {
  const model = modelOf(golden);
  const image = toTensor(arrays.input("image"));
  const metamer = new po.Metamer(image, model, {
    lossFunction: lossOf(golden, model, image),
    penaltyLambda: golden.args.penalty_lambda as number,
  });
  const maxIter = golden.args.max_iter as number;
  await metamer.setup({ initialImage: toTensor(arrays.input("initial_image")), optimizer: optimizerOf(golden) });
  await metamer.synthesize({ maxIter, storeProgress: true, stopItersToCheck: maxIter });
  return outputsOf(golden, metamer, "metamer", metamer.metamer, metamer.savedMetamer);
};

export const metamerCtfHandler: Handler = async (golden, arrays) => {
  const model = modelOf(golden) as po.models.PortillaSimoncelli;
  const image = toTensor(arrays.input("image"));
  const metamer = new po.MetamerCTF(image, model, {
    lossFunction: lossOf(golden, model, image),
    penaltyLambda: golden.args.penalty_lambda as number,
    coarseToFine: golden.coarse_to_fine as "together" | "separate",
  });
  const maxIter = golden.args.max_iter as number;
  const { change_scale_criterion: changeScaleCriterion, ctf_iters_to_check: ctfItersToCheck } =
    golden.ctf_kwargs as Readonly<Record<string, never>>;
  await metamer.setup({ initialImage: toTensor(arrays.input("initial_image")), optimizer: optimizerOf(golden) });
  await metamer.synthesize({
    maxIter,
    storeProgress: true,
    stopItersToCheck: maxIter,
    changeScaleCriterion,
    ctfItersToCheck,
  });
  // Scales of the index are texts; ours are numbers.
  const timing = Object.entries(golden.scales_timing as Readonly<Record<string, readonly number[]>>);
  expectSame("scalesTiming", [...metamer.scalesTiming].map(spelled).sort(), timing.map(spelled).sort());
  expectSame("scalesFinished", metamer.scalesFinished.map(String), golden.scales_finished);
  const outputs = await outputsOf(golden, metamer, "metamer", metamer.metamer, metamer.savedMetamer);
  return outputs.set("scales_loss", series(metamer.scalesLoss));
};

const spelled = ([label, times]: readonly [unknown, readonly number[]]): string => `${String(label)}: ${times.join()}`;

function expectSame(what: string, got: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what} is ${a}, expected ${b}`);
}

export const madHandler: Handler = async (golden, arrays) => {
  const { args } = golden;
  const [optimizedMetric, referenceMetric] = ["optimized_metric", "reference_metric"].map((which) => {
    const metric = METRICS[args[which] as string];
    if (metric === undefined) throw new NotSupported(`${golden.function} with the metric ${args[which]}`);
    return metric;
  });
  const image = toTensor(arrays.input("image"));
  const mad = new po.MADCompetition(image, optimizedMetric, referenceMetric, args.minmax as po.MinMax, {
    metricTradeoffLambda: args.metric_tradeoff_lambda as number,
    penaltyLambda: args.penalty_lambda as number,
  });
  const maxIter = args.max_iter as number;
  await mad.setup({ initialImage: toTensor(arrays.input("initial_image")), optimizer: optimizerOf(golden) });
  await mad.synthesize({ maxIter, storeProgress: true, stopItersToCheck: maxIter });
  const outputs = await outputsOf(golden, mad, "mad_image", mad.madImage, mad.savedMadImage);
  const metrics = [
    ["optimized_metric_loss", optimizedMetric, mad.optimizedMetricLoss],
    ["reference_metric_loss", referenceMetric, mad.referenceMetricLoss],
  ] as const;
  for (const [name, metric, values] of metrics) {
    // The reference has the first value twice and the last one never: that one is compared with the metric itself.
    const last = metric(image, mad.madImage).itemSync();
    if (!(Math.abs(values[maxIter] - last) <= 1e-12 * Math.abs(last))) {
      throw new Error(`the last value of ${name} is ${values[maxIter]}, that of the final image is ${last}`);
    }
    outputs.set(name, series(Float64Array.of(values[0], ...values.slice(0, maxIter))));
  }
  return outputs;
};
