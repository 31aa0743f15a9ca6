// Jobs: recipes without a result. What is made of one has the bits of a program that does the same.

import { afterAll, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { metamer, picture, recipeBytes } from "./results.ts";

afterAll(po.warnings.on(() => {}));

type Parts = { [part: string]: unknown } & {
  options: { [option: string]: unknown };
  calls: { call: string; options: { [option: string]: unknown } }[];
};

/** The recipe of something, as the job that it was: no result, the seed in the place of states. */
const jobOf = (
  made: Pick<po.Metamer, "recipe">,
  seed: number,
  change: (job: Parts) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> =>
  recipeBytes(made, (recipe) => {
    delete recipe.result;
    delete recipe.marks;
    recipe.random = { seed };
    change(recipe as unknown as Parts);
  });

test("a job makes the bits that a program makes, from the seed alone", async () => {
  const made = await metamer(6);
  const job = await jobOf(made, 3);
  const again = await po.replay.run(job, { image: picture() });
  expect(await po.hashTensor((again as po.Metamer).metamer)).toBe(await po.hashTensor(made.metamer));
  // What comes of it has a whole recipe, and is verified as any other.
  const file = await (again as po.Metamer).toBytes();
  expect(await po.replay.verify(file)).toMatchObject({ verdict: "identical" });
  expect(await po.replay.compare(file, await made.toBytes())).toMatchObject({
    verdict: "identical",
    sameRecipe: true,
  });
});

test("of a texture, a job names the loss and the start; neither hash is needed", async () => {
  po.setSeed(5);
  const image = picture(0, 32);
  const model = new po.models.PortillaSimoncelli([32, 32], { nScales: 1 });
  const options = { lossFunction: po.loss.portillaSimoncelliLossFactory(model, image) };
  const made = new po.Metamer(image, model, options);
  await made.setup({ initialImage: po.presets.textureStart(image) });
  await made.synthesize({ maxIter: 2, stopCriterion: null });
  const job = await jobOf(made, 5, ({ options, calls }) => {
    options.lossFunction = { name: "portillaSimoncelliLossFactory" };
    calls[0].options.initialImage = { drawn: { kind: "texture" } };
  });
  const again = (await po.replay.run(job, { image })) as po.Metamer;
  expect(await po.hashTensor(again.metamer)).toBe(await po.hashTensor(made.metamer));
  // A checkpoint of the job is one of its own.
  po.setSeed(5);
  const early = new po.Metamer(image, model, options);
  await early.setup({ initialImage: po.presets.textureStart(image) });
  await early.synthesize({ maxIter: 1, stopCriterion: null });
  const rest = (await po.replay.run(job, { image, from: await early.toBytes() })) as po.Metamer;
  expect(await po.hashTensor(rest.metamer)).toBe(await po.hashTensor(made.metamer));
});

test("a job stops by its own rules: its steps are those at most", async () => {
  const job = await jobOf(await metamer(3), 3, ({ calls }) => {
    Object.assign(calls[1].options, { maxIter: 300, stopRtol: 0.9, stopItersToCheck: 5 });
  });
  const again = (await po.replay.run(job, { image: picture() })) as po.Metamer;
  expect(again.numIter).toBeGreaterThan(0);
  expect(again.numIter).toBeLessThan(300);
  expect(await po.replay.verify(await again.toBytes())).toMatchObject({ verdict: "identical" });
});

test("there is nothing in a job to verify or compare", async () => {
  const made = await metamer(2);
  const job = await jobOf(made, 3);
  const found = await po.replay.verify(job, { image: picture() });
  expect(found).toMatchObject({ verdict: "cannot", reason: "no result" });
  expect(found.text).toMatch(/is a job, of which nothing was made yet/);
  await expect(po.replay.compare(job, await made.toBytes())).rejects.toThrow(/is a job/);
});

test("neither seed nor states, or a start without a way to draw it, is no job", async () => {
  const made = await metamer(1);
  const without = await jobOf(made, 3, (job) => {
    job.random = {};
  });
  await expect(po.replay.read(without)).rejects.toThrow(/it holds no recipe: #/);
  const start = await jobOf(made, 3, ({ calls }) => {
    calls[0].options.initialImage = { drawn: { kind: "noise" } };
  });
  await expect(po.replay.read(start)).rejects.toThrow(/it holds no recipe: #/);
});
