// What is measured: the workloads of the performance targets that exist so far. "Forward and backward" means a value and its
// gradient, as a synthesis needs them. peers.py holds the same ones for Python, under the same names.

import { rfft2h } from "@plenoptic-js/tensor/engine";
import * as po from "plenoptic-js";
import { networkParts } from "./networkParts.ts";
import { against, forwardBackward, other, PIXELS, pattern, program, SIZE, type Workload } from "./programs.ts";
import {
  ADAM_ITERATIONS,
  coarseToFine,
  constrainedMad,
  gaussianAdam,
  LBFGS_EVALUATIONS,
  POWER_ITERATIONS,
  powerMethod,
  textureAdam,
  textureLbfgs,
  weightedMad,
} from "./syntheses.ts";

export type { Workload };

// A blur of n taps along rows and columns, and as much for its gradient.
const blurs = (count: number, taps: number): number => count * 2 * (2 * 2 * taps) * PIXELS;

// A complex transform of the whole image: 512 of 256 values, by the split-radix count 4 n log2(n) - 6 n + 8.
const TRANSFORM = 512 * (4 * 256 * 8 - 6 * 256 + 8);

/** Of a texture model's value and gradient, about 30 transforms, are known to be needed. */
const TEXTURE = 30 * TRANSFORM;

export const workloads: readonly Workload[] = [
  {
    name: "10-operation elementwise chain",
    // Two of the ten work on constants.
    operations: 8 * PIXELS,
    prepare: (dtype, threads) =>
      program(dtype, threads, (x) => {
        const [a, b, c] = [0.3, 0.7, 1.1].map((scale) => pattern(dtype).mul(scale));
        const t = x.mul(a).add(b).mul(c).sub(x);
        return { y: t.div(a.mul(a).add(1)).square().add(1e-6).sqrt().node };
      }),
  },
  {
    name: "FFT 256x256 real, forward",
    operations: TRANSFORM / 2,
    prepare: (dtype, threads) => program(dtype, threads, (x) => ({ y: rfft2h(x).node })),
  },
  {
    name: "steerable pyramid, forward",
    prepare(dtype, threads) {
      const pyramid = new po.process.SteerablePyramidFreq(SIZE);
      return program(dtype, threads, (x) =>
        Object.fromEntries([...pyramid.forward(x)].map(([key, band]) => [String(key), band.node])),
      );
    },
  },
  {
    name: "Gaussian 31x31",
    operations: blurs(1, 31),
    prepare: forwardBackward((x) => new po.models.Gaussian(31, { std: 3 }).forward(x)),
  },
  {
    name: "OnOff 31x31",
    // Centre and surround, luminance, contrast; on and off.
    operations: blurs(8, 31),
    prepare: forwardBackward((x) => new po.models.OnOff(31, { pretrained: true }).forward(x)),
  },
  {
    name: "SSIM against a fixed reference",
    // Local means of x, of its square, and of its product with the reference.
    operations: blurs(3, 11),
    prepare: against(po.metric.ssim),
  },
  {
    name: "MS-SSIM against a fixed reference",
    operations: blurs(4, 11),
    prepare: against(po.metric.msSsim),
  },
  { name: "NLPD against a fixed reference", prepare: against((a, b) => po.metric.nlpd(a, b)) },
  {
    name: "PortillaSimoncelli with its loss",
    operations: TEXTURE,
    prepare(dtype, threads) {
      const model = new po.models.PortillaSimoncelli(SIZE);
      const reference = other(dtype);
      const loss = po.loss.portillaSimoncelliLossFactory(model, reference);
      const target = model.forward(reference);
      return against((_, x) => loss(model.forward(x), target))(dtype, threads);
    },
  },
  { name: "Gaussian metamer, Adam, whole iteration", units: ADAM_ITERATIONS, prepare: gaussianAdam },
  {
    name: "PS metamer, Adam, whole iteration",
    units: ADAM_ITERATIONS,
    operations: TEXTURE,
    prepare: textureAdam,
  },
  {
    name: "PS metamer, L-BFGS (history 100), per evaluation",
    units: LBFGS_EVALUATIONS,
    operations: TEXTURE,
    prepare: textureLbfgs,
  },
  { name: "PS metamer from coarse to fine, Adam, coarsest scale", units: ADAM_ITERATIONS, prepare: coarseToFine },
  { name: "MAD 1 - SSIM against MSE, Adam, whole iteration", units: ADAM_ITERATIONS, prepare: weightedMad },
  {
    name: "MAD 1 - SSIM against MSE, constrained, whole iteration",
    units: ADAM_ITERATIONS,
    isOurs: true,
    prepare: constrainedMad,
  },
  {
    name: "eigendistortions of OnOff, power method, k = 3, per iteration at both ends",
    units: POWER_ITERATIONS,
    prepare: powerMethod,
  },
  ...networkParts,
];
