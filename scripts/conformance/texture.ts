// Handlers for the steerable pyramid, the functions around it, the Portilla-Simoncelli model and its losses.

import * as po from "plenoptic-js";
import type { Handler } from "./cases.ts";
import type { GoldenCase } from "./format.ts";
import { type Compute, tensorHandler } from "./tensors.ts";

type BandKey = po.process.BandKey;
type Input = (name: string) => po.Tensor;

/** Keys of the index are texts; ours are numbers for scales. */
const keyOf = (name: string): BandKey => (/^\d+$/.test(name) ? Number(name) : (name as BandKey));

function pyramidOf({ args }: GoldenCase): po.process.SteerablePyramidFreq {
  const { image_shape, is_complex, tight_frame, height, order, twidth, downsample } = args as Record<string, never>;
  const options = { isComplex: is_complex, tightFrame: tight_frame, height, order, twidth, downsample };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return new po.process.SteerablePyramidFreq(image_shape, Object.fromEntries(given));
}

const named = (coefficients: po.process.PyramidCoefficients): Map<string, po.Tensor> =>
  new Map([...coefficients].map(([key, value]) => [String(key), value]));

/** The inputs `coeffs.KEY` of a case. */
function coefficientsOf(golden: GoldenCase, input: Input): Map<BandKey, po.Tensor> {
  const names = Object.keys(golden.inputs).filter((name) => name.startsWith("coeffs."));
  return new Map(names.map((name) => [keyOf(name.slice("coeffs.".length)), input(name)]));
}

const reconstructions: Compute = (golden, input) => {
  const pyramid = pyramidOf(golden);
  const coefficients = coefficientsOf(golden, input);
  const outputs = new Map<string, po.Tensor>();
  for (const [name, call] of Object.entries(golden.calls as Record<string, po.process.ReconPyrOptions>)) {
    const image = pyramid.reconPyr(coefficients, call);
    outputs.set(name, image);
    outputs.set(`${name}_c128`, image);
  }
  return outputs;
};

const masks: Compute = (golden) =>
  new Map([...pyramidOf(golden).masks].map(([name, mask]) => [name.replace(/^_/, ""), mask.cast("float64")]));

const pyramidTensor: Compute = (golden, input) => {
  const scales = golden.args.scales as string[] | null;
  const coefficients = pyramidOf(golden).forward(input("image"), { scales: scales && scales.map(keyOf) });
  const splitComplex = golden.args.split_complex as boolean;
  const [tensor, info] = po.process.convertPyrToTensor(coefficients, { splitComplex });
  const expected = golden.pyr_info as Record<string, unknown>;
  const ours = [info.numChannels, info.pyrKeys.map(String), info.packInfo, info.splitComplexPackInfo];
  const theirs = [expected.num_channels, expected.pyr_keys, expected.pack_info, expected.split_complex_pack_info];
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
    throw new Error(`pyrInfo is ${JSON.stringify(ours)}, expected ${JSON.stringify(theirs)}`);
  }
  return new Map([["tensor", tensor]]);
};

const steered: Compute = (golden, input) => {
  const coefficients = pyramidOf(golden).forward(input("image"));
  const outputs = new Map<string, po.Tensor>();
  for (const phase of ["even", "odd"]) {
    const [bands, weights] = po.process.steerCoeffs(coefficients, golden.args.angles as number[], {
      evenPhase: phase === "even",
    });
    for (const [key, value] of bands) outputs.set(`coeffs_${key}_${phase}`, value);
    outputs.set(`weights_${phase}`, weights.get(0) as po.Tensor);
  }
  return outputs;
};

function textureModel(args: Readonly<Record<string, unknown>>): po.models.PortillaSimoncelli {
  const options = { nScales: args.n_scales, nOrientations: args.n_orientations, spatialCorrWidth: args.spatial_corr_width };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return new po.models.PortillaSimoncelli(args.image_shape as [number, number], Object.fromEntries(given));
}

export const textureHandlers: readonly (readonly [name: string, handler: Handler])[] = [
  [
    "process.SteerablePyramidFreq.forward",
    tensorHandler((g, input) => named(pyramidOf(g).forward(input("image")))),
  ],
  ["process.SteerablePyramidFreq.recon_pyr", tensorHandler(reconstructions)],
  ["process.SteerablePyramidFreq (frequency-domain masks)", tensorHandler(masks)],
  ["process.SteerablePyramidFreq.convert_pyr_to_tensor", tensorHandler(pyramidTensor)],
  ["process.SteerablePyramidFreq.steer_coeffs", tensorHandler(steered)],
  ["models.PortillaSimoncelli", tensorHandler((g, input) => textureModel(g.args).forward(input("image")))],
];
