// What a recipe says beyond the calls: contract and version, names, short hashes of the image on its way, how a start was drawn.

import { hashTensor } from "@plenoptic-js/tensor";
import { afterAll, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import type { OwnRecipe } from "../../src/recipe.ts";
import { imageOf, methods, picture } from "./methods.ts";

afterAll(po.warnings.on(() => {}));

const recipeOf = async (made: { recipe(): Promise<unknown> }): Promise<OwnRecipe> => (await made.recipe()) as OwnRecipe;

test.each(methods)("$name: the image after steps 1, 2, 4 and 8, over calls, saves and loads", async (method) => {
  po.setSeed(0);
  const made = method.make();
  await made.setup(method.start());
  const hashes: Record<number, string> = {};
  const onProgress = async ({ iteration }: po.Progress): Promise<void> => {
    hashes[iteration] = (await hashTensor(imageOf(made))).slice(0, 16);
  };
  await made.synthesize({ maxIter: 3, onProgress, ...method.options });
  const loaded = method.make();
  await loaded.load(await made.toBytes());
  await made.synthesize({ maxIter: 6, ...method.options });
  await loaded.synthesize({ maxIter: 6, ...method.options });
  const { marks = [], numerics, recipe, versions } = await recipeOf(made);
  expect(marks.map(([step]) => step)).toEqual([1, 2, 4, 8]);
  expect(marks.slice(0, 2)).toEqual([
    [1, hashes[1]],
    [2, hashes[2]],
  ]);
  expect((await recipeOf(loaded)).marks).toEqual(marks);
  expect({ numerics, recipe, versions }).toEqual({
    numerics: po.NUMERICS_VERSION,
    recipe: 1,
    versions: { "plenoptic-js": po.version },
  });
});

test("what the library has is named, what is a user's own is not", async () => {
  const named = new po.Metamer(picture(), new po.models.Identity(), { lossFunction: po.loss.l2Norm });
  expect((await recipeOf(named)).options).toMatchObject({
    lossFunction: { name: "l2Norm" },
    penaltyFunction: { name: "penalizeRange" },
  });
  const mine = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).square().sum();
  const own = new po.Metamer(picture(), new po.models.Identity(), { lossFunction: mine });
  expect((await recipeOf(own)).options.lossFunction).toEqual({ fingerprint: own.fingerprints.lossFunction });
  const mad = new po.MADCompetition(picture(), po.metric.mse, po.metric.oneMinusSsim, "min", { constrained: true });
  expect((await recipeOf(mad)).options).toMatchObject({
    optimizedMetric: { name: "mse" },
    referenceMetric: { name: "oneMinusSsim" },
  });
});

test("the image is the one it was made with, whatever its precision became", async () => {
  const made = new po.Metamer(picture(), new po.models.Identity());
  made.to("float32");
  expect((await recipeOf(made)).image).toMatchObject({ dtype: "float64", sha256: await hashTensor(picture()) });
});

test("a start that the library drew says how, one that was given does not, and stands in the file", async () => {
  const begun = async (initialImage: po.Tensor): Promise<po.Metamer> => {
    const made = new po.Metamer(picture(), new po.models.Identity());
    await made.setup({ initialImage });
    return made;
  };
  const startIn = async (made: po.Metamer): Promise<unknown> => (await recipeOf(made)).calls[0].options.initialImage;
  const drawn = await begun(po.presets.textureStart(picture()));
  expect(await startIn(drawn)).toMatchObject({ drawn: { kind: "texture", random: { torch: expect.any(String) } } });
  const given = await begun(picture(3));
  expect(Object.keys((await startIn(given)) as object)).toEqual(["dtype", "shape", "sha256"]);
  const arraysOf = async (made: po.Metamer): Promise<unknown> => {
    const metadata = (await po.io.loadFile(await made.toBytes())).get("save_metadata") as Map<unknown, unknown>;
    return (metadata.get("plenoptic_js_arrays") as Map<unknown, po.io.PtTensor> | undefined)
      ?.get("initialImage")
      ?.data();
  };
  expect(await arraysOf(drawn)).toBeUndefined();
  expect(await arraysOf(given)).toEqual(picture(3).dataSync());
  // Over a load, too.
  const loaded = new po.Metamer(picture(), new po.models.Identity());
  await loaded.load(await given.toBytes());
  expect(await arraysOf(loaded)).toEqual(picture(3).dataSync());
});

test("a weight that was guessed is told from one that was given", async () => {
  const make = (options: po.MADCompetitionOptions): po.MADCompetition =>
    new po.MADCompetition(picture(), po.metric.mse, po.metric.oneMinusSsim, "min", options);
  expect((await recipeOf(make({}))).random.guessedWeight).toBe(true);
  expect((await recipeOf(make({ metricTradeoffLambda: 10 }))).random.guessedWeight).toBeUndefined();
  expect((await recipeOf(make({ constrained: true }))).random.guessedWeight).toBeUndefined();
});

test("a step whose numbers were not finite is in it, for it makes L-BFGS forget", async () => {
  const made = new po.Metamer(
    picture(),
    po.model("steep", (x) => x.sub(0.5).mul(40).exp()),
  );
  await made.setup({ optimizer: po.optim.SGD({ lr: 1e300 }) });
  await expect(made.synthesize({ maxIter: 5 })).rejects.toThrow(po.NonFiniteError);
  expect((await recipeOf(made)).calls.at(-1)).toMatchObject({
    call: "synthesize",
    options: { maxIter: made.numIter, failed: "nonFinite" },
  });
});
