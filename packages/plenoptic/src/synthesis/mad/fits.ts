// Whether a competition fits into memory, by the shape of its image: before metrics are tried and random images drawn.

import { type FloatDType, type optim, Tensor } from "@plenoptic-js/tensor";
import { deferred, inputLeaf, type Node, type ProgramSpec } from "@plenoptic-js/tensor/engine";
import { descentPlan, refuseTooLargeImage } from "../../fitting.ts";
import { penalizeRange } from "../../regularize/index.ts";
import type { MetricFunction } from "../../validate/metric.ts";
import type { Terms } from "../frame/descent.ts";
import { formulaPlan } from "../frame/formulaDescent.ts";
import type { PenaltyOptions } from "../runningSynthesis.ts";
import { MEMORY } from "./constrainedDescent.ts";
import { surfacePlan } from "./surface.ts";

/** Refuses images that are too large for a competition between two metrics, in either mode. */
export const fitsFor =
  (a: MetricFunction, b: MetricFunction, constrained: boolean) =>
  (image: Tensor<FloatDType>): void => {
    const both = (x: Tensor, reference: Tensor): Tensor => a(reference, x).reshape([]).add(b(reference, x).reshape([]));
    refuseTooLargeImage(image, (like) => (constrained ? constrainedPlan(like, a, b) : descentPlan(like, like, both)));
  };

/**
 * Refuses images that are too large for a competition with a weight, moved by that optimizer. L-BFGS is left to its own check: it
 * takes as much as there is.
 */
export function refuseTooLargeDescent(
  image: Pick<Tensor<FloatDType>, "shape" | "dtype">,
  [a, b]: readonly [MetricFunction, MetricFunction],
  optimizer: optim.Optimizer,
  { penaltyFunction = penalizeRange }: PenaltyOptions = {},
): void {
  if (optimizer.kind === "lbfgs") return;
  const plan = (like: Pick<Tensor<FloatDType>, "shape" | "dtype">): ProgramSpec => {
    const leaf = inputLeaf(like.shape, like.dtype);
    const reference = new Tensor(leaf);
    const terms = (x: Tensor): Terms => {
      const [optimized, held] = [a(reference, x).reshape([]), b(reference, x).reshape([])];
      const penalty = penaltyFunction(x).reshape([]);
      const loss = optimized.add(held.neg().add(2).square().mul(3)).add(penalty.mul(4));
      return { loss, penalty, recorded: { optimizedMetricLoss: optimized, referenceMetricLoss: held } };
    };
    const { spec } = formulaPlan(like, optimizer, { stages: 1, terms });
    // The reference is an array there, so that what is made of it is kept. Its pixels play no part: metrics that look at them saw none.
    const array = deferred(() => new Float64Array(), like).node;
    return withArray(spec, new Map([[leaf, array]]));
  };
  refuseTooLargeImage(image, plan, 0);
}

/** The same program with other leaves. */
function withArray(spec: ProgramSpec, copies: Map<Node, Node>): ProgramSpec {
  const copy = (node: Node): Node => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    const inputs = node.inputs.map(copy);
    const made = inputs.every((x, i) => x === node.inputs[i]) ? node : { ...node, inputs };
    copies.set(node, made);
    return made;
  };
  const all = (nodes: Readonly<Record<string, Node>> = {}): Record<string, Node> =>
    Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, copy(node)]));
  const entries = Object.entries(spec.entries).map(
    ([name, { outputs, updates }]) => [name, { outputs: all(outputs), updates: all(updates) }] as const,
  );
  return { ...spec, entries: Object.fromEntries(entries) };
}

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
