// The recipe for texture metamers that the field found by hard work: L-BFGS with a line search, few evaluations a step, a
// start near the mean. J. Portilla and E. P. Simoncelli, "A parametric texture model based on joint statistics of complex
// wavelet coefficients", IJCV 40, 2000; the optimizer's settings: docs/science/synthesis.md, "The texture preset".

import { ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, shapeText } from "@plenoptic-js/tensor/engine";
import { judged } from "../judged.ts";
import { portillaSimoncelliLossFactory } from "../loss/factories.ts";
import { PortillaSimoncelli, type PortillaSimoncelliOptions } from "../models/portillaSimoncelli/portillaSimoncelli.ts";
import { laterTextureStart, textureOptimizer } from "../models/portillaSimoncelli/texturePreset.ts";
import { Metamer } from "../synthesis/metamer.ts";
import { checkInput } from "../validate/input.ts";

export interface TextureOptions extends PortillaSimoncelliOptions {
  /** The image to start from. Default: the mean of the image and a little uniform noise, `textureStart(image)`. */
  readonly initialImage?: Tensor | null;
}

/**
 * A texture metamer, ready for `synthesize({ maxIter: 100 })`: PortillaSimoncelli, its loss, and
 * `textureOptimizer()`. Use float64, as `loadImages(file, { dtype: "float64" })` gives it.
 *
 * @param image a texture, [batch, channel, height, width] in [0, 1]; both sides divisible by 2^nScales
 */
export async function texture(image: Tensor, options: TextureOptions = {}): Promise<Metamer> {
  checkOptions("presets.texture()", options, ["initialImage", "nScales", "nOrientations", "spatialCorrWidth"]);
  const { initialImage = null, ...modelOptions } = options;
  // Judged here, under this name, and not again by what is made of it.
  const target = judged(checkInput("presets.texture: the image", image).detach());
  if (target.ndim !== 4) {
    throw new ShapeError(
      `presets.texture: the image is ${shapeText(target.shape)}; it must be [batch, channel, height, width]`,
    );
  }
  const [height, width] = target.shape.slice(-2);
  const model = new PortillaSimoncelli([height, width], modelOptions);
  const metamer = new Metamer(target, model, { lossFunction: portillaSimoncelliLossFactory(model, target) });
  await metamer.setup({
    initialImage: initialImage === null ? laterTextureStart(target) : startOf(initialImage),
    optimizer: textureOptimizer(),
  });
  return metamer;
}

function startOf(initialImage: Tensor): Tensor {
  return judged(checkInput("presets.texture: the initial image", initialImage).detach());
}
