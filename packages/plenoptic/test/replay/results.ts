// Small results to verify, and ways to change their files.

import { canonicalJson, type JsonObject, type PtDict } from "@plenoptic-js/formats";
import * as po from "../../src/index.ts";

const SIDE = 16;

export const picture = (salt = 0, side = SIDE, dtype: "float32" | "float64" = "float64"): po.Tensor<typeof dtype> =>
  po.tensor(
    Float64Array.from({ length: side * side }, (_, i) => (((i + salt) * 7919) % 251) / 250),
    { shape: [1, 1, side, side], dtype },
  );

export const gaussian = (): po.models.Gaussian => new po.models.Gaussian(5, { std: 1.5 });

/** A metamer of a few steps. */
export async function metamer(steps = 5, options: po.MetamerSetupOptions = {}): Promise<po.Metamer> {
  po.setSeed(3);
  const made = new po.Metamer(picture(), gaussian());
  await made.setup(options);
  await made.synthesize({ maxIter: steps, stopCriterion: null });
  return made;
}

type Saved = { toBytes(): Promise<Uint8Array<ArrayBuffer>> };

/** The file of a synthesis with another recipe in it. */
export async function withRecipe(
  made: Saved,
  change: (recipe: Record<string, unknown>) => unknown,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await po.io.loadFile(await made.toBytes());
  const metadata = file.get("save_metadata") as PtDict;
  const own = JSON.parse(metadata.get("plenoptic_js") as string) as { recipe: Record<string, unknown> };
  const recipe = (change(own.recipe) ?? own.recipe) as JsonObject;
  metadata.set("plenoptic_js", canonicalJson({ ...own, recipe }));
  return file.toBytes();
}

/** The text of a recipe alone. */
export async function recipeBytes(
  made: {
    recipe(): Promise<JsonObject | null>;
  },
  change: (recipe: Record<string, unknown>) => unknown = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const recipe = JSON.parse(JSON.stringify(await made.recipe())) as Record<string, unknown>;
  return new TextEncoder().encode(canonicalJson((change(recipe) ?? recipe) as JsonObject));
}
