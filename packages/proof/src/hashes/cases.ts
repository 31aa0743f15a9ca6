// Computations whose results are promised bit for bit. The committed table (table.json) holds their hashes; `npm run
// hashes` recomputes them in Node at 1, 2 and 4 threads, and the browser tests do in Chromium. How helpers are made to take
// part: shared.ts. Nothing here uses Node.

import {
  type DType,
  gradient,
  hashTensor,
  rand,
  randn,
  setSeed,
  setThreads,
  Tensor,
  tensor,
} from "@plenoptic-js/tensor";
import { fromValue, inputLeaf, type Node, Program } from "@plenoptic-js/tensor/engine";
import * as po from "plenoptic-js";
import { fourierOps } from "../../../tensor/src/compile/fourierKernels.ts";
import { ops } from "../../../tensor/src/graph/build.ts";

type Float = "float32" | "float64";

/** One named computation; gives the hash of every result it names. */
export interface HashCase {
  readonly name: string;
  /** Whether no program of it is shared among threads. */
  readonly alone?: true;
  run(threads: number): Promise<Record<string, string>>;
}

/** Milliseconds for which a program of threads is run again, until a helper has come. */
const PATIENCE = 200;

const SIDE = 64;

/** A fixed picture-like array: every run has the same, without any random generator. */
function pattern(shape: readonly number[], dtype: Float, salt = 0): Tensor<Float> {
  const n = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: n }, (_, i) => ((((i + salt) * 7919) % 1009) + ((i >> 6) % 17)) / 1026);
  return tensor(values, { shape, dtype }) as Tensor<Float>;
}

/** Values and gradient of sum(f(x)^2) by a compiled program with this many threads. */
async function valueAndGradient(
  f: (x: Tensor<Float>) => Tensor,
  x: Tensor<Float>,
  threads: number,
): Promise<Record<string, string>> {
  const leaf = inputLeaf(x.shape, x.dtype);
  const input = new Tensor<Float>(leaf);
  const y = f(input);
  const real =
    y.dtype === "complex64" || y.dtype === "complex128" ? y.real().square().add(y.imag().square()) : y.square();
  const outputs: Record<string, Node> = { value: y.node, gradient: gradient(real.sum(), input).node };
  const program = new Program({ buffers: { x: leaf }, entries: { main: { outputs } } }, { threads });
  program.set("x", { dtype: x.dtype, shape: x.shape, re: await x.data() });
  const end = performance.now() + PATIENCE;
  do program.run("main");
  while (program.threads > 1 && program.helped === 0 && performance.now() < end);
  const hashes: Record<string, string> = {};
  for (const name of Object.keys(outputs))
    hashes[name] = await hashTensor(fromValue<DType>(program.get(`main.${name}`)));
  return hashes;
}

function functionCase(name: string, dtype: Float, shape: readonly number[], f: (x: Tensor<Float>) => Tensor): HashCase {
  return { name: `${name} ${dtype}`, run: (threads) => valueAndGradient(f, pattern(shape, dtype), threads) };
}

interface Trajectory {
  readonly model: po.ModelLike;
  readonly loss?: (image: Tensor<Float>) => po.validate.LossFunction;
  readonly optimizer?: po.optim.Optimizer;
  readonly scheduler?: po.optim.Scheduler;
  readonly steps: readonly number[];
}

/** A metamer's image and losses after so many steps. */
function trajectory(name: string, dtype: Float, made: Trajectory): HashCase {
  const { model, loss, optimizer = null, scheduler = null, steps: counts } = made;
  return {
    name: `${name} ${dtype}`,
    async run(threads) {
      setThreads(threads);
      setSeed(0);
      const image = pattern([1, 1, SIDE, SIDE], dtype);
      const metamer = new po.Metamer(image, model, loss === undefined ? {} : { lossFunction: loss(image) });
      await metamer.setup({ optimizer, scheduler });
      const hashes: Record<string, string> = {};
      for (const steps of counts) {
        await metamer.synthesize({ maxIter: steps - metamer.numIter, stopCriterion: 0 });
        hashes[`image after ${steps}`] = await hashTensor(metamer.metamer);
        hashes[`losses after ${steps}`] = await hashTensor(tensor(metamer.losses));
      }
      return hashes;
    },
  };
}

/** What a synthesis of any kind gives after 10 and 100 steps, and where its scales changed. */
function synthesis<S extends po.MetamerCTF | po.MADCompetition>(
  name: string,
  dtype: Float,
  make: (image: Tensor<Float>) => S,
  run: (object: S, maxIter: number) => Promise<unknown>,
): HashCase {
  return {
    name: `${name} ${dtype}`,
    async run(threads) {
      setThreads(threads);
      setSeed(0);
      const object = make(pattern([1, 1, SIDE, SIDE], dtype));
      const hashes: Record<string, string> = {};
      for (const steps of [10, 100]) {
        await run(object, steps - object.numIter);
        const made: Record<string, Tensor> =
          object instanceof po.MetamerCTF
            ? { image: object.metamer, "loss of the scales": tensor(object.scalesLoss) }
            : { image: object.madImage, "kept metric": tensor(object.referenceMetricLoss) };
        for (const [what, value] of Object.entries({ ...made, losses: tensor(object.losses) })) {
          hashes[`${what} after ${steps}`] = await hashTensor(value);
        }
      }
      return hashes;
    },
  };
}

