// Workloads that are a whole synthesis, as a user runs it: everything that an iteration does is counted.

import { setThreads } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { type Float, other, pattern, type Run, SIZE } from "./programs.ts";

/** Iterations of a run with Adam. Each run ends with one more look at the objective, here as in Python. */
export const ADAM_ITERATIONS = 5;

/** Evaluations of the objective in an iteration with L-BFGS: its `maxEval`, the first one of a step included. */
export const LBFGS_EVALUATIONS = 10;

/** So many iterations fill the history of 100: each makes 9 pairs. */
const LBFGS_WARM_UP = 12;

/** An image, and a metamer of it to be. */
type Make = (dtype: Float) => po.Metamer;

const gaussian: Make = (dtype) => new po.Metamer(pattern(dtype), new po.models.Gaussian(31, { std: 3 }));

const texture: Make = (dtype) => {
  const image = pattern(dtype);
  const model = new po.models.PortillaSimoncelli(SIZE);
  return new po.Metamer(image, model, { lossFunction: po.loss.portillaSimoncelliLossFactory(model, image) });
};

async function start(make: Make, dtype: Float, threads: number, optimizer: po.optim.Optimizer | null) {
  // Metamers take the number of threads that is set when they begin.
  setThreads(threads);
  const metamer = make(dtype);
  await metamer.setup({ initialImage: other(dtype), optimizer });
  return (maxIter: number) => metamer.synthesize({ maxIter, stopCriterion: -1 });
}

const adam =
  (make: Make) =>
  async (dtype: Float, threads: number): Promise<Run> => {
    const synthesize = await start(make, dtype, threads, null);
    return async () => {
      await synthesize(ADAM_ITERATIONS);
    };
  };

export const gaussianAdam = adam(gaussian);
export const textureAdam = adam(texture);

export async function textureLbfgs(dtype: Float, threads: number): Promise<Run> {
  const lineSearchFn = "strong_wolfe";
  const optimizer = po.optim.LBFGS({ maxIter: LBFGS_EVALUATIONS, maxEval: LBFGS_EVALUATIONS, lineSearchFn });
  const synthesize = await start(texture, dtype, threads, optimizer);
  await synthesize(LBFGS_WARM_UP);
  return async () => {
    await synthesize(1);
  };
}

/** One stage after the other for ever: what is timed is an iteration at the coarsest of the texture model's scales. */
export async function coarseToFine(dtype: Float, threads: number): Promise<Run> {
  setThreads(threads);
  const metamer = new po.MetamerCTF(pattern(dtype), new po.models.PortillaSimoncelli(SIZE), {
    lossFunction: po.loss.l2Norm,
  });
  await metamer.setup({ initialImage: other(dtype) });
  return async () => {
    await metamer.synthesize({
      maxIter: ADAM_ITERATIONS,
      stopCriterion: -1,
      changeScaleCriterion: null,
      ctfItersToCheck: 1_000_000,
    });
  };
}

/** 1 - SSIM made small, MSE held: by a weight as in Python, or exactly. */
const mad =
  (mode: po.MADCompetitionOptions) =>
  async (dtype: Float, threads: number): Promise<Run> => {
    setThreads(threads);
    po.setSeed(0);
    const { oneMinusSsim, mse } = po.metric;
    const competition = new po.MADCompetition(pattern(dtype), oneMinusSsim, mse, "max", mode);
    await competition.setup({ initialNoise: 0.1 });
    return async () => {
      await competition.synthesize({ maxIter: ADAM_ITERATIONS, stopCriterion: -1 });
    };
  };

export const weightedMad = mad({ metricTradeoffLambda: 1e4 });
export const constrainedMad = mad({ constrained: true });

/** Iterations of the power method in a run, at each end. */
export const POWER_ITERATIONS = 5;

/** Python's power method, the products with F twice in its iteration and once in ours. */
export function powerMethod(dtype: Float, threads: number): Run {
  setThreads(threads);
  po.setSeed(0);
  const found = new po.Eigendistortion(pattern(dtype), new po.models.OnOff(31, { pretrained: true }));
  return async () => {
    const quiet = po.warnings.on(() => {});
    await found.synthesize({ method: "power", k: 3, maxIter: POWER_ITERATIONS, stopCriterion: 0 });
    quiet();
  };
}
