// What somebody brings back: a .pt file of any release of Python's plenoptic, or a .pt, PNG or recipe of ours, which can be verified here.

import { PtTensor } from "@plenoptic-js/formats";
import type { Tensor } from "@plenoptic-js/tensor";
import { io, replay } from "plenoptic-js";
import { describeText, examineFile } from "plenoptic-js/engine";
import type { Brought, Plane, Verified } from "../protocol/messages.ts";
import { planeOf } from "./images.ts";

/** What a file holds. */
export async function bringBack(file: Blob, name: string): Promise<Brought> {
  const result = await replay
    .read(file)
    .catch((error: unknown) => (error instanceof replay.CannotReplay ? null : Promise.reject(error as Error)));
  if (result !== null) {
    const { recipe, image, result: made, kind } = result;
    const images = [
      ...(image === null ? [] : [{ title: "Target", plane: await planeOf(image) }]),
      ...(made === null ? [] : [{ title: recipe.method, plane: await planeOf(made) }]),
    ];
    // A job tells of no result.
    const { sha256, iterations } = recipe.result ?? {};
    const lines = [
      `${recipe.method} of ${recipe.image.name ?? "an image"}, ${recipe.image.dtype}${recipe.model === null ? "" : ` under ${recipe.model.name ?? "a model"}`}`,
      ...(iterations === undefined ? [] : [`${iterations} steps`]),
      ...(sha256 === undefined ? ["A job, of which nothing was made yet"] : [`SHA-256 ${sha256}`]),
      ...(typeof recipe.command === "string" ? [recipe.command] : []),
    ];
    return {
      file: name,
      kind: kind === "pt" ? ".pt file" : kind === "png" ? "PNG" : "recipe",
      images,
      lines,
      canVerify: sha256 !== undefined,
    };
  }
  return ofPython(file, name);
}

/** As many pictures as are shown of a file. */
const MOST_PICTURES = 6;

/** Files without a recipe: their images, and what else they hold in words. */
async function ofPython(file: Blob, name: string): Promise<Brought> {
  const images: { title: string; plane: Plane }[] = [];
  for (const [key, value] of await io.loadFile(file)) {
    if (images.length === MOST_PICTURES || typeof key !== "string" || !(value instanceof PtTensor)) continue;
    const { shape, dtype } = value;
    if (shape.length !== 4 || shape[0] !== 1 || !dtype.startsWith("float")) continue;
    images.push({ title: TITLES[key] ?? key.replace(/^_/, ""), plane: await planeOf(io.toTensor(value)) });
  }
  const lines = describeText(await examineFile(file)).split("\n");
  return { file: name, kind: ".pt file without a recipe", images, lines, canVerify: false };
}

const TITLES: Readonly<Record<string, string>> = { _image: "Target", _metamer: "Metamer", _mad_image: "MAD image" };

/** Runs a file's recipe again. */
export async function verifyBrought(
  file: Blob,
  image: Tensor | null,
  told: (step: number, steps: number | null) => void,
  signal: AbortSignal,
): Promise<Verified> {
  let steps: number | null = null;
  let last = 0;
  const { verdict, text } = await replay.verify(file, {
    ...(image !== null && { image }),
    signal,
    onWork: (work) => {
      ({ steps } = work);
    },
    onProgress: ({ step }) => {
      if (performance.now() - last < 100) return;
      last = performance.now();
      told(step, steps);
    },
  });
  return { verdict, text };
}
