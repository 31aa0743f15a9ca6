// Whether four competitions are those of one: made small and large for each of two metrics, around one image, from one start.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { significant } from "../../significant.ts";
import type { MADName, MinMax } from "./madOptions.ts";

/** What is asked of each. */
export interface OneOfFour {
  readonly image: Tensor<FloatDType>;
  readonly minmax: MinMax;
  readonly fingerprints: { readonly optimizedMetric: string; readonly referenceMetric: string };
}

/** Values of one metric of one image, computed twice, differ by no more than this part. */
const ROUNDING: Readonly<Record<FloatDType, number>> = { float32: 1e-5, float64: 1e-10 };

const WAY_OUT = "give the four of one MADCompetition.all(), under their own names";

const refusal = (why: string): RangeError => new RangeError(`MADCompetition.summaryOfAll(): ${why}; ${WAY_OUT}`);

/** @throws RangeError that names which does not fit, and why */
export async function checkFour(four: Readonly<Record<MADName, OneOfFour>>): Promise<void> {
  const { minA, maxA, minB, maxB } = four;
  const all = Object.entries({ minA, maxA, minB, maxB });
  for (const [name, { minmax }] of all) {
    const wanted = name.slice(0, 3);
    if (minmax !== wanted) throw refusal(`${name} has minmax "${minmax}", and must have "${wanted}"`);
  }
  const { optimizedMetric: a, referenceMetric: b } = minA.fingerprints;
  for (const [name, { fingerprints }] of all) {
    const [optimized, reference] = name.endsWith("A") ? [a, b] : [b, a];
    if (fingerprints.optimizedMetric === optimized && fingerprints.referenceMetric === reference) continue;
    const wanted = name.endsWith("A") ? "the two metrics of minA" : "the two metrics of minA, swapped";
    throw refusal(`${name} has other metrics: it must optimize and hold ${wanted}`);
  }
  const { image } = minA;
  const pixels = await image.data();
  for (const [name, { image: other }] of all) {
    if (other.dtype !== image.dtype || shapeText(other.shape) !== shapeText(image.shape)) {
      const found = `${other.dtype} ${shapeText(other.shape)}`;
      throw refusal(
        `the reference image of ${name} is ${found}, and that of minA ${image.dtype} ${shapeText(image.shape)}`,
      );
    }
    const values = await other.data();
    if (!values.every((value, i) => value === pixels[i])) {
      throw refusal(`${name} has another reference image than minA`);
    }
  }
}

/** @throws RangeError where the images of a pair were to stay at different values */
export function checkTargets(targets: Readonly<Record<MADName, number>>, dtype: FloatDType): void {
  for (const [least, most] of [["minA", "maxA"] as const, ["minB", "maxB"] as const]) {
    const [first, second] = [targets[least], targets[most]];
    if (Math.abs(first - second) <= ROUNDING[dtype] * Math.max(Math.abs(first), Math.abs(second))) continue;
    throw refusal(
      `${least} and ${most} began at different values of the metric that is held, ${significant(first, 6)} and ` +
        `${significant(second, 6)}, so their images cannot be compared`,
    );
  }
}
