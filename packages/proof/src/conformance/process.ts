// Handlers of the process functions outside of the steerable pyramid.

import * as po from "plenoptic-js";
import type { GoldenCase } from "./format.ts";
import { type Compute, tensorHandler } from "./tensors.ts";

type Input = (name: string) => po.Tensor;

const arg = ({ args }: GoldenCase, name: string): never => args[name] as never;

const blurOptions = ({ args }: GoldenCase): po.process.BlurOptions => ({
  nScales: args.n_scales as number,
  filtname: args.filtname as string,
  scaleFilter: args.scale_filter as boolean,
});

const laplacian = ({ args }: GoldenCase): po.process.LaplacianPyramid =>
  new po.process.LaplacianPyramid({ nScales: args.n_scales as number, scaleFilter: args.scale_filter as boolean });

const numbered = (levels: readonly po.Tensor[]): Map<string, po.Tensor> =>
  new Map(levels.map((level, i) => [String(i), level]));

const reconstruction: Compute = (golden, input) => {
  const levels = Object.keys(golden.inputs).map((_, i) => input(`y.${i}`));
  return new Map([["recon", laplacian(golden).reconPyr(levels)]]);
};

/** The arguments of a moment. Means and variances that are given are tensors in Python. */
function momentOptions({ args }: GoldenCase): po.process.MomentOptions {
  const known = Object.entries(args).filter(([, value]) => value !== null);
  return Object.fromEntries(known);
}

/** Seeds that the reference may have drawn its noise with: from 0 to below this. */
const SEEDS = 100;

/** Seeds the generator so that it gives the draws that lie beside the case. */
function seedFor(golden: GoldenCase, draws: po.Tensor): void {
  const expected = draws.dataSync();
  for (let seed = 0; seed < SEEDS; seed++) {
    po.setSeed(seed);
    const drawn = po.randn(draws.shape, { dtype: "float32" }).dataSync();
    if (!drawn.every((x, i) => Math.abs(x - expected[i]) <= 1e-6)) continue;
    po.setSeed(seed);
    return;
  }
  throw new Error(`no seed from 0 to ${SEEDS - 1} gives the draws of ${golden.name}`);
}

const noisy: Compute = (golden, input) => {
  seedFor(golden, input("raw_normal_draws"));
  return po.process.addNoise(input("img"), arg(golden, "noise_mse"));
};

/** The pyramid of a case's image. */
function pyramidOf({ args }: GoldenCase, input: Input): Map<po.process.BandKey, po.Tensor> {
  const { height, order, is_complex: isComplex } = args.pyramid as Record<string, never>;
  const image = input("image");
  const [rows, columns] = image.shape.slice(-2);
  return new po.process.SteerablePyramidFreq([rows, columns], { height, order, isComplex }).forward(image);
}

/** The entries of dictionaries as NAME.KEY. Their order must be that of the case. */
function entries(
  golden: GoldenCase,
  dicts: Readonly<Record<string, ReadonlyMap<unknown, po.Tensor>>>,
): Map<string, po.Tensor> {
  const all = new Map<string, po.Tensor>();
  for (const [name, dict] of Object.entries(dicts)) {
    const keys = [...dict.keys()].map(String);
    const expected = (golden as unknown as Record<string, unknown>)[`${name}_keys`];
    if (JSON.stringify(keys) !== JSON.stringify(expected)) {
      throw new Error(`${name} has the keys ${JSON.stringify(keys)}, expected ${JSON.stringify(expected)}`);
    }
    for (const [key, value] of dict) all.set(`${name}.${String(key)}`, value);
  }
  return all;
}

const gainDictionaries: Compute = (golden, input) => {
  const options = { residuals: arg(golden, "residuals") };
  const [energy, state] = po.process.localGainControlDict(pyramidOf(golden, input), options);
  return entries(golden, { energy, state, released: po.process.localGainReleaseDict(energy, state, options) });
};

const polarDictionaries: Compute = (golden, input) => {
  const options = { residuals: arg(golden, "residuals") };
  const [energy, state] = po.process.rectangularToPolarDict(pyramidOf(golden, input), options);
  return entries(golden, { energy, state, back: po.process.polarToRectangularDict(energy, state) });
};

const pair = (first: string, second: string, [a, b]: readonly [po.Tensor, po.Tensor]): Map<string, po.Tensor> =>
  new Map([
    [first, a],
    [second, b],
  ]);

const computations: Readonly<Record<string, Compute>> = {
  correlate_downsample: (g, input) =>
    po.process.correlateDownsample(input("image"), input("filt"), { paddingMode: arg(g, "padding_mode") }),
  upsample_convolve: (g, input) =>
    po.process.upsampleConvolve(input("image"), arg(g, "odd"), input("filt"), { paddingMode: arg(g, "padding_mode") }),
  blur_downsample: (g, input) => po.process.blurDownsample(input("image"), blurOptions(g)),
  upsample_blur: (g, input) => po.process.upsampleBlur(input("image"), arg(g, "odd"), blurOptions(g)),
  "LaplacianPyramid.forward": (g, input) => numbered(laplacian(g).forward(input("x"))),
  "LaplacianPyramid.recon_pyr": reconstruction,
  normalized_laplacian_pyramid: (_, input) => numbered(po.process.normalizedLaplacianPyramid(input("img"))),
  rescale: (g, input) => po.process.rescale(input("x"), { a: arg(g, "a"), b: arg(g, "b") }),
  rectangular_to_polar: (_, input) => pair("amplitude", "phase", po.process.rectangularToPolar(input("x"))),
  polar_to_rectangular: (_, input) => po.process.polarToRectangular(input("amplitude"), input("phase")),
  center_crop: (g, input) => po.process.centerCrop(input("x"), arg(g, "output_size")),
  expand: (g, input) => po.process.expand(input("x"), arg(g, "factor")),
  shrink: (g, input) => po.process.shrink(input("x"), arg(g, "factor")),
  variance: (g, input) => po.process.variance(input("x"), momentOptions(g)),
  skew: (g, input) => po.process.skew(input("x"), momentOptions(g)),
  kurtosis: (g, input) => po.process.kurtosis(input("x"), momentOptions(g)),
  add_noise: noisy,
  local_gain_control: (g, input) =>
    pair("norm", "direction", po.process.localGainControl(input("x"), { epsilon: arg(g, "epsilon") })),
  local_gain_release: (g, input) =>
    po.process.localGainRelease(input("norm"), input("direction"), { epsilon: arg(g, "epsilon") }),
  local_gain_control_dict: gainDictionaries,
  rectangular_to_polar_dict: polarDictionaries,
};

export const processHandlers = Object.entries(computations).map(
  ([name, compute]) => [`process.${name}`, tensorHandler(compute)] as const,
);
