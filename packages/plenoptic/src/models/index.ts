// Models; the namespace `po.models`.

export { Gaussian, type GaussianForwardOptions, type GaussianOptions } from "./gaussian.ts";
export { Identity } from "./identity.ts";
export { Linear, type LinearOptions } from "./linear.ts";
export {
  PortillaSimoncelli,
  type PortillaSimoncelliForwardOptions,
  type PortillaSimoncelliOptions,
} from "./portillaSimoncelli.ts";
export type { TextureGroup, TextureScale } from "./textureLayout.ts";
export { texturePanels } from "./texturePanels.ts";
