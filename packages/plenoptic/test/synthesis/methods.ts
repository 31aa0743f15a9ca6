// The iterative methods in one form, for tests of what holds for all of them.

import { hashTensor } from "@plenoptic-js/tensor";
import * as po from "../../src/index.ts";

export type Float = "float32" | "float64";

const SIDE = 12;

/** A picture-like image without random numbers. */
export function picture(salt = 0, dtype: Float = "float64"): po.Tensor<Float> {
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  return po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype });
}

/** Where synthesis starts: here and there outside of what is not penalized. */
const rough = (dtype: Float): po.Tensor<Float> => picture(40, dtype).mul(1.3).sub(0.1).detach();

type Scales = readonly (string | number)[];

/** Means over blocks of 4 x 4, over blocks of 2 x 2, and pixels, as one row. */
export class Blocks implements po.Model {
  readonly name = "blocks";
  readonly scales: Scales;
  readonly #sizes: readonly number[];

  constructor(scales: Scales = ["lo", "mid", "hi"], sizes: readonly number[] = [4, 2, 1]) {
    this.scales = scales;
    this.#sizes = sizes;
  }

  forward(image: po.Tensor, { scales = null }: { readonly scales?: Scales | null } = {}): po.Tensor {
    const parts = this.scales.flatMap((scale, i) => {
      if (scales !== null && !scales.includes(scale)) return [];
      const size = this.#sizes[i];
      return [(size === 1 ? image : po.avgPool2d(image, size)).reshape([-1])];
    });
    return po.concat(parts, 0);
  }
}

export type Synthesis = po.Metamer | po.MetamerCTF | po.MADCompetition;

export interface Method {
  readonly name: string;
  make(dtype?: Float): Synthesis;
  start(dtype?: Float): { readonly initialImage: po.Tensor };
  /** Its own options of synthesize(). */
  readonly options: object;
}

export const methods: readonly Method[] = [
  {
    name: "Metamer",
    make: (dtype = "float64") => new po.Metamer(picture(0, dtype), new po.models.Gaussian(5, { std: 1.5 })),
    start: (dtype = "float64") => ({ initialImage: rough(dtype) }),
    options: {},
  },
  ...(["together", "separate"] as const).map(
    (coarseToFine): Method => ({
      name: `MetamerCTF, ${coarseToFine}`,
      make: (dtype = "float64") =>
        new po.MetamerCTF(picture(0, dtype), new Blocks(), { lossFunction: po.loss.l2Norm, coarseToFine }),
      start: (dtype = "float64") => ({ initialImage: rough(dtype) }),
      options: { changeScaleCriterion: null, ctfItersToCheck: 2 },
    }),
  ),
  {
    name: "MADCompetition",
    make: (dtype = "float64") =>
      new po.MADCompetition(picture(0, dtype), po.metric.mse, po.metric.oneMinusSsim, "max", {
        metricTradeoffLambda: 0.1,
      }),
    start: (dtype = "float64") => ({ initialImage: rough(dtype) }),
    options: {},
  },
];

export const imageOf = (object: Synthesis): po.Tensor =>
  object instanceof po.MADCompetition ? object.madImage : object.metamer;

export const savedOf = (object: Synthesis): po.Tensor =>
  object instanceof po.MADCompetition ? object.savedMadImage : object.savedMetamer;

/** One of the stored images, the current one last. */
export const storedImage = (object: Synthesis, place: number): po.Tensor =>
  savedOf(object)
    .slice(0, place, place + 1)
    .squeeze([0])
    .detach();

/** Histories with a value for the current image. */
export function longSeries(object: Synthesis): Record<string, Float64Array> {
  const { losses, penalties } = object;
  if (!(object instanceof po.MADCompetition)) return { losses, penalties };
  const { optimizedMetricLoss, referenceMetricLoss } = object;
  return { losses, penalties, optimizedMetricLoss, referenceMetricLoss };
}

/** Histories with a value for each iteration. Learning rates are not in files. */
export function shortSeries(object: Synthesis): Record<string, Float64Array> {
  const { gradientNorm, pixelChangeNorm } = object;
  const common = { gradientNorm, pixelChangeNorm };
  return object instanceof po.MetamerCTF ? { ...common, scalesLoss: object.scalesLoss } : common;
}

/** All of it: two syntheses with equal records are the same to the bit. */
export async function record(object: Synthesis): Promise<object> {
  return {
    ...longSeries(object),
    ...shortSeries(object),
    image: await hashTensor(imageOf(object)),
    saved: await hashTensor(savedOf(object)),
    ...(object instanceof po.MetamerCTF && {
      scales: object.scales,
      finished: object.scalesFinished,
      timing: [...object.scalesTiming],
    }),
  };
}
