// The pictures that come with the package (assets/images, with their notices): 256 x 256, gray, free of conditions.
// Each URL is written out, so that a bundler sees it and takes the picture along, and made only when it is asked for: a
// script that is no module has no address of its own.

import type { Tensor } from "@plenoptic-js/tensor";
import { checkOptions } from "@plenoptic-js/tensor/engine";
import { loadImages } from "../io/loadImages.ts";

export interface PhotographOptions<D extends "float32" | "float64"> {
  /** float32 (default) or float64. */
  readonly dtype?: D;
}

/** Reads one of the pictures: [1, 1, 256, 256], values in [0, 1]. */
export type Photograph = <D extends "float32" | "float64" = "float32">(
  options?: PhotographOptions<D>,
) => Promise<Tensor<D>>;

function photograph(name: string, url: () => URL): Photograph {
  return (options = {}) => {
    checkOptions(`${name}()`, options, ["dtype"]);
    return loadImages(url(), options);
  };
}

/** An abandoned farmhouse. */
export const house: Photograph = photograph("house", () => new URL("../../assets/images/house.pgm", import.meta.url));

/** Boats at Nagasaki. */
export const boats: Photograph = photograph("boats", () => new URL("../../assets/images/boats.pgm", import.meta.url));

/** Leaves of a plant, acanthus mollis. */
export const acanthus: Photograph = photograph(
  "acanthus",
  () => new URL("../../assets/images/acanthus.pgm", import.meta.url),
);

/** A sheep and a lamb. */
export const sheep: Photograph = photograph("sheep", () => new URL("../../assets/images/sheep.pgm", import.meta.url));

/** A wall of bricks; a texture. */
export const brick: Photograph = photograph("brick", () => new URL("../../assets/images/brick.pgm", import.meta.url));

/** Gravel; a texture. */
export const gravel: Photograph = photograph(
  "gravel",
  () => new URL("../../assets/images/gravel.pgm", import.meta.url),
);

/** Grass; a texture. */
export const grass: Photograph = photograph("grass", () => new URL("../../assets/images/grass.pgm", import.meta.url));
