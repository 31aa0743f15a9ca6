// Recipes from strangers: they can name what the library has, and nothing else.

import { readFileSync } from "node:fs";
import { FileError } from "@plenoptic-js/formats";
import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { recipeSchema } from "../../src/replay/schema.ts";
import { metamer, picture, recipeBytes } from "./results.ts";

afterAll(po.warnings.on(() => {}));

type Json = Record<string, unknown>;
const image = picture();
const made = metamer(2);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const setupOf = ({ calls }: Json): Json => (calls as { options: Json }[])[0].options;
const verified = async (change: (recipe: Json) => unknown): Promise<po.replay.Verification> =>
  po.replay.verify(await recipeBytes(await made, change), { image });

test("the published schema is the one that recipes are checked by", () => {
  const published: unknown = JSON.parse(readFileSync(new URL("../../recipe.schema.json", import.meta.url), "utf8"));
  expect(published).toEqual(recipeSchema);
});

describe("what is no recipe is refused, with the place", () => {
  test.each<[string, (recipe: Json) => unknown, RegExp]>([
    ["a contract that is no number", (recipe) => ({ ...recipe, numerics: "x" }), /it holds no recipe: .*numerics/],
    ["another method", (recipe) => ({ ...recipe, method: "eval" }), /method/],
    [
      "a hash that is none",
      (recipe) => ({ ...recipe, image: { ...(recipe.image as Json), sha256: "abc" } }),
      /image\/sha256/,
    ],
    [
      "another dtype",
      (recipe) => ({ ...recipe, image: { ...(recipe.image as Json), dtype: "int32" } }),
      /image\/dtype/,
    ],
    ["an unknown call", (recipe) => ({ ...recipe, calls: [{ call: "constructor", options: {} }] }), /calls\/0\/call/],
    [
      "steps that are none",
      (recipe) => ({ ...recipe, calls: [{ call: "synthesize", options: { maxIter: -1 } }] }),
      /maxIter/,
    ],
    ["marks that are none", (recipe) => ({ ...recipe, marks: [[1, "x"]] }), /marks\/0/],
    [
      "a loss that is none",
      (recipe) => ({ ...recipe, options: { ...(recipe.options as Json), lossFunction: 3 } }),
      /lossFunction/,
    ],
    ["nothing", () => ({}), /holds no recipe/],
  ])("%s", async (_, change, words) => {
    const wrong = verified(change);
    await expect(wrong).rejects.toThrow(FileError);
    await expect(wrong).rejects.toThrow(words);
  });

  test("a form of later releases", async () => {
    await expect(verified((recipe) => ({ ...recipe, recipe: 2 }))).rejects.toThrow(
      /has the form 2, and this version knows form 1/,
    );
  });

  test.each([
    ["", /./],
    ["{", /no JSON/],
    [`{"recipe":1,"a":${"[".repeat(50_000)}`, /no JSON/],
    ["{}", /holds no recipe/],
  ])("the text %.20j", async (text, words) => {
    await expect(po.replay.verify(bytesOf(text))).rejects.toThrow(words);
  });

  test("states of generators that are none", async () => {
    const numpy = { key: "", position: 0, cachedGaussian: null };
    for (const random of [
      { torch: "%%%", numpy },
      { torch: "AAAA", numpy },
    ]) {
      await expect(verified((recipe) => ({ ...recipe, random }))).rejects.toThrow(/states of generators that are none/);
    }
  });
});

describe("what it names is looked up among what there is", () => {
  test.each(["__proto__", "constructor", "toString", "../../evil.mjs", "Muon"])(
    "an optimizer called %s",
    async (name) => {
      const found = await verified((recipe) => {
        setupOf(recipe).optimizer = { name };
      });
      expect(found).toMatchObject({ verdict: "cannot", reason: "unknown name" });
    },
  );

  test.each(["__proto__", "constructor", "hasOwnProperty", "/tmp/evil.mjs"])("a model called %s", async (name) => {
    const found = await verified((recipe) => {
      recipe.model = { ...(recipe.model as Json), name };
    });
    expect(found).toMatchObject({ verdict: "cannot", reason: "model" });
  });

  test("a file of a user's is named to the user, and never opened", async () => {
    const file = { name: "evil.mjs", sha256: "0".repeat(64) };
    const found = await verified((recipe) => {
      recipe.model = { ...(recipe.model as Json), file };
    });
    expect(found).toMatchObject({ verdict: "cannot", reason: "model" });
    expect(found.text).toContain("evil.mjs");
  });

  test.each<[string, Json]>([
    ["an option that there is not", { name: "Adam", lr: 0.01, danger: 1 }],
    ["a value that makes no sense", { name: "Adam", lr: -1 }],
    ["a history that is too long", { name: "LBFGS", historySize: 1e12 }],
  ])("%s", async (_, optimizer) => {
    const found = await verified((recipe) => {
      setupOf(recipe).optimizer = optimizer;
    });
    expect(found.verdict).toBe("cannot");
  });

  test.each<[string, Json]>([
    ["a kernel of a million", { kernelSize: [1e6, 1e6], std: [1] }],
    ["a kernel that is no number", { kernelSize: "big", std: [1] }],
    ["options that there are not", { kernelSize: [5, 5], std: [1], forward: "x" }],
    ["a width of 0", { kernelSize: [5, 5], std: [0] }],
  ])("a model with %s", async (_, options) => {
    const found = await verified((recipe) => {
      recipe.model = { ...(recipe.model as Json), options };
    });
    expect(found).toMatchObject({ verdict: "cannot", reason: "model" });
  });

  test("options that belong to another method", async () => {
    const found = await verified((recipe) => ({ ...recipe, method: "MADCompetition", model: null }));
    expect(found.verdict).toBe("cannot");
  });

  test("a step without end is left behind when the time is up", async () => {
    const found = await po.replay.verify(
      await recipeBytes(await made, (recipe) => {
        setupOf(recipe).optimizer = { name: "LBFGS", maxIter: 400_000, maxEval: 400_000, toleranceChange: 0, lr: 1e-9 };
      }),
      { image, maxSeconds: 0.1 },
    );
    expect(found).toMatchObject({ verdict: "cannot", reason: "time", steps: 0 });
  });

  test("a run without end is told before it begins, and bounded by time", async () => {
    const works: po.replay.ReplayWork[] = [];
    const bytes = await recipeBytes(await made, ({ calls }) => {
      (calls as { options: Json }[])[1].options.maxIter = Number.MAX_SAFE_INTEGER;
    });
    const found = await po.replay.verify(bytes, { image, maxSeconds: 0.2, onWork: (work) => works.push(work) });
    expect(found).toMatchObject({ verdict: "cannot", reason: "time" });
    expect(works[0].steps).toBe(Number.MAX_SAFE_INTEGER);
  });
});
