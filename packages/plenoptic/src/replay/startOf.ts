// The image that a synthesis of a recipe starts from: drawn again, from the file, or given.

import { type FloatDType, hashTensor, type Tensor } from "@plenoptic-js/tensor";
import { judged } from "../judged.ts";
import { textureStart } from "../models/portillaSimoncelli/texturePreset.ts";
import type { OwnRecipe, RecipeArray, RecipeStart } from "../recipe.ts";
import type { Range } from "../synthesis/mad/madOptions.ts";
import { noisyStart } from "../synthesis/mad/madStart.ts";
import { CannotReplay } from "./cannotReplay.ts";
import type { Generators } from "./generators.ts";
import type { ReadResult } from "./readResult.ts";
import { type ReplayGiven, sameArray } from "./remake.ts";

/** What a recipe says of a starting image; what a job says of one that the library is to draw. */
export type SaidStart =
  | (RecipeArray & { readonly drawn?: RecipeStart })
  | { readonly drawn: Pick<RecipeStart, "kind">; readonly sha256?: never };

/**
 * The starting image of a call of setup(). null: the method draws it itself.
 *
 * @param generators as the object has left them; those who know how the image was drawn leave them alone
 */
export async function startOf(
  { recipe, initialImage, file }: ReadResult,
  said: SaidStart | null,
  image: Tensor<FloatDType>,
  given: ReplayGiven,
  generators: Generators,
): Promise<Tensor | null> {
  if (said === null) return null;
  // Of a job it is drawn after what the object draws.
  if (said.sha256 === undefined) return generators.lend(() => textureStart(image));
  if (given.initialImage)
    return sameArray("initial image", given.initialImage, said, "the initial image that was given");
  const isSame = async (start: Tensor): Promise<boolean> => (await hashTensor(start)) === said.sha256;
  if (initialImage !== null && (await isSame(initialImage))) return judged(initialImage.detach());
  const { drawn } = said;
  if (drawn !== undefined) {
    generators.jump(drawn.random, file);
    const start = generators.lend(() => draw(drawn, image, recipe));
    if (await isSame(start)) return start;
    throw new CannotReplay(
      "initial image",
      "the initial image that is drawn again is not that of the recipe: its SHA-256 is another; the recipe was changed, or is of another version",
    );
  }
  // Recipes of earlier releases do not say how the library drew a start. Of presets it was drawn after what the object draws.
  const texture = generators.lend(() => textureStart(image));
  if (await isSame(texture)) return texture;
  throw new CannotReplay(
    "initial image",
    `it started from an image that the file does not hold (SHA-256 ${said.sha256}), which must be given`,
  );
}

function draw(drawn: RecipeStart, image: Tensor<FloatDType>, { options }: OwnRecipe): Tensor {
  if (drawn.kind === "texture") return textureStart(image);
  const range = options.constrained === true ? (options.allowedRange as Range) : null;
  return noisyStart(image, drawn.initialNoise, range);
}
