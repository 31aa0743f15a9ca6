// Whether a competition fits into memory, by the shape of its image: before metrics are tried and random images drawn.

import { type FloatDType, Tensor } from "@plenoptic-js/tensor";
import { inputLeaf, type ProgramSpec } from "@plenoptic-js/tensor/engine";
import { descentPlan, refuseTooLargeImage } from "../../fitting.ts";
import type { MetricFunction } from "../../validate/metric.ts";
import { MEMORY } from "./constrainedDescent.ts";
import { surfacePlan } from "./surface.ts";

/** Refuses images that are too large for a competition between two metrics, in either mode. */
export const fitsFor =
  (a: MetricFunction, b: MetricFunction, constrained: boolean) =>
  (image: Tensor<FloatDType>): void => {
    const both = (x: Tensor, reference: Tensor): Tensor => a(reference, x).reshape([]).add(b(reference, x).reshape([]));
    refuseTooLargeImage(image, (like) => (constrained ? constrainedPlan(like, a, b) : descentPlan(like, like, both)));
  };

function constrainedPlan(
  like: Pick<Tensor<FloatDType>, "shape" | "dtype">,
  a: MetricFunction,
  b: MetricFunction,
): ProgramSpec {
  const reference = inputLeaf(like.shape, like.dtype);
  const to = (metric: MetricFunction) => (x: Tensor) => metric(new Tensor(reference), x).reshape([]);
  const problem = { optimized: to(a), reference: to(b), penalty: to(a), minmax: "min", allowedRange: [0, 1] } as const;
  const { buffers, ...plan } = surfacePlan(like, problem, MEMORY);
  return { ...plan, buffers: { ...buffers, reference } };
}
