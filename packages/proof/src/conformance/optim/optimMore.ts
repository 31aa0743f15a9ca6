// Runs the golden cases of more of torch.optim: trajectories of optimizers, and what schedulers do to learning rate and momentum.
// The reference is the unmodified library, whose fused multiply-adds round otherwise than ours; each case has its tolerance.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outcomeOf, type Result } from "../run.ts";
import { descend, optimizerOf, schedulerOf } from "./descend.ts";
import { type Objective, rosen, separable } from "./objectives.ts";

interface DescentCase {
  readonly id: string;
  readonly algorithm: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly objective: "rosen" | "bowl";
  readonly x0: readonly number[];
  readonly steps: number;
  readonly dtype: "f32" | "f64";
  readonly loss_before_step: readonly number[];
  /** After so many steps, as decimals. */
  readonly x_after: Readonly<Record<string, readonly number[]>>;
  readonly tolerance: number;
}

interface SchedulerCase {
  readonly id: string;
  readonly scheduler: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly lr0: number;
  /** Before the first iteration, and after each. */
  readonly lr_after: readonly number[];
  readonly momentum_after?: readonly number[];
}

const objectives: Readonly<Record<DescentCase["objective"], Objective>> = {
  rosen,
  bowl: separable((x, f, i) => {
    const d = x - 0.5;
    return [f + (i + 1) * (d * d), 2 * (i + 1) * d];
  }),
};

/** The outcomes of all cases in `folder`. */
export function* runOptimMoreGolden(folder: string): Iterable<Result> {
  const read = <C>(file: string): readonly C[] =>
    (JSON.parse(readFileSync(join(folder, file), "utf8")) as { readonly cases: readonly C[] }).cases;
  for (const golden of read<DescentCase>("optimizers.json")) {
    const name = `optimizers.json/${golden.id}`;
    const whole = outcomeOf(name, () => checkDescent(golden, golden.steps));
    const known = whole.outcome === "failed" ? stepsThatAreKnown(golden) : golden.steps;
    if (known === golden.steps) yield whole;
    else {
      const part = outcomeOf(name, () => checkDescent(golden, known));
      const detail = `after ${known} steps a change of the start by one ulp goes beyond the tolerance`;
      yield part.outcome === "failed" ? part : { name, outcome: "known difference", detail };
    }
  }
  for (const golden of read<SchedulerCase>("schedulers.json")) {
    yield outcomeOf(`schedulers.json/${golden.id}`, () => checkScheduler(golden));
  }
}

function expectClose(what: string, got: ArrayLike<number>, want: ArrayLike<number>, allowed: (x: number) => number) {
  if (got.length !== want.length) throw new Error(`${what}: ${got.length} numbers, expected ${want.length}`);
  for (let i = 0; i < want.length; i++) {
    if (!(Math.abs(got[i] - want[i]) <= allowed(want[i]))) {
      throw new Error(`${what}[${i}]: ${got[i]}, expected ${want[i]} to within ${allowed(want[i])}`);
    }
  }
}

const allowedIn =
  ({ tolerance }: DescentCase) =>
  (expected: number): number =>
    tolerance * (1 + Math.abs(expected));

const run = (c: DescentCase, x0: readonly number[]) =>
  descend({ ...c, x0, single: c.dtype === "f32" }, optimizerOf(c.algorithm, c.options), objectives[c.objective], null);

/** Compares the first `steps` steps. */
function checkDescent(c: DescentCase, steps: number): void {
  const allowed = allowedIn(c);
  const { losses, after } = run(c, c.x0);
  expectClose("loss", losses.slice(0, steps), c.loss_before_step.slice(0, steps), allowed);
  for (const [step, x] of Object.entries(c.x_after)) {
    if (Number(step) < steps || steps === c.steps)
      expectClose(`x after ${step} steps`, after[Number(step)], x, allowed);
  }
}

/**
 * Some runs are chaotic: how the last place is rounded, which differs with and without fused multiply-adds, decides where they
 * go. So many steps are the same, to within the tolerance, from starts that differ by one ulp in float64.
 */
function stepsThatAreKnown(c: DescentCase): number {
  const allowed = allowedIn(c);
  const { losses } = run(c, c.x0);
  const others = c.x0.map(
    (_, i) =>
      run(
        c,
        c.x0.map((x, j) => (i === j ? x * (1 + Number.EPSILON) : x)),
      ).losses,
  );
  const first = losses.findIndex((loss, t) => others.some((other) => Math.abs(other[t] - loss) > allowed(loss)));
  return first < 0 ? c.steps : first;
}

function checkScheduler(c: SchedulerCase): void {
  const allowed = (expected: number): number => 1e-12 * Math.abs(expected);
  const scheduler = schedulerOf(c.scheduler, c.options);
  if (scheduler.movesMomentum !== (c.momentum_after !== undefined)) {
    throw new Error(`it says that it ${scheduler.movesMomentum ? "moves" : "does not move"} the momentum`);
  }
  const states = [scheduler.start(c.lr0)];
  while (states.length < c.lr_after.length) states.push(scheduler.next(states[states.length - 1], 0));
  const series = (name: string): number[] => states.map((state) => state[name]);
  expectClose("learning rates", series("lr"), c.lr_after, allowed);
  if (c.momentum_after !== undefined) expectClose("momenta", series("momentum"), c.momentum_after, allowed);
}
