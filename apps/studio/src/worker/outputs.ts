// What is taken away: files made of a session, by the library's own writers.

import { encodeImage, io } from "plenoptic-js";
import type { Saved, SaveKind } from "../protocol/messages.ts";
import type { Session } from "./session.ts";

/** The files of a kind. */
export async function filesOf(session: Session, kind: SaveKind, embedTarget: boolean): Promise<readonly Saved[]> {
  if (kind === "pt") return (await session.files()).map((file) => ({ ...file, note: "" }));
  if (kind === "recipe") {
    const recipes = await session.recipes();
    return recipes.map(({ name, recipe }) => ({
      name: `${name}.recipe.json`,
      bytes: new TextEncoder().encode(`${JSON.stringify(recipe, null, 2)}\n`),
      note: "",
    }));
  }
  const files: Saved[] = [];
  for (const { name, image, recipe } of await session.results()) {
    if (kind === "npy") {
      files.push({ name: `${name}.npy`, bytes: await io.encodeArrays(".npy", image), note: "" });
      continue;
    }
    const bits = kind === "png16" ? 16 : 8;
    const target = embedTarget && recipe !== null ? session.target : null;
    const { bytes, clipped } = await encodeImage(image, { bits, recipe, target });
    const count = clipped.below + clipped.above;
    const note =
      count === 0
        ? ""
        : `${count} of ${image.shape.reduce((all, side) => all * side)} values lay outside 0 to 1 and were clipped`;
    files.push({ name: bits === 16 ? `${name}-16.png` : `${name}.png`, bytes, note });
  }
  return files;
}
