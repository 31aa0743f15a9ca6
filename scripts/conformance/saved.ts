// Saved Metamers of every release of Python's plenoptic (golden pt/): loaded into objects made with the same arguments, and
// continued. What Python's newest release finds in them, and where it goes on to, stands in after_load_HEAD.json.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as po from "plenoptic-js";
import { decodeNpy } from "../../packages/plenoptic/src/files/npy.ts";
import type { Result } from "./run.ts";

interface Init {
  /** Of the random generators before model and object were made. */
  readonly seed: number;
  readonly image: string;
  readonly dtype: "float32" | "float64";
  readonly model: { readonly name: string; readonly kwargs: Readonly<Record<string, unknown>> };
  readonly loss_function: string;
  readonly penalty?: {
    readonly allowed_range?: readonly [number, number];
    readonly function?: string;
    readonly lambda: number;
  };
}

interface Numbers {
  readonly losses: readonly Spelled[];
  readonly penalties: readonly Spelled[];
  readonly gradient_norm: readonly Spelled[];
  readonly pixel_change_norm: readonly Spelled[];
  readonly store_progress?: number | boolean | null;
  readonly metamer?: { readonly shape: readonly number[]; readonly sum: number; readonly first5: readonly number[] };
  readonly saved_metamer?: { readonly shape: readonly number[] };
}

type Spelled = number | string;

interface AfterLoad {
  readonly state?: Numbers;
  readonly continued?: { readonly result?: Numbers; readonly error?: string };
}

const LOSSES: Readonly<Record<string, po.validate.LossFunction>> = {
  mse: po.loss.mse,
  l2_norm: po.loss.l2Norm,
  relative_sse: po.loss.relativeSse,
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

function modelOf({ name, kwargs }: Init["model"], [height, width]: readonly number[]): po.Model {
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

/** The object that a file was saved from, made anew. */
export function metamerOf(sidecar: string): po.Metamer {
  const { init } = JSON.parse(readFileSync(sidecar, "utf8")) as { readonly init: Init };
  po.setSeed(init.seed);
  const { shape, data } = decodeNpy(readFileSync(join(dirname(sidecar), init.image)));
  const image = po.tensor(data, {
    shape: shape.length === 2 ? [1, 1, ...shape] : shape,
    dtype: init.dtype,
  });
  const model = modelOf(init.model, image.shape.slice(-2));
  const { penalty } = init;
  const range = penalty?.allowed_range;
  // The range penalty itself where its range is the usual one: it has a name.
  const penaltyFunction =
    penalty?.function !== undefined
      ? PENALTIES[penalty.function]
      : range === undefined || (range[0] === 0 && range[1] === 1)
        ? po.regularize.penalizeRange
        : (x: po.Tensor): po.Tensor => po.regularize.penalizeRange(x, { allowedRange: range });
  const lossFunction =
    LOSSES[init.loss_function] ?? po.loss.portillaSimoncelliLossFactory(model as po.models.PortillaSimoncelli, image);
  return new po.Metamer(image, model, {
    lossFunction,
    penaltyFunction,
    ...(penalty !== undefined && { penaltyLambda: penalty.lambda }),
  });
}

/** All saved Metamers in a golden pt/ folder. */
export function savedMetamers(folder: string): readonly { readonly name: string; readonly path: string }[] {
  const isRelease = (name: string): boolean => /^(\d|HEAD)/.test(name);
  return readdirSync(folder)
    .filter(isRelease)
    .sort()
    .flatMap((release) =>
      readdirSync(join(folder, release))
        .filter((file) => /^metamer_.*\.pt$/.test(file))
        .map((file) => {
          const name = `${release}/${file.slice(0, -3)}`;
          return { name, path: join(folder, `${name}.json`) };
        }),
    )
    .filter(({ path }) => existsSync(path));
}

/** Python shows its histories in float32. */
const SHOWN = 1.2e-7;

/** Loads a file and goes on; throws where the numbers are not Python's. Gives the names of the warnings. */
export async function checkLoaded(folder: string, name: string): Promise<readonly string[]> {
  const all = JSON.parse(readFileSync(join(folder, "after_load_HEAD.json"), "utf8")) as {
    readonly files: Readonly<Record<string, AfterLoad>>;
  };
  // Files from before 1.2 are refused by Python: there is nothing to compare with.
  const { state, continued } = all.files[name] ?? {};
  const metamer = metamerOf(join(folder, `${name}.json`));
  const warnings: string[] = [];
  const quiet = po.warnings.on((warning) => warnings.push(warning.name));
  try {
    await metamer.load(join(folder, `${name}.pt`));
    const lost = name.includes("lost") || name.includes("resaved");
    if (state !== undefined) compare("after load", metamer, state, single(metamer) ? 3e-6 : SHOWN);
    const before = metamer.metamer.size === 0 ? null : await metamer.metamer.data();
    await metamer.synthesize({ maxIter: 3, stopCriterion: -1 });
    if (continued?.result !== undefined && !lost) {
      compare("three iterations later", metamer, continued.result, single(metamer) ? 3e-4 : 2e-7);
    } else if (before !== null && metamer.pixelChangeNorm.slice(-3).some((norm) => !(norm >= 0))) {
      throw new Error("it does not go on");
    }
  } finally {
    quiet();
  }
  return warnings;
}

const single = (metamer: po.Metamer): boolean => metamer.image.dtype === "float32";

function compare(when: string, metamer: po.Metamer, expected: Numbers, tolerance: number): void {
  const { losses, penalties, gradientNorm, pixelChangeNorm } = metamer;
  // With L-BFGS, Python notes penalty and gradient of the last trial point, not those of the image of the loss.
  const evaluatesOften = metamer.optimizer?.kind === "lbfgs";
  const series: readonly (readonly [string, Float64Array, readonly Spelled[]])[] = [
    ["losses", losses, expected.losses],
    ["pixelChangeNorm", pixelChangeNorm, expected.pixel_change_norm],
    ...(evaluatesOften
      ? []
      : ([
          ["penalties", penalties, expected.penalties],
          ["gradientNorm", gradientNorm, expected.gradient_norm],
        ] as const)),
  ];
  for (const [what, got, want] of series) {
    if (got.length !== want.length) throw new Error(`${when}: ${got.length} ${what}, expected ${want.length}`);
    const scale = Math.max(...want.map((value) => Math.abs(Number(value)) || 0));
    want.forEach((value, i) => {
      const number = Number(value === "nan" ? Number.NaN : value);
      if (Number.isNaN(number) && Number.isNaN(got[i])) return;
      // Python computes penalties anew where the file has none; ours too.
      const allowed = tolerance * Math.max(Math.abs(number), 0.01 * scale);
      if (!(Math.abs(got[i] - number) <= allowed)) {
        throw new Error(`${when}: ${what}[${i}] is ${got[i]}, expected ${number} to within ${allowed}`);
      }
    });
  }
  const { metamer: image } = expected;
  if (image === undefined) return;
  const values = metamer.metamer.dataSync();
  let sum = 0;
  for (const value of values) sum += value;
  if (!(Math.abs(sum - image.sum) <= tolerance * values.length)) {
    throw new Error(`${when}: the sum of the image is ${sum}, expected ${image.sum}`);
  }
}

/** The outcomes of all saved Metamers in a golden pt/ folder. */
export async function* runSavedGolden(folder: string): AsyncGenerator<Result> {
  for (const { name } of savedMetamers(folder)) {
    try {
      await checkLoaded(folder, name);
      yield { name, outcome: "passed" };
    } catch (error) {
      yield { name, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
    }
  }
}
