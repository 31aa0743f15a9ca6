// Handlers for the steerable pyramid, the functions around it, the Portilla-Simoncelli model and its losses.

import * as po from "plenoptic-js";
import { texturePanels } from "../../../plenoptic/src/models/portillaSimoncelli/texturePanels.ts";
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
  const coefficients = pyramidOf(golden).forward(input("image"), {
    scales: scales === null ? null : scales.map(keyOf),
  });
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

export function textureModel(args: Readonly<Record<string, unknown>>): po.models.PortillaSimoncelli {
  const options = {
    nScales: args.n_scales,
    nOrientations: args.n_orientations,
    spatialCorrWidth: args.spatial_corr_width,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return new po.models.PortillaSimoncelli(args.image_shape as [number, number], Object.fromEntries(given));
}

/** kept_indices: in a dictionary of 0, 1, 2, ... the values that are not NaN tell their places. */
const layout: Handler = async (golden) => {
  const model = textureModel(golden.args);
  const count = model.representationScales.length;
  const groups = model.convertToDict(
    po.tensor(
      Float64Array.from({ length: count }, (_, i) => i),
      { shape: [1, 1, count] },
    ),
  );
  const kept = new Int32Array(count);
  let position = 0;
  for (const group of groups.values()) {
    for (const value of await group.data()) {
      if (!Number.isNaN(value)) kept[value] = position;
      position++;
    }
  }
  const labels = JSON.stringify(model.representationScales.map(String));
  const expected = JSON.stringify((golden.representation_scales as unknown[]).map(String));
  if (labels !== expected) throw new Error("representationScales differ");
  return new Map([["kept_indices", { dtype: "int64", shape: [count], data: kept }]]);
};

/** The redundant statistics, from those they repeat. */
function withRedundant(key: string, group: po.Tensor): po.Tensor {
  if (key.startsWith("auto_correlation")) {
    // Lags (i, j) and (-i, -j) are equal; lag (0, 0) is 1.
    const width = group.shape[2];
    const centre = Math.floor(width / 2);
    const mirrored = Array.from({ length: width }, (_, i) => Math.max(0, Math.min(width - 1, 2 * centre - i)));
    const other = po.take(po.take(group, mirrored, 2), mirrored, 3);
    return firstNumber(group, other);
  }
  if (key !== "cross_orientation_correlation_magnitude") return group;
  const axes = group.shape.map((_, i) => (i === 2 ? 3 : i === 3 ? 2 : i));
  return firstNumber(group, group.permute(axes));
}

/** a, or b where a is NaN, or 1 where both are. */
function firstNumber(a: po.Tensor, b: po.Tensor): po.Tensor {
  return po.where(a.eq(a), a, po.where(b.eq(b), b, 1));
}

const unmasked: Compute = (golden, input) => {
  const model = textureModel(golden.args);
  const groups = model.convertToDict(model.forward(input("image")));
  return new Map([...groups].map(([key, group]) => [key, withRedundant(key, group)]));
};

/**
 * What the statistics are taken of, by their definitions, from the functions of `process`: the
 * model itself never makes most of them, but computes in the plane of frequencies.
 */
const intermediates: Compute = ({ args }, input) => {
  const [nScales, nOrientations] = [args.n_scales as number, args.n_orientations as number];
  const pyramid = new po.process.SteerablePyramidFreq(args.image_shape as [number, number], {
    height: nScales,
    order: nOrientations - 1,
    isComplex: true,
  });
  const demeaned = (x: po.Tensor): po.Tensor => x.sub(x.mean([-2, -1], { keepdims: true }));
  const bands = pyramid.forward(input("image"));
  const band = (scale: number): po.Tensor => bands.get(scale) as po.Tensor;
  const lowpass = demeaned(bands.get("residual_lowpass") as po.Tensor);
  const outputs = new Map<string, po.Tensor>([
    ["highpass", bands.get("residual_highpass") as po.Tensor],
    ["lowpass_demeaned", lowpass],
  ]);
  const all = new Map([...bands, ["residual_lowpass" as const, lowpass]]);
  let image = pyramid.reconPyr(all, { levels: ["residual_lowpass"] });
  for (let scale = nScales; scale >= 0; scale--) {
    if (scale < nScales) image = image.add(pyramid.reconPyr(all, { levels: [scale] }));
    const size = 2 ** scale;
    outputs.set(`lowpass_recon_${scale}`, scale === 0 ? image : po.process.shrink(image, size).mul(size * size));
  }
  for (let scale = 0; scale < nScales; scale++) {
    outputs.set(`coeffs_${scale}`, band(scale));
    outputs.set(`magnitude_${scale}`, demeaned(band(scale).abs()));
    if (scale + 1 === nScales) continue;
    const doubled = po.process.modulatePhase(po.process.expand(band(scale + 1), 2).div(4), { phaseFactor: 2 });
    outputs.set(`doubled_magnitude_${scale}`, demeaned(doubled.abs()));
    outputs.set(`doubled_separate_${scale}`, po.concat([doubled.real(), doubled.imag()], 2));
  }
  return outputs;
};

const panels: Compute = (golden, input) => {
  const model = textureModel(golden.args);
  const rows = texturePanels(model.convertToDict(model.forward(input("image"))));
  return new Map([...rows].map(([title, row]) => [title.replaceAll(/[+ ]/g, "_"), row]));
};

const someScales: Compute = (golden, input) => {
  const model = textureModel(golden.args);
  const scales = (golden.args.scales as string[]).map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  return model.forward(input("image"), { scales });
};

const factory =
  (make: typeof po.loss.portillaSimoncelliLossFactory): Compute =>
  ({ args }, input) => {
    const model = textureModel(args.model as Record<string, unknown>);
    const weights = args.reweighting_dict as Record<string, number> | null;
    const loss = make(model, input(args.factory_image as string), {
      reweightingDict: weights && new Map(Object.entries(weights)),
    });
    return loss(model.forward(input("image")), model.forward(input("target")));
  };

export const textureHandlers: readonly (readonly [name: string, handler: Handler])[] = [
  ["process.SteerablePyramidFreq.forward", tensorHandler((g, input) => named(pyramidOf(g).forward(input("image"))))],
  ["process.SteerablePyramidFreq.recon_pyr", tensorHandler(reconstructions)],
  ["process.SteerablePyramidFreq (frequency-domain masks)", tensorHandler(masks)],
  ["process.SteerablePyramidFreq.convert_pyr_to_tensor", tensorHandler(pyramidTensor)],
  ["process.SteerablePyramidFreq.steer_coeffs", tensorHandler(steered)],
  [
    "process.modulate_phase",
    tensorHandler((g, input) => po.process.modulatePhase(input("x"), { phaseFactor: g.args.phase_factor as number })),
  ],
  ["process.autocorrelation", tensorHandler((_, input) => po.process.autocorrelation(input("x")))],
  ["models.PortillaSimoncelli", tensorHandler((g, input) => textureModel(g.args).forward(input("image")))],
  ["models.PortillaSimoncelli (statistic layout)", layout],
  [
    "models.PortillaSimoncelli.convert_to_dict",
    tensorHandler((g, input) => textureModel(g.args).convertToDict(input("representation"))),
  ],
  ["models.PortillaSimoncelli (all statistics before masking)", tensorHandler(unmasked)],
  ["models.PortillaSimoncelli (intermediate arrays)", tensorHandler(intermediates)],
  ["models.PortillaSimoncelli (panel data of plot_representation)", tensorHandler(panels)],
  ["models.PortillaSimoncelli (scales argument / remove_scales)", tensorHandler(someScales)],
  ["loss.portilla_simoncelli_loss_factory", tensorHandler(factory(po.loss.portillaSimoncelliLossFactory))],
  ["loss.groupwise_relative_l2_norm_factory", tensorHandler(factory(po.loss.groupwiseRelativeL2NormFactory))],
];