/** Eigendistortions of a small image; of the default method by a search, or of the whole space. */
function eigendistortions(method: po.EigendistortionMethod, dtype: Float, whole = false): HashCase {
  const limit = !whole && (method === "krylov" || method === "power") ? { maxIter: 40 } : {};
  return {
    name: `eigendistortions, ${method}${whole ? " of the whole space" : ""} ${dtype}`,
    async run(threads) {
      setThreads(threads);
      setSeed(0);
      const quiet = po.warnings.on(() => {});
      try {
        const model = new po.models.CenterSurround(5);
        const found = new po.Eigendistortion(pattern([1, 1, 16, 16], dtype), model);
        await found.synthesize({ method, k: 2, ...limit });
        return {
          eigendistortions: await hashTensor(found.eigendistortions as Tensor),
          eigenvalues: await hashTensor(found.eigenvalues as Tensor),
        };
      } finally {
        quiet();
      }
    },
  };
}

const image = [1, 1, SIDE, SIDE];
const dtypes: readonly Float[] = ["float32", "float64"];

const texture = new po.models.PortillaSimoncelli([SIDE, SIDE], { nScales: 3 });

const { optim } = po;
const driven: readonly (readonly [po.optim.Optimizer, po.optim.Scheduler])[] = [
  [
    optim.RMSprop({ centered: true }),
    optim.CyclicLR({ baseLr: 0.001, maxLr: 0.02, stepSizeUp: 4, mode: "triangular2" }),
  ],
  [optim.Adagrad({ initialAccumulatorValue: 1e-6 }), optim.MultiStepLR({ milestones: [3, 9], gamma: 0.3 })],
  [optim.Adadelta({ lr: 20 }), optim.PolynomialLR({ totalIters: 25, power: 0.7 })],
  [optim.Adamax(), optim.OneCycleLR({ maxLr: 0.03, totalSteps: 20 })],
  [optim.NAdam(), optim.CosineAnnealingLR({ tMax: 12 })],
  [optim.RAdam({ betas: [0.8, 0.9] }), optim.CosineAnnealingWarmRestarts({ t0: 4, tMult: 2 })],
  [optim.Rprop(), optim.ConstantLR()],
  [optim.ASGD({ lr: 50, t0: 10 }), optim.LinearLR({ totalIters: 8 })],
];

