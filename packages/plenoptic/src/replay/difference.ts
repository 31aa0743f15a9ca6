// In what two arrays differ, in words.

import type { Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { significant } from "../significant.ts";

export async function differenceOf(a: Tensor, b: Tensor): Promise<string> {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) {
    return `one is ${a.dtype} ${shapeText(a.shape)}, the other ${b.dtype} ${shapeText(b.shape)}`;
  }
  const [first, second] = [await a.data(), await b.data()];
  let different = 0;
  let most = 0;
  for (let i = 0; i < first.length; i++) {
    if (Object.is(first[i], second[i])) continue;
    different++;
    most = Math.max(most, Math.abs(first[i] - second[i]));
  }
  return `${different} of ${first.length} values differ, by at most ${significant(most)}`;
}
