// A representation taken apart into its groups, and how far two of them are apart: the Euclidean distance of each group's numbers.

import type { Tensor } from "@plenoptic-js/tensor";
import { type ArrayValue, heldValue, settled, shapeText } from "@plenoptic-js/tensor/engine";
import type { GroupedModel, ModelLike } from "../../models/model.ts";

/** What the whole representation is called where a model has no groups. */
export const WHOLE = "all";

/** The values of each group; NaN where a group has a place for a number that is not in the representation. */
export type GroupValues = ReadonlyMap<string, ArrayValue>;

/**
 * The values of a representation, by the groups that the model takes it apart into (`convertToDict`), or as one. Groups without a
 * number are left out.
 */
export async function groupValues(model: ModelLike, representation: Tensor): Promise<GroupValues> {
  const { convertToDict } = model as Partial<GroupedModel>;
  const taken =
    typeof convertToDict === "function"
      ? convertToDict.call(model, representation)
      : new Map([[WHOLE, representation]]);
  const names = [...taken.keys()];
  // All of one program, which every other representation shares.
  const groups = await settled([...taken.values()]);
  return new Map(groups.flatMap((group, i) => (group.size === 0 ? [] : [[names[i], heldValue(group)] as const])));
}

/** Bytes that the values of all groups take. */
export function bytesOf(groups: GroupValues): number {
  let bytes = 0;
  for (const { re, im } of groups.values()) bytes += re.byteLength + (im?.byteLength ?? 0);
  return bytes;
}

/** How many numbers a group has. */
export function numbersIn({ re }: ArrayValue): number {
  let count = 0;
  for (let i = 0; i < re.length; i++) if (!Number.isNaN(re[i])) count++;
  return count;
}

/**
 * The Euclidean distance of a group in two representations, or of the first from 0.
 *
 * @param target places that hold no number here take no part
 * @throws RangeError for groups of different sizes
 */
export function distanceOf(target: ArrayValue, a: ArrayValue, b: ArrayValue | null): number {
  const other = b ?? target;
  if (a.re.length !== target.re.length || other.re.length !== target.re.length) {
    throw new RangeError(
      `summary: the model gives ${shapeText(target.shape)} for the target and ${shapeText(a.shape)} for another image, so there is no ` +
        "distance between them; start from an image of the target's shape",
    );
  }
  let sum = 0;
  for (const [ours, theirs] of [[a.re, b?.re] as const, [a.im, b?.im] as const]) {
    if (ours === undefined) continue;
    for (let i = 0; i < ours.length; i++) {
      if (Number.isNaN(target.re[i])) continue;
      const difference = ours[i] - (theirs?.[i] ?? 0);
      sum += difference * difference;
    }
  }
  return Math.sqrt(sum);
}
