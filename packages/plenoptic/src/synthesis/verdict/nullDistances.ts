// How far apart different photographs are for a model: what the nearness of a metamer is measured against. Every photograph is looked at
// once, one after the other, and all of them are compared with each other.

import type { Global } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue, settled } from "@plenoptic-js/tensor/engine";
import { type ModelFunction, type ModelLike, modelFunction } from "../../models/model.ts";
import { Rests } from "../frame/pause.ts";
import { bytesOf, distanceOf, type GroupValues, groupValues } from "./groups.ts";
import { fitted, type NamedPhotograph, type ValueRange } from "./photographs.ts";

/** The distances of different photographs in one group. */
export interface NullGroup {
  /** How many distances were found: those that are no numbers do not count. */
  readonly pairs: number;
  readonly minimum: number;
  readonly median: number;
}

export interface NullDistances {
  readonly photographs: readonly string[];
  readonly groups: ReadonlyMap<string, NullGroup>;
  /** How often the model was evaluated. */
  readonly evaluations: number;
  /** The most that was held of its responses at once. */
  readonly bytes: number;
  /** Where the photographs were stretched to the range of the image: that range. */
  readonly stretchedTo: ValueRange | null;
}

/** Responses that are held at most, in bytes; of larger ones fewer photographs are compared, but three at least. */
const MOST_BYTES = 268_435_456;
const LEAST_COMPARED = 3;

/**
 * Compares photographs as a model sees them, in the shape, the precision and the range of an image.
 *
 * @param target the groups of the representation to be matched
 */
export async function nullDistances(
  model: ModelLike,
  image: Tensor<FloatDType>,
  target: GroupValues,
  photographs: readonly NamedPhotograph[],
  signal: Global<"AbortSignal"> | undefined,
): Promise<NullDistances> {
  const forward: ModelFunction = modelFunction(model);
  const { shape, dtype } = image;
  const range = rangeOf(heldValue(image).re);
  const each = bytesOf(target);
  const fits = Math.max(LEAST_COMPARED, Math.floor(MOST_BYTES / Math.max(1, each)));
  const compared = photographs.slice(0, fits);
  const rests = new Rests();
  const seen: GroupValues[] = [];
  for (const photograph of compared) {
    signal?.throwIfAborted();
    const [response] = await settled([forward(await fitted(photograph, shape, dtype, range))]);
    seen.push(await groupValues(model, response));
  }
  const groups = new Map<string, NullGroup>();
  for (const [name, values] of target) {
    const distances: number[] = [];
    for (let i = 0; i < seen.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [seen[i].get(name), seen[j].get(name)];
        const distance = a === undefined || b === undefined ? Number.NaN : distanceOf(values, a, b);
        if (Number.isFinite(distance)) distances.push(distance);
        await rests.rest();
        signal?.throwIfAborted();
      }
    }
    distances.sort((a, b) => a - b);
    groups.set(name, { pairs: distances.length, minimum: distances[0] ?? Number.NaN, median: medianOf(distances) });
  }
  return {
    photographs: compared.map(({ name }) => name),
    groups,
    evaluations: compared.length,
    bytes: compared.length * each,
    stretchedTo: range[0] === 0 && range[1] === 1 ? null : range,
  };
}

/** Of sorted numbers; NaN of none. */
function medianOf(sorted: readonly number[]): number {
  const { length } = sorted;
  if (length === 0) return Number.NaN;
  return (sorted[Math.floor((length - 1) / 2)] + sorted[Math.floor(length / 2)]) / 2;
}

/** [0, 1], or more where an image goes beyond. */
function rangeOf(values: ArrayLike<number>): ValueRange {
  let [low, high] = [0, 1];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}
