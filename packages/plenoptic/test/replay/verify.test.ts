// What a verification says of results that are not what their recipe makes, and of recipes that cannot be run here.

import { readPng, writePng } from "@plenoptic-js/formats";
import { afterAll, describe, expect, test } from "vitest";
import { targetText } from "../../src/embeddedTarget.ts";
import * as po from "../../src/index.ts";
import { RECIPE_KEYWORD } from "../../src/recipe.ts";
import { gaussian, metamer, picture, recipeBytes, withRecipe } from "./results.ts";

afterAll(po.warnings.on(() => {}));

const STEPS = 11;
const made = metamer(STEPS);
const { verify, compare } = po.replay;
const image = picture();

interface Random {
  torch: string;
}

/** The file with one value of a series, or of the image, changed by one bit or so. */
async function changed(name: string, place: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await po.io.loadFile(await (await made).toBytes());
  const value = file.get(name);
  if (Array.isArray(value)) value[place] = Number(value[place]) * (1 + 2 ** -50);
  else {
    const tensor = value as po.io.PtTensor;
    const data = tensor.data() as Float64Array;
    data[place] += 2 ** -50;
    file.set(name, po.io.PtTensor.of("float64", tensor.shape, data));
  }
  return file.toBytes();
}

describe("a result that differs", () => {
  test.each([
    ["losses", 0, 0, /^differs from the start on: the objective is another before the first step$/],
    ["losses", 6, 6, /^differs from step 6 on: the objective is another there$/],
    ["penalties", 4, 4, /^differs from step 4 on: the penalty/],
    ["gradient_norm", 9, 9, /^differs from step 9 on: the norm of the gradient/],
    ["pixel_change_norm", 9, 10, /^differs from step 10 on: the norm of the change/],
  ])("a value of %s was flipped, at %i", async (name, place, by, text) => {
    const found = await verify(await changed(name, place));
    expect(found).toMatchObject({ verdict: "differs", parting: { after: by - 1, by } });
    expect(found.text).toMatch(text);
  });

  test("a result of a shape that its hash is not of: the recipe was changed", async () => {
    const bytes = await recipeBytes(await made, (recipe) => {
      recipe.result = { ...(recipe.result as object), shape: [1, 1, 2, 2] };
    });
    const found = await verify(bytes, { image });
    expect(found.verdict).toBe("differs");
    expect(found.text).toMatch(/says that its result is float64 \[1, 1, 2, 2\], and its SHA-256 is that of float64 \[/);
  });

  test("a pixel of the image was flipped: the recipe is right, and the file is not", async () => {
    const found = await verify(await changed("metamer", 17));
    expect(found).toMatchObject({ verdict: "differs", steps: STEPS, parting: { by: STEPS } });
    expect(found.text).toMatch(/not what the file holds: 1 of 256 values differ, by at most .*; the file was changed$/);
  });

  test("another seed: from the start on, and the run ends there", async () => {
    po.setSeed(4);
    const { random } = (await new po.Metamer(image, gaussian()).recipe()) as unknown as { random: Random };
    const found = await verify(await withRecipe(await made, (recipe) => ({ ...recipe, random })));
    expect(found).toMatchObject({ verdict: "differs", steps: 1, parting: { after: -1, by: 0 } });
  });

  test("without series, the interval between two short hashes", async () => {
    const other = await recipeBytes(await made, (recipe) => {
      const marks = recipe.marks as [number, string][];
      expect(marks.map(([step]) => step)).toEqual([1, 2, 4, 8]);
      marks[2][1] = "0".repeat(16);
    });
    const found = await verify(other, { image });
    expect(found).toMatchObject({ verdict: "differs", steps: 4, parting: { after: 2, by: 4 } });
    expect(found.text).toMatch(/^differs between step 2, where they agree, and step 4:/);
  });

  test("after the last short hash", async () => {
    const other = await recipeBytes(await made, (recipe) => {
      recipe.result = { ...(recipe.result as object), sha256: "0".repeat(64) };
    });
    const found = await verify(other, { image });
    expect(found).toMatchObject({ verdict: "differs", steps: STEPS, parting: { after: 8, by: STEPS } });
  });

  test("another learning rate: within the first steps", async () => {
    const other = await recipeBytes(await made, (recipe) => {
      const [setup] = recipe.calls as { options: { optimizer: { lr: number } } }[];
      setup.options.optimizer.lr = 0.011;
    });
    expect(await verify(other, { image })).toMatchObject({ verdict: "differs", parting: { after: 0, by: 1 } });
  });

  test("another eigendistortion", async () => {
    const eig = new po.Eigendistortion(image, gaussian());
    await eig.synthesize({ k: 1 });
    const file = await po.io.loadFile(await eig.toBytes());
    const tensor = file.get("eigendistortions") as po.io.PtTensor;
    const data = tensor.data() as Float64Array;
    data[300] += 2 ** -50;
    file.set("eigendistortions", po.io.PtTensor.of("float64", tensor.shape, data));
    const found = await verify(file.toBytes());
    expect(found).toMatchObject({ verdict: "differs", parting: null });
    expect(found.text).toMatch(/1 of 512 values differ/);
  });
});

describe("what cannot be run here", () => {
  test("another numeric contract: the version that can is named", async () => {
    const found = await verify(
      await withRecipe(await made, (recipe) => ({ ...recipe, numerics: 7, versions: { "plenoptic-js": "9.8.7" } })),
    );
    expect(found).toMatchObject({ verdict: "cannot", reason: "numerics", steps: 0 });
    expect(found.text).toMatch(
      /under numeric contract 7, and this version has 1; .*npx @plenoptic-js\/cli@9\.8\.7 verify/,
    );
  });

  test("another numeric contract than this very version has: the recipe contradicts itself", async () => {
    const found = await verify(await withRecipe(await made, (recipe) => ({ ...recipe, numerics: 2 })));
    expect(found).toMatchObject({ verdict: "cannot", reason: "numerics" });
    expect(found.text).toMatch(/which is this version and has 1: one of the two was changed/);
  });

  test("an image of a shape that its hash is not of", async () => {
    const bytes = await recipeBytes(await made, (recipe) => {
      recipe.image = { ...(recipe.image as object), shape: [1, 1, 640_000, 640_000] };
    });
    const found = await verify(bytes, { image });
    expect(found).toMatchObject({ verdict: "cannot", reason: "image" });
    expect(found.text).toMatch(/says that the image is \[1, 1, 640000, 640000\], and its SHA-256 is that of \[/);
  });

  test("what stands there as a version is shown only if it is one", async () => {
    const versions = { "plenoptic-js": "1.0.0; rm -rf ~" };
    const found = await verify(await withRecipe(await made, (recipe) => ({ ...recipe, numerics: 7, versions })));
    expect(found.text).not.toContain("rm");
  });

  test("an image that is not there, or is another", async () => {
    const bytes = await recipeBytes(await made);
    expect(await verify(bytes)).toMatchObject({ verdict: "cannot", reason: "image" });
    const found = await verify(bytes, { image: picture(1) });
    expect(found).toMatchObject({ verdict: "cannot", reason: "image" });
    expect(found.text).toContain(`its SHA-256 is ${await po.hashTensor(picture(1))}`);
    expect(await verify(bytes, { image })).toMatchObject({ verdict: "identical" });
  });

  test("a picture that ships is known by its name, and checked by its hash", async () => {
    po.setSeed(0);
    const house = await po.data.house({ dtype: "float64" });
    const metamer = new po.Metamer(house, gaussian());
    await metamer.synthesize({ maxIter: 1 });
    const named = (name: string) => (recipe: Record<string, unknown>) => {
      recipe.image = { ...(recipe.image as object), name };
    };
    expect(await verify(await recipeBytes(metamer, named("house")))).toMatchObject({ verdict: "identical" });
    for (const name of ["boats", "/etc/passwd", "__proto__", "constructor"]) {
      expect(await verify(await recipeBytes(metamer, named(name)))).toMatchObject({
        verdict: "cannot",
        reason: "image",
      });
    }
  });

  test("the time was up: that is never identical", async () => {
    const seen: number[] = [];
    const found = await verify(await (await made).toBytes(), {
      maxSeconds: 1e-9,
      onProgress: ({ step }) => seen.push(step),
    });
    expect(found).toMatchObject({ verdict: "cannot", reason: "time" });
    expect(found.text).toContain("after 1 of 11 steps");
    expect(seen).toEqual([1]);
    const eig = new po.Eigendistortion(image, gaussian());
    await eig.synthesize({ k: 1 });
    expect(await verify(await eig.toBytes(), { maxSeconds: 1e-9 })).toMatchObject({
      verdict: "cannot",
      reason: "time",
    });
  });

  test("a model of the same name with another graph: other bits say nothing, equal ones do", async () => {
    const other = (recipe: Record<string, unknown>): void => {
      recipe.model = { ...(recipe.model as object), fingerprint: "0".repeat(64) };
    };
    expect(await verify(await withRecipe(await made, other))).toMatchObject({ verdict: "identical" });
    const wider = (recipe: Record<string, unknown>): void => {
      recipe.model = { name: "Gaussian", options: { kernelSize: [5, 5], std: [1] }, fingerprint: "0".repeat(64) };
    };
    const bytes = await recipeBytes(await made, wider);
    expect(await verify(bytes, { image })).toMatchObject({ verdict: "differs" });
  });

  test("files of earlier states whose precision changed: nobody knows the first image", async () => {
    const before = await metamer(2);
    before.to("float32");
    const old = (recipe: Record<string, unknown>): object => {
      const added = ["numerics", "recipe", "marks", "versions"];
      return Object.fromEntries(Object.entries(recipe).filter(([name]) => !added.includes(name)));
    };
    const bytes = await withRecipe(before, old);
    expect(await verify(bytes, { image })).toMatchObject({ verdict: "cannot", reason: "image" });
    // Others are verified without the new fields.
    expect(await verify(await withRecipe(await made, old))).toMatchObject({ verdict: "identical" });
  });

  test("what Python's plenoptic began has no recipe", async () => {
    const file = await po.io.loadFile(await (await made).toBytes());
    (file.get("save_metadata") as Map<unknown, unknown>).delete("plenoptic_js");
    expect(await verify(file.toBytes())).toMatchObject({ verdict: "cannot", reason: "no recipe" });
  });

  test("the signal ends it, with its reason", async () => {
    const stop = new AbortController();
    const bytes = await (await made).toBytes();
    const onProgress = (): void => stop.abort(new Error("enough"));
    await expect(verify(bytes, { signal: stop.signal, onProgress })).rejects.toThrow("enough");
  });
});

describe("from a checkpoint", () => {
  test("the rest is made again, of one call and of several, in another precision too", async () => {
    const begun = await metamer(4, { optimizer: po.optim.LBFGS({ maxIter: 2 }) });
    const early = await begun.toBytes();
    await begun.synthesize({ maxIter: 3, stopCriterion: null });
    begun.to("float32");
    await begun.synthesize({ maxIter: 2 });
    const late = await begun.toBytes();
    await begun.synthesize({ maxIter: 2 });
    const whole = await begun.toBytes();
    const given = { image: picture() };
    expect(await verify(whole, { ...given, from: early })).toMatchObject({ verdict: "identical", steps: 7 });
    expect(await verify(whole, { ...given, from: late })).toMatchObject({ verdict: "identical", steps: 2 });
    const stop = new AbortController();
    po.setSeed(3);
    const same = new po.Metamer(picture(), gaussian());
    await same.setup({ optimizer: po.optim.LBFGS({ maxIter: 2 }) });
    const onProgress = ({ iteration }: po.Progress): void => {
      if (iteration === 2) stop.abort(new Error("enough"));
    };
    const run = same.synthesize({ maxIter: 4, stopCriterion: null, onProgress, signal: stop.signal });
    await expect(run).rejects.toThrow("enough");
    expect(await verify(whole, { ...given, from: await same.toBytes() })).toMatchObject({
      verdict: "identical",
      steps: 9,
    });
  });

  test("another synthesis is none", async () => {
    const other = await metamer(3, { optimizer: po.optim.SGD({ lr: 0.1 }) });
    const bytes = await (await made).toBytes();
    expect(await verify(bytes, { from: await other.toBytes() })).toMatchObject({
      verdict: "cannot",
      reason: "checkpoint",
    });
    const longer = await metamer(STEPS + 1);
    expect(await verify(bytes, { from: await longer.toBytes() })).toMatchObject({
      verdict: "cannot",
      reason: "checkpoint",
    });
  });
});

describe("a PNG file", () => {
  const png = async (bits: 8 | 16, texts: Record<string, string> = {}, change = 0): Promise<Uint8Array> => {
    const { bytes } = await po.encodeImage((await made).metamer, { bits });
    const { data, ...pixels } = readPng(bytes);
    data[3] ^= change;
    const recipe = new TextDecoder().decode(await recipeBytes(await made));
    const text = new Map([[RECIPE_KEYWORD, recipe], ...Object.entries(texts)]);
    return writePng({ ...pixels, data }, { text });
  };

  test.each([8, 16] as const)("of %i bits: pixels and exact values", async (bits) => {
    const found = await verify(await png(bits), { image });
    expect(found.verdict).toBe("identical");
    expect(found.text).toMatch(new RegExp(`the pixels of the file \\(${bits} bits\\) are those of the result$`));
  });

  test("with its target inside it needs nothing else", async () => {
    const bytes = await png(8, { "plenoptic-target": targetText(image) });
    expect(await verify(bytes)).toMatchObject({ verdict: "identical" });
    const other = await png(8, { "plenoptic-target": targetText(picture(1)) });
    expect(await verify(other)).toMatchObject({ verdict: "cannot", reason: "image" });
  });

  test("of saveImage, gray or in colour: with its recipe, and its target if asked for", async () => {
    const recipe = await (await made).recipe();
    const { bytes } = await po.encodeImage((await made).metamer, { bits: 16, recipe, target: image });
    expect(await verify(bytes)).toMatchObject({ verdict: "identical" });
    const colours = po.concat([picture(0), picture(1), picture(2)], 1).detach() as po.Tensor<"float64">;
    const coloured = new po.Metamer(colours, new po.models.Identity());
    await coloured.synthesize({ maxIter: 2 });
    const given = { recipe: await coloured.recipe(), target: colours };
    const encoded = await po.encodeImage(coloured.metamer, given);
    const found = await verify(encoded.bytes);
    expect(found.text).toMatch(/^identical: .*; the pixels of the file \(8 bits\) are those of the result$/);
    const { text } = readPng(encoded.bytes);
    expect(JSON.parse(text?.get(RECIPE_KEYWORD) ?? "")).toMatchObject({
      exports: [{ file: "image.png", bits: 8, encoding: "linear", pixels: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    await expect(po.encodeImage(image, { recipe })).rejects.toThrow(/not the result of the recipe/);
    await expect(po.encodeImage((await made).metamer, { recipe, target: picture(1) })).rejects.toThrow(/target is not/);
    await expect(po.encodeImage(image, { target: image })).rejects.toThrow(/give recipe too/);
    await expect(po.encodeImage(image, { recipe: {} })).rejects.toThrow(TypeError);
  });

  test("whose pixels were changed", async () => {
    const found = await verify(await png(8, {}, 1), { image });
    expect(found.verdict).toBe("differs");
    expect(found.text).toMatch(/the exact values are made again .* but 1 pixel of the file is another/);
  });

  test("without a recipe", async () => {
    const { bytes } = await po.encodeImage(image);
    expect(await verify(bytes)).toMatchObject({ verdict: "cannot", reason: "no recipe" });
  });
});

describe("two results", () => {
  test("the same", async () => {
    const found = await compare(await (await made).toBytes(), await recipeBytes(await made));
    expect(found).toMatchObject({ verdict: "identical", sameRecipe: true, parting: null });
    expect(found.text).toMatch(/^the same bits, the same recipe: SHA-256/);
  });

  test("of other recipes, and where they part", async () => {
    const other = await metamer(STEPS, { scheduler: po.optim.StepLR({ stepSize: 5, gamma: 0.5 }) });
    const exact = await compare(await (await made).toBytes(), await other.toBytes());
    expect(exact).toMatchObject({
      verdict: "differs",
      sameRecipe: false,
      different: "list of calls",
      parting: { by: 6 },
    });
    const short = await compare(await recipeBytes(await made), await recipeBytes(other));
    expect(short).toMatchObject({ verdict: "differs", parting: { after: 4, by: 8 } });
  });

  test("of one recipe, one of them changed", async () => {
    const found = await compare(await (await made).toBytes(), await changed("metamer", 3));
    expect(found).toMatchObject({ verdict: "differs", sameRecipe: true });
    expect(found.text).toContain("is not what its own recipe says");
  });
});

test("two results, one a PNG file whose pixels were changed", async () => {
  const recipe = await (await made).recipe();
  const { bytes } = await po.encodeImage((await made).metamer, { recipe });
  const saved = await (await made).toBytes();
  expect(await compare(bytes, saved)).toMatchObject({ verdict: "identical" });
  const { data, text, ...pixels } = readPng(bytes);
  data[7] ^= 1;
  const found = await compare(writePng({ ...pixels, data }, { text: text! }), saved);
  expect(found).toMatchObject({ verdict: "differs" });
  expect(found.text).toContain("is not what its own recipe says");
});

describe("run", () => {
  test("makes what a recipe says, as the object that made it", async () => {
    const steps: number[] = [];
    const works: po.replay.ReplayWork[] = [];
    const again = (await po.replay.run(await recipeBytes(await made), {
      image,
      onProgress: ({ step }) => steps.push(step),
      onWork: (work) => works.push(work),
    })) as po.Metamer;
    expect(again).toBeInstanceOf(po.Metamer);
    expect(await again.recipe()).toEqual(await (await made).recipe());
    expect(await po.hashTensor(again.metamer)).toBe(await po.hashTensor((await made).metamer));
    expect(again.losses).toEqual((await made).losses);
    expect(steps).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(works).toEqual([
      { text: "Metamer of float64 [1, 1, 16, 16] under Gaussian: 11 steps of Adam", steps: STEPS, taken: 0 },
    ]);
  });

  test("refuses what cannot be run", async () => {
    await expect(po.replay.run(await recipeBytes(await made))).rejects.toThrow(po.replay.CannotReplay);
  });
});
