// Models; the namespace `po.models`.

export { CenterSurround, type CenterSurroundOptions } from "./centerSurround.ts";
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
} from "./frontEnd.ts";
export { Gaussian, type GaussianForwardOptions, type GaussianOptions } from "./gaussian.ts";
export { Identity } from "./identity.ts";
export { Linear, type LinearOptions } from "./linear.ts";
export {
  PortillaSimoncelli,
  type PortillaSimoncelliForwardOptions,
  type PortillaSimoncelliOptions,
} from "./portillaSimoncelli.ts";
export type { TextureGroup, TextureScale } from "./textureLayout.ts";
