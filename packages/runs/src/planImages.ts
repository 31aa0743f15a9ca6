// The images of a plan: files, folders, globs, and pictures that ship.

import { stat } from "node:fs/promises";
import { extname, isAbsolute, join, relative, sep } from "node:path";
import { didYouMean } from "@plenoptic-js/tensor/engine";
import { glob, isDynamicPattern } from "tinyglobby";
import type { Place } from "./planText.ts";

export interface PlanImage {
  /** As it is listed: the path from the plan's folder, or the name of a picture that ships. */
  readonly label: string;
  /** Where it is; of a picture that ships its name. */
  readonly source: string;
  readonly at: Place;
}

const ENDINGS = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".pbm", ".pgm", ".ppm", ".npy"];

/** By code units, so that the order is the same everywhere. */
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The images that an entry means, in order of their names. Paths are taken from the plan's folder. A file goes before a picture of
 * its name, as on the command line.
 *
 * @returns a string for what is wrong
 */
export async function imagesOf(
  text: string,
  at: Place,
  folder: string,
  pictures: readonly string[],
): Promise<readonly PlanImage[] | string> {
  const path = isAbsolute(text) ? text : join(folder, text);
  const found = await stat(path).catch(() => null);
  const image = (source: string): PlanImage => ({ label: labelOf(source, folder), source, at });
  if (found?.isFile()) return [image(path)];
  if (pictures.includes(text)) return [{ label: text, source: text, at }];
  if (found?.isDirectory()) {
    const files = await glob("*", { cwd: path, absolute: true, expandDirectories: false });
    const images = files.filter((file) => ENDINGS.includes(extname(file).toLowerCase())).sort(inOrder);
    return images.length > 0 ? images.map(image) : `the folder ${text} has no images in it (${ENDINGS.join(", ")})`;
  }
  if (isDynamicPattern(text)) {
    const files = await glob(text, { cwd: folder, absolute: true, expandDirectories: false, onlyFiles: true });
    return files.length > 0 ? files.sort(inOrder).map(image) : `no file fits ${text} (seen from ${folder})`;
  }
  if (/^[\w-]+$/.test(text)) {
    return `there is no file "${text}" and no shipped picture of that name${didYouMean(text, pictures)} (${pictures.join(", ")})`;
  }
  return `there is no file ${text} (seen from ${folder})`;
}

function labelOf(source: string, folder: string): string {
  const path = relative(folder, source);
  return (path.startsWith("..") ? source : path).split(sep).join("/");
}
