// The cards of the models: each by itself, and all together.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { modelCards } from "../../src/models/cards.ts";
import { portillaSimoncelliCard } from "../../src/models/portillaSimoncelli/card.ts";
import { textureOptimizer } from "../../src/models/portillaSimoncelli/texturePreset.ts";
import { checkModelCard, defaultsOf } from "./checkModelCard.ts";

for (const card of modelCards) checkModelCard(card);

describe("all cards", () => {
  test("are those of the classes in po.models", () => {
    const classes = Object.fromEntries(modelCards.map((card) => [card.className, card.class]));
    // A network is no choice of numbers, so what is made of one has no card.
    const { DeepNetFeatures, layers, normalize, readOnnx, sequential, ...simple } = po.models;
    expect(classes).toEqual(simple);
    for (const other of [DeepNetFeatures, normalize, readOnnx, sequential]) expect(other).toBeTypeOf("function");
    expect(Object.keys(layers)).toEqual(["conv2d", "linear", "flatten"]);
    expect(new Set(modelCards.map(({ name }) => name)).size).toBe(modelCards.length);
  });

  test("have Python's names", () => {
    expect(modelCards.map(({ pythonName }) => pythonName?.replace("plenoptic.models.", ""))).toEqual([
      "naive.Gaussian",
      "naive.Linear",
      "naive.CenterSurround",
      "frontend.LinearNonlinear",
      "frontend.LuminanceGainControl",
      "frontend.LuminanceContrastGainControl",
      "frontend.OnOff",
      "portilla_simoncelli.PortillaSimoncelli",
      "naive.Identity",
    ]);
  });

  test("share options of the same name, but for the default, and no words otherwise", () => {
    const all = modelCards.flatMap(({ options }) => Object.entries(options));
    const byName = new Map(all);
    for (const [name, { default: _, ...option }] of all) expect(byName.get(name)).toMatchObject(option);
    expect(new Set(all.map(([, { words }]) => words)).size).toBe(byName.size);
  });
});

describe("the card of PortillaSimoncelli", () => {
  const card = portillaSimoncelliCard;
  const options = { nScales: 2, nOrientations: 3, spatialCorrWidth: 4 };

  test("gives every statistic the scale that the model gives it", () => {
    const model = card.create(options, [32, 32]);
    const { scales } = model;
    expect(scales).toHaveLength(5);
    const { length } = model.representationScales;
    const positions = model.convertToDict(
      po.tensor(
        Float64Array.from({ length }, (_, i) => i),
        { shape: [1, 1, length] },
      ),
    );
    const { axes } = card.groups!(options);
    let found = 0;
    for (const [name, group] of positions) {
      const axis = axes[name].findIndex((meaning) => "scale" in meaning);
      const shape = group.shape.slice(2);
      const inner = shape.slice(axis + 1).reduce((count, n) => count * n, 1);
      group.dataSync().forEach((position, at) => {
        if (Number.isNaN(position)) return;
        const scale = axis < 0 ? "pixel_statistics" : axes[name][axis].scale![Math.floor(at / inner) % shape[axis]];
        expect(scale).toBe(model.representationScales[position]);
        found++;
      });
    }
    expect(found).toBe(length);
  });

  test("has the defaults and the preset that the library has", async () => {
    const image = po.tensor(new po.TorchGenerator(0).rand(112 * 112, "float64"), { shape: [1, 1, 112, 112] });
    expect(new po.models.PortillaSimoncelli([112, 112]).options).toMatchObject(defaultsOf(card));
    const recipe = await (await po.presets.texture(image)).recipe();
    expect(JSON.stringify(recipe)).toContain(`"name":"${textureOptimizer().name}"`);
  });
});
