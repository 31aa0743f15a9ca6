// Recipes that are known to work; the namespace `presets`. Each gives a synthesis object that is set up and ready to run.

export { textureStart } from "../models/portillaSimoncelli/texturePreset.ts";
export { type DeepMetamerOptions, deepMetamer } from "./deepMetamer.ts";
export { type TextureOptions, texture } from "./texture.ts";
