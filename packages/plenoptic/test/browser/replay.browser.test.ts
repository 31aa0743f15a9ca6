// Recipes in a page: read, run, verified and compared, with the bits that Node made.

import { type JsonObject, readPng, writePng } from "@plenoptic-js/formats";
import { afterAll, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { RECIPE_KEYWORD } from "../../src/recipe.ts";
import { recipeBytes } from "../replay/results.ts";
import made from "./madeInNode.json" with { type: "json" };

afterAll(po.warnings.on(() => {}));

const { read, run, verify, compare } = po.replay;
const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const png = bytesOf(made.png);
const recipeText = readPng(png).text!.get(RECIPE_KEYWORD)!;
const recipe = new TextEncoder().encode(recipeText);
const ofRecipe = { recipe: async () => JSON.parse(recipeText) as JsonObject };

test("a PNG file that Node wrote is read, and verified from itself alone", async () => {
  const { kind, recipe: said, image, pixels } = await read(png);
  expect({ kind, sha256: said.result!.sha256, bits: pixels?.bits }).toEqual({
    kind: "png",
    sha256: made.sha256,
    bits: 16,
  });
  expect(said.exports).toMatchObject([{ encoding: "srgb", pixelsPerDegree: 30 }]);
  expect(await po.hashTensor(image!)).toBe(said.image.sha256);
  const { verdict, text } = await verify(png);
  expect(text).toBe(
    `identical: ${made.steps} steps, SHA-256 ${made.sha256}; the pixels of the file (16 bits) are those of the result`,
  );
  expect(verdict).toBe("identical");
});

test("a recipe is run, and what it makes is written to the same pixels and verified", async () => {
  const { image } = await read(png);
  const synthesis = await run(recipe, { image });
  const { metamer } = synthesis as po.Metamer;
  expect(await po.hashTensor(metamer)).toBe(made.sha256);
  const again = await po.encodeImage(metamer, { bits: 16, encoding: "srgb" });
  expect(again.pixels).toBe((await read(png)).recipe.exports![0].pixels);
  expect([...readPng(again.bytes).data]).toEqual([...readPng(png).data]);
  const saved = await (synthesis as po.Metamer).toBytes();
  expect((await verify(saved)).verdict).toBe("identical");
  expect((await verify(new Blob([saved]))).verdict).toBe("identical");
  const { verdict, text } = await compare(saved, png);
  expect([verdict, text]).toEqual(["identical", `the same bits, the same recipe: SHA-256 ${made.sha256}`]);
});

test("what differs, and what cannot be verified, is told", async () => {
  const { text: texts, ...pixels } = readPng(png);
  pixels.data[7] ^= 1;
  expect((await verify(writePng(pixels, { text: texts! }))).text).toMatch(/1 pixel of the file is another/);
  expect((await compare(png, writePng(pixels, { text: texts! }))).verdict).toBe("differs");
  expect(await verify(recipe)).toMatchObject({ verdict: "cannot", reason: "image" });
  const { image } = await read(png);
  const other = await recipeBytes(ofRecipe, (changed) => {
    (changed.options as { penaltyLambda: number }).penaltyLambda = 0.2;
  });
  expect(await verify(other, { image })).toMatchObject({ verdict: "differs" });
  const foreign = await recipeBytes(ofRecipe, (changed) => {
    changed.numerics = 99;
  });
  expect(await verify(foreign, { image })).toMatchObject({ verdict: "cannot", reason: "numerics" });
});
