// Recipes that are known to work; the namespace `presets`. Each gives a synthesis object that is set up and ready to run.

export { type TextureOptions, texture, textureStart } from "./texture.ts";
