// Models; the namespace `po.models`.

export type { Network, NetworkNode } from "@plenoptic-js/networks";
export { layers, sequential } from "@plenoptic-js/networks";
export type { ReadOnnxOptions } from "@plenoptic-js/networks/onnx";
export { CenterSurround, type CenterSurroundOptions } from "./centerSurround/centerSurround.ts";
export { DeepNetFeatures, type DeepNetFeaturesOptions, type ReturnNodes } from "./deepNetFeatures/deepNetFeatures.ts";
export { type NormalizeOptions, normalize } from "./deepNetFeatures/normalize.ts";
export { readOnnx } from "./deepNetFeatures/readOnnx.ts";
export {
  type Activation,
  LinearNonlinear,
  type LinearNonlinearOptions,
  LuminanceContrastGainControl,
  type LuminanceContrastGainControlOptions,
  LuminanceGainControl,
  type LuminanceGainControlOptions,
  OnOff,
  type OnOffOptions,
} from "./frontEnd/frontEnd.ts";
export { Gaussian, type GaussianForwardOptions, type GaussianOptions } from "./gaussian/gaussian.ts";
export { Identity } from "./identity/identity.ts";
export { Linear, type LinearOptions } from "./linear/linear.ts";
export {
  PortillaSimoncelli,
  type PortillaSimoncelliForwardOptions,
  type PortillaSimoncelliOptions,
} from "./portillaSimoncelli/portillaSimoncelli.ts";
export type { TextureGroup, TextureScale } from "./portillaSimoncelli/textureLayout.ts";
