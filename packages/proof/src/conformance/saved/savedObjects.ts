// The objects from which Python's plenoptic saved the files of golden pt/, made anew from the descriptions beside them: one
// builder for each class.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readNpy } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";

/** What an object was made with. */
interface Init {
  /** Of the random generators before model and object were made. */
  readonly seed: number;
  readonly image: string;
  readonly dtype: "float32" | "float64";
  readonly penalty?: {
    readonly allowed_range?: readonly [number, number];
    readonly function?: string;
    readonly lambda: number;
  };
}

interface EigInit extends Init {
  readonly model: { readonly name: string; readonly kwargs: Readonly<Record<string, unknown>> };
}

interface MetamerInit extends EigInit {
  readonly loss_function: string;
}

interface MetamerCtfInit extends MetamerInit {
  readonly coarse_to_fine: po.CoarseToFine;
}

interface MadInit extends Init {
  readonly optimized_metric: string;
  readonly reference_metric: string;
  readonly minmax: po.MinMax;
  /** null: drawn. */
  readonly metric_tradeoff_lambda: number | null;
}

/** Losses by their names in golden files. */
export const LOSSES: Readonly<Record<string, po.validate.LossFunction>> = {
  mse: po.loss.mse,
  l2_norm: po.loss.l2Norm,
  relative_sse: po.loss.relativeSse,
};

const METRICS: Readonly<Record<string, po.validate.MetricFunction>> = {
  mse: po.metric.mse,
  one_minus_ssim: (a, b) => po.metric.oneMinusSsim(a, b).mean(),
  one_minus_ssim_w: (a, b) => po.metric.oneMinusSsim(a, b, { weighted: true, pad: "reflect" }).mean(),
};

const PENALTIES: Readonly<Record<string, po.validate.PenaltyFunction>> = {
  penalize_roughness(image) {
    const [height, width] = image.shape.slice(-2);
    const across = image.slice(-1, 1, width).sub(image.slice(-1, 0, width - 1));
    const down = image.slice(-2, 1, height).sub(image.slice(-2, 0, height - 1));
    return across.square().sum().add(down.square().sum());
  },
  penalize_mean: (image) => image.mean().sub(0.4).square().mul(10),
};

/** What has this name. An unknown name is never taken for another. */
function known<T>(what: string, table: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(table, name)) throw new Error(`there is no ${what} ${name}`);
  return table[name];
}

function imageOf({ image, dtype }: Init, folder: string): po.Tensor {
  const { shape, data } = readNpy(readFileSync(join(folder, image)));
  return po.tensor(data, { shape: shape.length === 2 ? [1, 1, ...shape] : shape, dtype });
}

function penaltyOf({ penalty }: Init): Pick<po.MetamerOptions, "penaltyFunction" | "penaltyLambda"> {
  const range = penalty?.allowed_range;
  // The range penalty itself where its range is the usual one: it has a name.
  const penaltyFunction =
    penalty?.function !== undefined
      ? known("penalty", PENALTIES, penalty.function)
      : range === undefined || (range[0] === 0 && range[1] === 1)
        ? po.regularize.penalizeRange
        : (x: po.Tensor): po.Tensor => po.regularize.penalizeRange(x, { allowedRange: range });
  return { penaltyFunction, ...(penalty !== undefined && { penaltyLambda: penalty.lambda }) };
}

function modelOf({ name, kwargs }: EigInit["model"], [height, width]: readonly number[]): po.Model {
  const size = kwargs.kernel_size as [number, number];
  if (name === "Identity") return new po.models.Identity();
  if (name === "Gaussian") return new po.models.Gaussian(size, { std: kwargs.std as number });
  if (name === "OnOff") return new po.models.OnOff(size, { pretrained: kwargs.pretrained as boolean });
  if (name === "CenterSurround") {
    const { center_std: centerStd, surround_std: surroundStd } = kwargs as Readonly<Record<string, number>>;
    return new po.models.CenterSurround(size, { centerStd, surroundStd });
  }
  if (name === "PortillaSimoncelli") {
    const { n_scales, n_orientations, spatial_corr_width } = kwargs as Readonly<Record<string, number>>;
    const options = { nScales: n_scales, nOrientations: n_orientations, spatialCorrWidth: spatial_corr_width };
    return new po.models.PortillaSimoncelli([height, width], options);
  }
  throw new Error(`there is no model ${name}`);
}

function metamerParts(
  init: MetamerInit,
  image: po.Tensor,
): { readonly model: po.Model; readonly options: po.MetamerOptions } {
  const model = modelOf(init.model, image.shape.slice(-2));
  const lossFunction =
    init.loss_function === "portilla_simoncelli_loss_factory"
      ? po.loss.portillaSimoncelliLossFactory(model as po.models.PortillaSimoncelli, image)
      : known("loss", LOSSES, init.loss_function);
  return { model, options: { lossFunction, ...penaltyOf(init) } };
}

function metamer(init: MetamerInit, image: po.Tensor): po.Metamer {
  const { model, options } = metamerParts(init, image);
  return new po.Metamer(image, model, options);
}

function metamerCtf(init: MetamerCtfInit, image: po.Tensor): po.MetamerCTF {
  const { model, options } = metamerParts(init, image);
  const coarseToFine = init.coarse_to_fine;
  return new po.MetamerCTF(image, model as po.models.PortillaSimoncelli, { ...options, coarseToFine });
}

function mad(init: MadInit, image: po.Tensor): po.MADCompetition {
  const [optimized, reference] = [init.optimized_metric, init.reference_metric].map((name) =>
    known("metric", METRICS, name),
  );
  return new po.MADCompetition(image, optimized, reference, init.minmax, {
    metricTradeoffLambda: init.metric_tradeoff_lambda,
    ...penaltyOf(init),
  });
}

const eig = ({ model }: EigInit, image: po.Tensor): po.Eigendistortion =>
  new po.Eigendistortion(image, modelOf(model, image.shape.slice(-2)));

/** By the first word of a file's name. */
const BUILDERS = { metamer, metamerctf: metamerCtf, mad, eig } as const;

export type SavedKind = keyof typeof BUILDERS;

/** What the files of a kind are loaded into. */
type Made<K extends SavedKind> = ReturnType<(typeof BUILDERS)[K]>;

/** An iterative synthesis of any class. */
export type SavedObject = Made<Exclude<SavedKind, "eig">>;

/** The class of a file, if it is one that is made anew here. */
export function kindOfFile(name: string): SavedKind | null {
  const word = /^([a-z]+)_/.exec(name)?.[1] ?? "";
  return Object.hasOwn(BUILDERS, word) ? (word as SavedKind) : null;
}

/** The object that a file was saved from, made anew. */
export function objectOf<K extends SavedKind>(kind: K, sidecar: string): Made<K> {
  const { init } = JSON.parse(readFileSync(sidecar, "utf8")) as { readonly init: Init };
  po.setSeed(init.seed);
  return BUILDERS[kind](init as MetamerCtfInit & MadInit, imageOf(init, dirname(sidecar))) as Made<K>;
}
