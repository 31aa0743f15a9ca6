// The two ways to a MAD competition, from the same start and within the same range: weighted (a penalty on the change of the
// reference metric, Adam) and constrained. The weighted result is brought to the very same reference value, so that one number
// compares them.

import * as po from "plenoptic-js";
import { ConstrainedDescent } from "../../packages/plenoptic/src/synthesis/mad/constrainedDescent.ts";

type Metric = (a: po.Tensor, b: po.Tensor) => po.Tensor;

export interface Direction {
  readonly name: string;
  readonly optimized: Metric;
  readonly reference: Metric;
  readonly minmax: "min" | "max";
  /** Weight of the reference metric in the weighted way. */
  readonly weight: number;
}

const dissimilarity: Metric = (a, b) => po.metric.oneMinusSsim(a, b);
const mse: Metric = (a, b) => po.metric.mse(a, b);

/** With the weights that Python's plenoptic uses for these metrics. */
const DIRECTIONS: readonly Direction[] = [
  { name: "least 1 - SSIM", optimized: dissimilarity, reference: mse, minmax: "min", weight: 1e4 },
  { name: "most 1 - SSIM", optimized: dissimilarity, reference: mse, minmax: "max", weight: 1e6 },
  { name: "least MSE", optimized: mse, reference: dissimilarity, minmax: "min", weight: 1 },
  { name: "most MSE", optimized: mse, reference: dissimilarity, minmax: "max", weight: 10 },
];

const PHOTOGRAPHS = ["house", "boats", "acanthus"] as const;

/** Standard deviation of the noise that is added to begin with. */
const NOISE = 0.04;

export interface Contest {
  readonly photograph: string;
  readonly direction: Direction;
  readonly start: number;
  /** The optimized metric; null where the result could not be brought to the reference value within the range. */
  readonly weighted: number | null;
  /** How far the weighted way had left the reference value, as a part of it. */
  readonly drift: number;
  readonly constrained: number;
  /** Steps of the constrained way, and the largest change of the reference metric at any of them, as a part of it. */
  readonly steps: number;
  readonly largestChange: number;
  readonly ending: string;
}

/** How much better the constrained way is, as a part of the weighted way's result; null where there is nothing to compare. */
export function advantage({ direction, weighted, constrained }: Contest): number | null {
  if (weighted === null) return null;
  const gain = direction.minmax === "min" ? weighted - constrained : constrained - weighted;
  return gain / weighted;
}

export interface ContestOptions {
  /** The side of the square cut from the photograph, in pixels. */
  readonly side: number;
  /** Iterations of Adam, and steps of the constrained way at most. */
  readonly weightedIterations: number;
  readonly constrainedSteps: number;
}

export async function* contests({
  side,
  weightedIterations,
  constrainedSteps,
}: ContestOptions): AsyncGenerator<Contest> {
  for (const photograph of PHOTOGRAPHS) {
    const whole = await po.data[photograph]({ dtype: "float64" });
    const from = Math.floor((256 - side) / 2);
    const image = whole
      .slice(2, from, from + side)
      .slice(3, from, from + side)
      .detach();
    po.setSeed(0);
    const noise = po.randn(image.shape, { dtype: "float64" }).mul(NOISE);
    const start = image.add(noise).clip(0, 1).detach();
    for (const direction of DIRECTIONS) {
      const { optimized, reference } = direction;
      const target = reference(image, start).itemSync();
      const byWeight = await weightedResult(image, start, direction, weightedIterations);
      const drift = reference(image, byWeight).itemSync() / target - 1;
      const brought = broughtTo(target, image, byWeight, reference);
      yield {
        photograph,
        direction,
        start: optimized(image, start).itemSync(),
        weighted: brought === null ? null : optimized(image, brought).itemSync(),
        drift,
        ...constrainedResult(image, start, direction, constrainedSteps),
      };
    }
  }
}

async function weightedResult(
  image: po.Tensor,
  start: po.Tensor,
  { optimized, reference, minmax, weight }: Direction,
  maxIter: number,
): Promise<po.Tensor> {
  const mad = new po.MADCompetition(image, optimized, reference, minmax, { metricTradeoffLambda: weight });
  await mad.setup({ initialImage: start });
  await mad.synthesize({ maxIter, stopCriterion: 0 });
  return mad.madImage.clip(0, 1).detach();
}

function constrainedResult(
  image: po.Tensor<"float64">,
  start: po.Tensor<"float64">,
  { optimized, reference, minmax }: Direction,
  maxSteps: number,
): Pick<Contest, "constrained" | "steps" | "largestChange" | "ending"> {
  const problem = {
    optimized: (x: po.Tensor) => optimized(image, x).reshape([]),
    reference: (x: po.Tensor) => reference(image, x).reshape([]),
    penalty: (x: po.Tensor) => po.regularize.penalizeRange(x),
    minmax,
    allowedRange: [0, 1],
  } as const;
  const descent = new ConstrainedDescent(start, problem, null);
  const target = descent.terms.referenceMetric;
  let largestChange = 0;
  for (let steps = 0; ; steps++) {
    const { optimizedMetric: constrained, referenceMetric } = descent.terms;
    largestChange = Math.max(largestChange, Math.abs(referenceMetric / target - 1));
    if (steps === maxSteps) return { constrained, steps, largestChange, ending: "steps" };
    const step = descent.step();
    let next = step.next();
    while (!next.done) next = step.next();
    const { stop } = next.value;
    if (stop !== null) return { constrained, steps, largestChange, ending: stop.reason };
  }
}

/** The image on the line from `image` through `result`, clipped, whose reference metric is the target; null if there is none. */
function broughtTo(target: number, image: po.Tensor, result: po.Tensor, reference: Metric): po.Tensor | null {
  const change = result.sub(image).detach();
  const at = (far: number): po.Tensor => image.add(change.mul(far)).clip(0, 1).detach();
  const value = (far: number): number => reference(image, at(far)).itemSync();
  let [low, high] = [0, 1];
  while (value(high) < target) {
    low = high;
    high *= 2;
    if (high > 1e3) return null;
  }
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (value(middle) < target) low = middle;
    else high = middle;
  }
  return at(high);
}
