// Photographs of a person's own, by whose distances the nearness of a metamer is measured: the images of a folder.

import { basename } from "node:path";
import { FileError, listFolder } from "@plenoptic-js/formats";
import { type FloatDType, type Tensor, tensor } from "@plenoptic-js/tensor";
import type { Channels } from "./colour.ts";
import { UserError } from "./failure.ts";
import { pathWord } from "./runFlags.ts";
import { readTarget } from "./target.ts";

export interface NullPhotographs {
  /** The folder, as it was typed. */
  readonly typed: string;
  /** What the files are called. */
  readonly names: readonly string[];
  /** [1, channels, height, width] each, of any sizes. */
  readonly images: readonly Tensor<FloatDType>[];
}

export const NULL_HELP =
  "a folder of two photographs or more, each cut or mirrored to the image's size: how near the metamer came is measured by how far " +
  "apart they are for the model (default: the pictures that ship)";

/** Files that say they are images; others may lie beside them. */
const IMAGE = /^[^.].*\.(png|jpe?g|tiff?|webp|p[gp]m|npy|gif|bmp|avif|heic)$/i;

/**
 * Reads the images of a folder in the order of their names; other files are left alone.
 *
 * @throws UserError where there is no such folder, where a file is called an image and is none that can be read, or where it holds fewer than two images, or one image several times
 */
export async function readPhotographs(folder: string, dtype: FloatDType, channels: Channels): Promise<NullPhotographs> {
  const paths = await listFolder(folder);
  if (paths === undefined) throw new UserError(`--null: there is no folder "${folder}"`);
  const names: string[] = [];
  const images: Tensor<FloatDType>[] = [];
  for (const path of paths.sort()) {
    try {
      const { values, height, width } = await readTarget(path, undefined, dtype, channels);
      names.push(basename(path));
      images.push(tensor(values, { shape: [1, channels, height, width], dtype }));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // Left out without a word, it would be missed from the measure by nobody.
      if (IMAGE.test(basename(path))) {
        throw new UserError(
          `--null: "${basename(path)}" in the folder "${folder}" cannot be read as an image: ${error.message}. Mend it, or take it out of the folder`,
        );
      }
    }
  }
  if (images.length < 2) {
    throw new UserError(
      `--null: the folder "${folder}" holds ${images.length === 0 ? "no image" : "one image only"}; it must hold two photographs or more`,
    );
  }
  // After the synthesis it would be too late to refuse them.
  const [first, ...others] = images;
  if (others.every((image) => isSame(first, image))) {
    throw new UserError(
      `--null: the images in the folder "${folder}" are all the same; put two photographs or more there that differ`,
    );
  }
  return { typed: folder, names, images };
}

function isSame(a: Tensor<FloatDType>, b: Tensor<FloatDType>): boolean {
  if (a.shape.join() !== b.shape.join()) return false;
  const others = b.dataSync();
  return a.dataSync().every((value, i) => value === others[i]);
}

/** The option as it is written on the command line. */
export const nullText = (photographs: NullPhotographs | null): string =>
  photographs === null ? "" : ` --null ${pathWord(photographs.typed)}`;
