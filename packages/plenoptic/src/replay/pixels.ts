// The pixels that a result gives when it is written to a PNG file again.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue, settled } from "@plenoptic-js/tensor/engine";
import { type StimulusEncoding, wholeNumbers } from "../io/stimulus.ts";
import type { MadeResult, ReadPixels } from "./readResult.ts";
import type { Synthesis } from "./rerun.ts";
import { resultOf } from "./result.ts";

/**
 * Whether a PNG file shows a result: the image of it in the same number of bits, encoded as the recipe says of such a file. Of
 * eigendistortions it is the image with one of them.
 *
 * @returns the fewest pixels in which the file differs from what could be in it; null where it can hold none of it
 */
export async function differentPixels(
  { recipe }: MadeResult,
  { bits, data, height, width }: ReadPixels,
  synthesis: Synthesis,
): Promise<number | null> {
  const channels = data.length / (height * width);
  const said = (recipe.exports ?? []).filter((one) => one.bits === bits).map(({ encoding = "linear" }) => encoding);
  const encodings = new Set<StimulusEncoding>(said.length === 0 ? ["linear"] : said);
  let fewest: number | null = null;
  for (const image of shownImages(recipe.result.alpha, synthesis)) {
    const [whole] = await settled([image]);
    if (whole.size !== data.length) continue;
    const values = heldValue(whole).re as Float32Array | Float64Array;
    for (const encoding of encodings) {
      const made = wholeNumbers(values, channels, bits, encoding).data;
      let different = 0;
      for (let i = 0; i < made.length; i++) if (made[i] !== data[i]) different++;
      if (fewest === null || different < fewest) fewest = different;
    }
    if (fewest === 0) break;
  }
  return fewest;
}

function* shownImages(alpha: unknown, synthesis: Synthesis): Generator<Tensor<FloatDType>> {
  const result = resultOf(synthesis);
  if (!("eigendistortions" in synthesis)) {
    yield result;
    return;
  }
  if (typeof alpha !== "number") return;
  const { image } = synthesis;
  for (let i = 0; i < result.shape[0]; i++) {
    yield image.add(
      result
        .slice(0, i, i + 1)
        .reshape(image.shape)
        .mul(alpha),
    );
  }
}
