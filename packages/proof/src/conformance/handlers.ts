// What the cases of a golden folder call: one handler for each function an index names. Most are one line. Those of a whole
// synthesis are in synthesis.ts.

import * as po from "plenoptic-js";
import type { Handler } from "./cases.ts";
import { deepNetHandler } from "./deepNet.ts";
import { eigendistortionHandler } from "./eigendistortion.ts";
import type { GoldenCase } from "./format.ts";
import { frontEndHandlers } from "./frontEnd.ts";
import { metricHandlers } from "./metrics.ts";
import { onnxHandler } from "./onnx.ts";
import { processHandlers } from "./process.ts";
import { madHandler, metamerCtfHandler, metamerHandler } from "./synthesis.ts";
import { type Compute, tensorHandler, toTensor } from "./tensors.ts";
import { textureHandlers } from "./texture.ts";

type Dtype = "float32" | "float64";

/** Arguments of a case under our names: snake_case becomes camelCase. Those named in `positional` are left out. */
function optionsOf(golden: GoldenCase, ...positional: readonly string[]): Record<string, never> {
  const entries = Object.entries(golden.args).filter(([name]) => !positional.includes(name));
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(entries.map(([name, value]) => [camel(name), value])) as Record<string, never>;
}

const arg = (golden: GoldenCase, name: string): never => golden.args[name] as never;

const gaussian2d: Compute = (golden) => {
  const [size, std, outChannels] = ["kernel_size", "std", "out_channels"].map((name) => arg(golden, name));
  const filt = (dtype: Dtype): po.Tensor => po.process.circularGaussian2d(size, std, { outChannels, dtype });
  return new Map([
    ["filt", filt("float64")],
    ["filt_single", filt("float32")],
  ]);
};

const gaussianModel = (golden: GoldenCase): po.models.Gaussian =>
  new po.models.Gaussian(arg(golden, "kernel_size"), optionsOf(golden, "kernel_size", "forward_kwargs"));

/** Linear with the kernels of the case: those of the reference have an arbitrary size. */
const linear: Handler = async (golden, arrays) => {
  const model = new po.models.Linear({ ...optionsOf(golden), kernel: toTensor(arrays.extra("kernel")) });
  return tensorHandler((_, input) => model.forward(input("x")))(golden, arrays);
};

/** By the name in the index's `function` field. A function without a handler is not supported. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["data.disk", tensorHandler((g) => po.data.disk(arg(g, "img_size"), optionsOf(g, "img_size")))],
  ["data.polar_radius", tensorHandler((g) => po.data.polarRadius(arg(g, "size"), optionsOf(g, "size")))],
  ["data.polar_angle", tensorHandler((g) => po.data.polarAngle(arg(g, "size"), optionsOf(g, "size")))],
  ["process.circular_gaussian2d", tensorHandler(gaussian2d)],
  [
    "process.same_padding",
    tensorHandler((g, input) =>
      po.process.samePadding(input("image"), arg(g, "kernel_size"), optionsOf(g, "kernel_size")),
    ),
  ],
  ["models.Identity", tensorHandler((_, input) => new po.models.Identity().forward(input("x")))],
  ["models.Linear", linear],
  [
    "models.Linear (convolution kernels)",
    tensorHandler((g) => new Map([["filt", new po.models.Linear(optionsOf(g)).filt()]])),
  ],
  [
    "models.Gaussian",
    tensorHandler((g, input) => gaussianModel(g).forward(input("x"), g.args.forward_kwargs as undefined)),
  ],
  ["models.Gaussian (convolution kernels)", tensorHandler((g) => new Map([["filt", gaussianModel(g).filt()]]))],
  ["loss.mse", tensorHandler((_, input) => po.loss.mse(input("synth_rep"), input("ref_rep")))],
  ["loss.l2_norm", tensorHandler((_, input) => po.loss.l2Norm(input("synth_rep"), input("ref_rep")))],
  ["loss.relative_sse", tensorHandler((_, input) => po.loss.relativeSse(input("synth_rep"), input("ref_rep")))],
  ["regularize.penalize_range", tensorHandler((g, input) => po.regularize.penalizeRange(input("img"), optionsOf(g)))],
  ["Metamer.synthesize", metamerHandler],
  ["MetamerCTF.synthesize", metamerCtfHandler],
  ["MADCompetition.synthesize", madHandler],
  ["Eigendistortion.synthesize", eigendistortionHandler],
  ["models.DeepNetFeatures", deepNetHandler],
  ["onnx", onnxHandler],
  ...frontEndHandlers,
  ...metricHandlers,
  ...processHandlers,
  ...textureHandlers,
]);
