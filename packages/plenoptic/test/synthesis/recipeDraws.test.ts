// Recipes of syntheses whose random numbers were not drawn in one go: what others drew in between stands in them.

import { defaultGenerator } from "@plenoptic-js/tensor";
import { afterAll, expect, test } from "vitest";
import * as po from "../../src/index.ts";

afterAll(po.warnings.on(() => {}));

const image = po.tensor(
  Float64Array.from({ length: 144 }, (_, i) => ((i * 37) % 101) / 100),
  { shape: [1, 1, 12, 12] },
);

const makers = {
  Metamer: () => new po.Metamer(image, new po.models.Identity()),
  MADCompetition: () => new po.MADCompetition(image, po.metric.oneMinusSsim, po.metric.mse, "min"),
};

interface Call {
  readonly call: string;
  readonly options: { readonly random?: { readonly torch: string } };
}

const setupOf = async (synthesis: po.Metamer | po.MADCompetition): Promise<Call> => {
  const recipe = await synthesis.recipe();
  const calls = recipe?.calls as unknown as readonly Call[];
  return calls.find(({ call }) => call === "setup") as Call;
};

test.each(Object.entries(makers))("%s: draws in one go need no word", async (_, make) => {
  po.setSeed(0);
  const synthesis = make();
  await synthesis.setup();
  expect((await setupOf(synthesis)).options.random).toBeUndefined();
});

test.each(Object.entries(makers))("%s: with the generator of its setup, the start is made again", async (_, make) => {
  po.setSeed(0);
  const synthesis = make();
  po.rand([3]);
  await synthesis.setup();
  const { random } = (await setupOf(synthesis)).options;
  expect(random).toBeDefined();
  const again = make();
  defaultGenerator().setState(Uint8Array.from(atob(random!.torch), (letter) => letter.charCodeAt(0)));
  await again.setup();
  const imageOf = (made: typeof synthesis): po.Tensor => ("metamer" in made ? made.metamer : made.madImage);
  expect(imageOf(again).dataSync()).toEqual(imageOf(synthesis).dataSync());
});

test("a start that is given draws nothing, so nothing is said", async () => {
  const metamer = makers.Metamer();
  po.rand([3]);
  await metamer.setup({ initialImage: image.mul(0.5) });
  expect((await setupOf(metamer)).options.random).toBeUndefined();
});