export const cases: readonly HashCase[] = dtypes.flatMap((dtype): HashCase[] => {
  const taps = (n: number) => pattern([n], dtype, 3);
  return [
    functionCase("arithmetic", dtype, image, (x) =>
      x.mul(3).sub(1).div(x.add(2)).abs().sqrt().clip(0.1, 0.9).maximum(x.mul(0.5)),
    ),
    functionCase("exp and log", dtype, image, (x) => x.mul(5).sub(2).exp().add(1).log().add(x.softplus())),
    functionCase("sin and cos", dtype, image, (x) => x.mul(40).sin().mul(x.mul(3).cos()).add(x.sub(0.5).tan())),
    functionCase("pow and tanh", dtype, image, (x) => x.add(0.1).pow(1.7).tanh().add(x.sigmoid()).add(x.erf())),
    functionCase("atan2", dtype, image, (x) => x.sub(0.4).atan2(x.flip([2]).sub(0.6))),
    functionCase("expm1, log1p and atan", dtype, image, (x) => x.sub(0.5).expm1().add(x.log1p()).mul(x.mul(3).atan())),
    functionCase("gelu and silu", dtype, image, (x) => {
      const z = x.mul(8).sub(5);
      return z.mul(0.5).mul(z.mul(Math.SQRT1_2).erf().add(1)).add(z.mul(z.sigmoid()));
    }),
    functionCase("softmax", dtype, [3, 61, 197], (x) => {
      const e = x
        .mul(9)
        .sub(x.max([2], { keepdims: true }).detach())
        .exp();
      return e.div(e.sum([2], { keepdims: true }));
    }),
    functionCase("layer norm", dtype, [3, 61, 700], (x) => {
      const centred = x.sub(x.mean([2], { keepdims: true }));
      return centred.div(centred.square().mean([2], { keepdims: true }).add(1e-5).sqrt()).mul(pattern([700], dtype, 9));
    }),
    functionCase("windows and sizes", dtype, [2, 3, 33, 40], (x) =>
      po
        .maxPool2d(x, 3, { stride: 2 })
        .add(po.avgPool2d(x, 3, { stride: 2 }).mul(0.3))
        .sub(po.interpolate(x, [16, 19])),
    ),
    functionCase("matrix products", dtype, [2, 40, 700], (x) =>
      x
        .matmul(pattern([700, 30], dtype, 7))
        .matmul(pattern([51, 30], dtype, 8), { transposeB: true })
        .add(x.matmul(x, { transposeB: true }).sum([2], { keepdims: true })),
    ),
    functionCase("sum, short and long", dtype, [3, 700, 41], (x) =>
      x
        .sum([1, 2])
        .add(x.sum([0]).sum())
        .add(x.sum()),
    ),
    functionCase("mean, variance, norm, extremes", dtype, image, (x) =>
      x.mean([3]).sum().add(x.variance()).add(x.norm()).add(x.max().sub(x.min())),
    ),
    functionCase("correlateSeparable", dtype, image, (x) =>
      po.correlateSeparable(x, taps(15), taps(9), { padMode: "reflect" }),
    ),
    functionCase("conv2d", dtype, [2, 3, 32, 27], (x) =>
      po.conv2d(x, pattern([4, 3, 5, 3], dtype, 5), { padMode: "circular", stride: [2, 1] }),
    ),
    functionCase("conv2d in groups, dilated, and 1x1", dtype, [2, 6, 32, 27], (x) =>
      po.conv2d(
        po.conv2d(x, pattern([8, 3, 3, 3], dtype, 5), { stride: [2, 2], dilation: [2, 2], groups: 2 }),
        pattern([5, 8, 1, 1], dtype, 6),
      ),
    ),
    functionCase("convTranspose2d", dtype, [2, 4, 15, 13], (x) =>
      po.convTranspose2d(x, pattern([4, 3, 5, 3], dtype, 5), { stride: 2, padding: 1 }),
    ),
    functionCase("padding", dtype, [2, 1, 33, 29], (x) =>
      po
        .pad(
          x,
          [
            [4, 7],
            [3, 2],
          ],
          "replicate",
        )
        .slice(3, 0, 30, 2),
    ),
    functionCase("filter in the half plane of frequencies", dtype, image, (x) => {
      const mask = pattern([SIDE / 2 + 1, SIDE], dtype, 11);
      return new Tensor<Float>(fourierOps().irfft2h(ops.mul(fourierOps().rfft2h(x.node), mask.node), SIDE)).div(
        SIDE * SIDE,
      );
    }),
    functionCase("Gaussian", dtype, image, (x) => new po.models.Gaussian(31, { std: 3 }).forward(x)),
    functionCase("OnOff", dtype, image, (x) => new po.models.OnOff(31, { pretrained: true }).forward(x)),
    functionCase("NLPD", dtype, image, (x) => po.metric.nlpd(x, pattern(image, dtype, 17))),
    trajectory("metamer of Gaussian(15)", dtype, {
      model: new po.models.Gaussian(15, { std: 3 }),
      steps: [10, 100, 1000],
    }),
    trajectory("texture metamer, L-BFGS", dtype, {
      model: texture,
      loss: (target) => po.loss.portillaSimoncelliLossFactory(texture, target),
      optimizer: po.optim.LBFGS({ maxIter: 10, maxEval: 10, lineSearchFn: "strong_wolfe" }),
      steps: [1, 10, 30],
    }),
    trajectory("metamer of Gaussian(15), SGD", dtype, {
      model: new po.models.Gaussian(15, { std: 3 }),
      optimizer: po.optim.SGD({ lr: 10, momentum: 0.9 }),
      steps: [10, 100],
    }),
    ...driven.map(([optimizer, scheduler]) =>
      trajectory(`metamer of Gaussian(15), ${optimizer.name} and ${scheduler.name}`, dtype, {
        model: new po.models.Gaussian(15, { std: 3 }),
        optimizer,
        scheduler,
        steps: [20],
      }),
    ),
    ...(["together", "separate"] as const).map((coarseToFine) =>
      synthesis(
        `texture metamer from coarse to fine, ${coarseToFine}`,
        dtype,
        (target) => new po.MetamerCTF(target, texture, { lossFunction: po.loss.l2Norm, coarseToFine }),
        (metamer, maxIter) =>
          metamer.synthesize({ maxIter, stopCriterion: 0, changeScaleCriterion: null, ctfItersToCheck: 7 }),
      ),
    ),
    ...(["min", "max"] as const).map((minmax) =>
      synthesis(
        `MAD competition, ${minmax} 1 - SSIM`,
        dtype,
        (target) => new po.MADCompetition(target, po.metric.oneMinusSsim, po.metric.mse, minmax),
        (mad, maxIter) => mad.synthesize({ maxIter, stopCriterion: 0 }),
      ),
    ),
    ...(["min", "max"] as const).map((minmax) =>
      synthesis(
        `constrained MAD competition, ${minmax} 1 - SSIM`,
        dtype,
        (target) => new po.MADCompetition(target, po.metric.oneMinusSsim, po.metric.mse, minmax, { constrained: true }),
        (mad, maxIter) => mad.synthesize({ maxIter }),
      ),
    ),
    ...(["krylov", "exact", "power", "randomized_svd"] as const).map((method) => eigendistortions(method, dtype)),
    eigendistortions("krylov", dtype, true),
    {
      name: `random draws ${dtype}`,
      alone: true,
      async run() {
        setSeed(42);
        return {
          uniform: await hashTensor(rand([1, 1, SIDE, SIDE], { dtype })),
          normal: await hashTensor(randn([1, 1, SIDE, SIDE], { dtype })),
        };
      },
    },
  ];
});
