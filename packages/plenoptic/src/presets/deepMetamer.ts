// Metamers of a layer of a network with the settings that Python's plenoptic made those of ResNet50 with, after J. Feather, G. Leclerc, A. Mądry and
// J. H. McDermott, "Model metamers reveal divergent invariances between biological and artificial neural networks", Nature Neuroscience 26,
// 2023: Adam from uniform noise, with a rate that is halved again and again (docs/science/synthesis.md, "The preset for networks").

import type { Network } from "@plenoptic-js/networks";
import { optim, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions } from "@plenoptic-js/tensor/engine";
import {
  DeepNetFeatures,
  type DeepNetFeaturesOptions,
  type ReturnNodes,
} from "../models/deepNetFeatures/deepNetFeatures.ts";
import { Metamer } from "../synthesis/metamer.ts";

export interface DeepMetamerOptions extends DeepNetFeaturesOptions {
  /** Of Adam. Default 0.01; for the last stage of ResNet50, `layer4`, 0.03 was used. */
  readonly learningRate?: number;
  /** After so many steps the rate is halved. Default 3000; for `layer4` 5000. */
  readonly stepSize?: number;
  /** The image to start from. Default: uniform noise. */
  readonly initialImage?: Tensor | null;
}

/** The optimizer and the scheduler of the preset. */
export function deepMetamerDrive({ learningRate = 0.01, stepSize = 3000 }: DeepMetamerOptions = {}): {
  optimizer: optim.Optimizer;
  scheduler: optim.Scheduler;
} {
  return {
    optimizer: optim.Adam({ lr: learningRate, amsgrad: false }),
    scheduler: optim.StepLR({ stepSize, gamma: 0.5 }),
  };
}

/**
 * A metamer of layers of a network, ready for `synthesize({ maxIter: 12_000, stopCriterion: 0 })`: `DeepNetFeatures`, the mean squared error, Adam
 * with a rate of 0.01 that is halved every 3000 steps. `summary()` then says whether it is one by the criterion of the literature, and
 * what the network takes it for. In float64, as published; float32 is twice as fast.
 *
 * @param image [batch, channel, height, width] in [0, 1], with as many channels as the network takes
 * @param network what `readOnnx` or `sequential` made
 * @param returnNodes the layer, or several, as of `DeepNetFeatures`
 */
export async function deepMetamer(
  image: Tensor,
  network: Network,
  returnNodes: ReturnNodes,
  options: DeepMetamerOptions = {},
): Promise<Metamer> {
  checkOptions("presets.deepMetamer()", options, ["transform", "learningRate", "stepSize", "initialImage"]);
  const { transform = null, initialImage = null, ...drive } = options;
  const metamer = new Metamer(image, new DeepNetFeatures(network, returnNodes, { transform }));
  await metamer.setup({ initialImage, ...deepMetamerDrive(drive) });
  return metamer;
}
