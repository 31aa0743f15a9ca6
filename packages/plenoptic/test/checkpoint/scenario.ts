// A synthesis that is killed and goes on: every method, every optimizer, made anew in each process by the same lines.

import { readFileSync } from "node:fs";
import { optimizers } from "@plenoptic-js/tensor/engine";
import * as po from "../../src/index.ts";
import { methods, picture, type Synthesis } from "../synthesis/methods.ts";

/** Where in the writing of a file a process dies. */
export const STAGES = ["before opening", "half written", "before flush", "before rename", "after rename"] as const;
export type Stage = (typeof STAGES)[number];

export interface Scenario {
  readonly method: string;
  /** Of the constrained competition there is none. */
  readonly optimizer: string | null;
  readonly steps: number;
  /** A checkpoint after so many steps. */
  readonly every: number;
}

const CONSTRAINED = "MADCompetition, constrained";
export const METHODS = [...methods.map(({ name }) => name), CONSTRAINED];
export const OPTIMIZERS = Object.keys(optimizers);

function optimizerOf(name: string | null): object {
  if (name === null) return {};
  // Few pairs, so that old ones are forgotten on the way.
  if (name === "LBFGS") {
    return { optimizer: po.optim.LBFGS({ maxIter: 5, historySize: 6, lineSearchFn: "strong_wolfe" }) };
  }
  const made = optimizers[name].make({ lr: 0.01 });
  return { optimizer: made, scheduler: po.optim.StepLR({ stepSize: 5, gamma: 0.7 }) };
}

/** The synthesis at its beginning, as the program makes it each time. */
export async function made({ method, optimizer }: Scenario): Promise<Synthesis> {
  po.setSeed(7);
  if (method === CONSTRAINED) {
    const mad = new po.MADCompetition(picture(), po.metric.mse, po.metric.oneMinusSsim, "max", { constrained: true });
    await mad.setup();
    return mad;
  }
  const own = methods.find(({ name }) => name === method);
  if (own === undefined) throw new Error(`there is no method ${method}`);
  const synthesis = own.make();
  await synthesis.setup(optimizerOf(optimizer));
  return synthesis;
}

/** The one call of the program. */
export function callOf({ method, steps, every }: Scenario, path: string): po.SynthesizeOptions {
  const own = methods.find(({ name }) => name === method)?.options ?? {};
  return { ...own, maxIter: steps, stopCriterion: 0, storeProgress: 4, checkpoint: { path, every, resume: true } };
}

/** The bytes of the file that an uninterrupted run without checkpoints saves. */
export async function uninterrupted(scenario: Scenario): Promise<Uint8Array> {
  const synthesis = await made(scenario);
  await synthesis.synthesize({ ...callOf(scenario, "never"), checkpoint: null });
  return synthesis.toBytes();
}

/** Whether the file at a path is whole, or not there: what it holds is what its recipe says. Gives its steps. */
export async function stepsIn(path: string): Promise<number> {
  const bytes = await Promise.resolve()
    .then(() => readFileSync(path))
    .catch(() => null);
  if (bytes === null) return 0;
  const { recipe, result } = await po.replay.read(bytes);
  if (result === null || (await po.hashTensor(result)) !== recipe.result?.sha256) {
    throw new Error(`${path} holds another image than its recipe says`);
  }
  return Number(recipe.result?.iterations);
}
