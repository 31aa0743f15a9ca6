// Losses made for a model and an image: weighted Euclidean distances of representations that a model can take apart into
// groups (docs/science/synthesis.md, "Losses").

import { type DType, ones, ShapeError, type Tensor, tensor, where } from "@plenoptic-js/tensor";
import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import type { GroupedModel } from "../models/model.ts";
import { UserWarning, warn } from "../warnings.ts";
import type { LossFunction } from "./lossFunction.ts";

export interface LossFactoryOptions {
  /** Weights of groups: numbers, or tensors that broadcast against the group. Groups that are not in it keep theirs. */
  readonly reweightingDict?: ReadonlyMap<string, number | Tensor> | null;
}

type Weights = ReadonlyMap<string, number | Tensor>;

function weightsOf(caller: string, options: LossFactoryOptions, groups: ReadonlyMap<string, Tensor>): Weights {
  checkOptions(`${caller}()`, options, ["reweightingDict"]);
  const weights = options.reweightingDict ?? new Map<string, number | Tensor>();
  if (!(weights instanceof Map)) {
    throw new TypeError(
      `${caller}: reweightingDict must be a Map from groups to weights, such as new Map([["...", 2]])`,
    );
  }
  const unknown = [...weights.keys()].filter((key) => !groups.has(key));
  if (unknown.length > 0) {
    throw new RangeError(
      `${caller}: reweightingDict names ${unknown.join(", ")}; the model's groups are ${[...groups.keys()].join(", ")}`,
    );
  }
  return weights;
}

function checkGrouped(caller: string, model: GroupedModel): void {
  const needed = ["forward", "convertToDict", "convertToTensor"] as const;
  const missing = needed.filter((name) => typeof model?.[name] !== "function");
  if (missing.length === 0) return;
  throw new TypeError(
    `${caller}: the model is ${shown(model)}; it must have ${needed.join(", ")}, and lacks ${missing.join(", ")}. ` +
      "models.PortillaSimoncelli has them",
  );
}

const made = new WeakSet<object>();

/** Whether a loss comes from one of the factories here: files name them all alike. */
export function isFactoryLoss(loss: object): boolean {
  return made.has(loss);
}

/** The distance of representations, all values weighted. The weights are computed now. */
function weighted(model: GroupedModel, weights: ReadonlyMap<string, Tensor>): LossFunction {
  const all = model.convertToTensor(weights);
  all.dataSync();
  const constant = all.detach();
  const loss: LossFunction = (synthesized, target) => target.mul(constant).sub(synthesized.mul(constant)).norm();
  made.add(loss);
  return loss;
}

/**
 * The distance in which every group of statistics counts alike: each is divided by its norm at `image`. A group that is
 * zero at the image has no such scale; it is refused unless its weight is 0.
 */
export function groupwiseRelativeL2NormFactory(
  model: GroupedModel,
  image: Tensor,
  options: LossFactoryOptions = {},
): LossFunction {
  checkGrouped("groupwiseRelativeL2NormFactory", model);
  const groups = model.convertToDict(model.forward(image));
  const given = weightsOf("groupwiseRelativeL2NormFactory", options, groups);
  const weights = new Map<string, Tensor>();
  for (const [key, group] of groups) {
    const weight = given.get(key) ?? 1;
    const norm = where(group.eq(group), group, 0).norm().itemSync();
    if (norm === 0 && weight !== 0 && group.size > 0) {
      throw new RangeError(
        `groupwiseRelativeL2NormFactory: the group ${key} is zero at the image, so it cannot be divided by its norm; ` +
          `leave it out with reweightingDict: new Map([["${key}", 0]])`,
      );
    }
    weights.set(
      key,
      ones(group.shape, { dtype: group.dtype })
        .mul(weight)
        .div(norm === 0 ? 1 : norm),
    );
  }
  return weighted(model, weights);
}

/**
 * The loss for texture synthesis: the Euclidean distance of all statistics, without minimum and maximum of the pixels (weight
 * 0), and with the variance of the highpass residual times 100. Of `image` only shape and dtype matter.
 */
export function portillaSimoncelliLossFactory(
  model: GroupedModel,
  image: Tensor,
  options: LossFactoryOptions = {},
): LossFunction {
  const caller = "portillaSimoncelliLossFactory";
  checkGrouped(caller, model);
  const { shape, dtype } = model.forward(image);
  const groups = model.convertToDict(ones(shape, { dtype }));
  const given = weightsOf(caller, options, groups);
  const defaults: readonly [key: string, length: number, weights: readonly number[]][] = [
    ["pixel_statistics", 6, [1, 1, 1, 1, 0, 0]],
    ["var_highpass_residual", 1, [100]],
  ];
  const weights = new Map<string, number | Tensor>(given);
  for (const [key, length, values] of defaults) {
    const group = groups.get(key);
    if (group === undefined) {
      warn(new UserWarning("texture-group", `${caller}: the model has no group ${key}; it gets no special weight`));
    } else if (!weights.has(key)) {
      const last = group.shape[group.ndim - 1];
      if (last !== length) {
        throw new ShapeError(
          `${caller}: the last axis of the group ${key} has ${last} values, and the default weights are for ${length}; ` +
            "give weights for it in reweightingDict",
        );
      }
      weights.set(key, tensor<DType>(values, { dtype }));
    }
  }
  return weighted(
    model,
    new Map([...groups].map(([key, group]) => [key, group.mul((weights.get(key) ?? 1) as number)])),
  );
}
