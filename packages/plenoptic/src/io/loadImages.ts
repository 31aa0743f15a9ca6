// Images from files to one tensor: the rules of Python plenoptic's `load_images` (docs/science/files.md, "Images").

import { FileError, listFolder, readImage, readSource, type Source, toChannels, toGray } from "@plenoptic-js/formats";
import { type Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, shapeText } from "@plenoptic-js/tensor/engine";
import { UserWarning, warn } from "../warnings.ts";
import { checkSource } from "./places.ts";

export interface LoadImagesOptions<D extends "float32" | "float64"> {
  /** One gray channel (default), or the colour channels: 3, or 4 with alpha. */
  readonly asGray?: boolean;
  /** Of a folder's files: the value by which they are sorted, from their path. Default: plain order of the names. */
  readonly sortedKey?: (path: string) => string | number;
  /** float32 (default) rounds the values, as Python does; float64 does not. */
  readonly dtype?: D;
}

interface LoadedImage {
  readonly name: string;
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly data: Float32Array | Float64Array;
}

/**
 * Reads images (PNG, JPEG, TIFF, WebP, PGM, PPM, PBM) of one size: one, several in the order given, or those of a
 * folder. Gives [images, channels, height, width] with values in [0, 1]; how colours become gray is said at `toGray`.
 * Images that ask to be shown turned (EXIF) are read as they are stored, with a warning.
 *
 * Files of a folder that are no images are skipped with a warning. Throws FileError for missing, damaged and
 * unknown files, RangeError for images of different sizes.
 */
export async function loadImages<D extends "float32" | "float64" = "float32">(
  paths: Source | readonly Source[],
  options: LoadImagesOptions<D> = {},
): Promise<Tensor<D>> {
  checkOptions("loadImages()", options, ["asGray", "sortedKey", "dtype"]);
  const { asGray = true, sortedKey, dtype = "float32" } = options;
  if (dtype !== "float32" && dtype !== "float64") {
    throw new RangeError(`loadImages: dtype is ${JSON.stringify(dtype)}; it must be "float32" or "float64"`);
  }
  const one = async (source: Source): Promise<LoadedImage> => {
    checkSource("loadImages", source);
    const { bytes, name } = await readSource(source);
    const pixels = await readImage(bytes, { name });
    if (pixels.orientation !== undefined) {
      const found = `${name} asks to be shown turned or mirrored (EXIF orientation ${pixels.orientation})`;
      const advice = "turn the picture itself, with an image editor, if that is not what you want";
      warn(new UserWarning("orientation", `loadImages: ${found}; it is read as it is stored. ${advice}`));
    }
    if (asGray) {
      const { height, width, data } = toGray(pixels, { dtype });
      return { name, shape: [1, height, width], data };
    }
    const { channels, height, width, data } = toChannels(pixels, { dtype });
    return { name, shape: [channels, height, width], data };
  };

  const folder = typeof paths === "string" ? await listFolder(paths) : undefined;
  if (folder === undefined && sortedKey !== undefined) {
    throw new RangeError("loadImages: sortedKey orders the files of a folder; a file, or a list, keeps its own order");
  }
  const images: LoadedImage[] = [];
  if (folder !== undefined) {
    for (const path of sortedKey ? sortBy(folder, sortedKey) : folder.sort()) {
      try {
        images.push(await one(path));
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        warn(new UserWarning("not-an-image", `loadImages: skipped ${error.message}`));
      }
    }
    if (images.length === 0) throw new FileError("not-found", String(paths), "this folder holds no image");
  } else {
    const list = isList(paths) ? paths : [paths];
    if (list.length === 0) throw new RangeError("loadImages: the list of images is empty; give at least one");
    for (const source of list) images.push(await one(source));
  }

  const [{ shape }] = images;
  if (images.some((image) => image.shape.some((n, axis) => n !== shape[axis]))) {
    const sizes = images.map((image) => `${image.name} is ${shapeText(image.shape)}`).join("; ");
    throw new RangeError(`loadImages: all images must have one shape [channels, height, width], but ${sizes}`);
  }
  const size = images[0].data.length;
  const all = dtype === "float64" ? new Float64Array(images.length * size) : new Float32Array(images.length * size);
  images.forEach((image, i) => {
    all.set(image.data, i * size);
  });
  return tensor(all, { shape: [images.length, ...shape], dtype: dtype as D });
}

function isList(paths: Source | readonly Source[]): paths is readonly Source[] {
  return Array.isArray(paths);
}

function sortBy(paths: readonly string[], key: (path: string) => string | number): string[] {
  return paths
    .map((path) => ({ path, key: key(path) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ path }) => path);
}
