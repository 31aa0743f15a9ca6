// Handlers of the metrics and of what they are made of.

import * as po from "plenoptic-js";
import { singleWindow } from "../../../plenoptic/src/process/structuralSimilarity.ts";
import { type Handler, NotSupported } from "./cases.ts";
import type { GoldenCase } from "./format.ts";
import { type Compute, tensorHandler } from "./tensors.ts";

type Pair = (img1: po.Tensor, img2: po.Tensor, golden: GoldenCase) => po.Tensor;

const ofPair = (metric: Pair): Handler =>
  tensorHandler((golden, input) => metric(input("img1"), input("img2"), golden));

const windows: Compute = ({ args }) =>
  new Map(
    (args.sizes as number[]).map((size) => [String(size), po.tensor(singleWindow(size), { shape: [size, size] })]),
  );

function modelOf({ args, function: name }: GoldenCase): po.Model {
  const { kernel_size: size, std, pretrained } = args.model_args as Record<string, never>;
  if (args.model === "Gaussian") return new po.models.Gaussian(size, { std });
  if (args.model === "OnOff") return new po.models.OnOff(size, { pretrained });
  throw new NotSupported(`${name} with the model ${args.model}`);
}

export const metricHandlers: readonly (readonly [name: string, handler: Handler])[] = [
  ["metric.mse", ofPair(po.metric.mse)],
  [
    "metric.ssim",
    ofPair((a, b, { args }) => po.metric.ssim(a, b, { weighted: args.weighted as never, pad: args.pad as never })),
  ],
  ["metric.ms_ssim", ofPair((a, b, { args }) => po.metric.msSsim(a, b, { powerFactors: args.power_factors as never }))],
  ["metric.nlpd", ofPair((a, b, { args }) => po.metric.nlpd(a, b, { epsilon: args.epsilon as never }))],
  ["metric.model_metric_factory", ofPair((a, b, golden) => po.metric.modelMetricFactory(modelOf(golden))(a, b))],
  ["process.ssim_map", ofPair(po.process.ssimMap)],
  ["SSIM Gaussian window (std 1.5)", tensorHandler(windows)],
];
