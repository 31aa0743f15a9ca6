// The cards of losses: each by itself, and all together.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { lossCards, lossFactoryCards } from "../../src/loss/cards.ts";
import { savedName } from "../../src/synthesis/saving/dictionary/names.ts";

const noise = (shape: readonly number[], seed: number): po.Tensor =>
  po.tensor(
    new po.TorchGenerator(seed).rand(
      shape.reduce((a, b) => a * b, 1),
      "float64",
    ),
    { shape },
  );

describe.each(lossCards)("the card of $name", ({ name, pythonName, takes, compute }) => {
  test("is that of the function in po.loss, which files call what it says", () => {
    expect(po.loss).toHaveProperty(name, compute);
    expect(savedName(compute)).toBe(pythonName);
    expect(pythonName.replaceAll("_", "")).toBe(`plenoptic.loss.${name}`.toLowerCase());
  });

  test("has a loss of every representation and every part of one: 0 for the target, else above", () => {
    for (const shape of [
      [1, 2, 5],
      [1, 1, 1],
      [2, 1, 4, 4],
    ]) {
      const [target, other] = [noise(shape, 1), noise(shape, 2)];
      expect(compute(target, target).itemSync()).toBe(0);
      const loss = compute(other, target);
      expect(loss.shape).toEqual([]);
      expect(loss.itemSync()).toBeGreaterThan(0);
    }
  });

  test("knows which representations it takes", () => {
    const [target, other] = [1, 3].map((seed) => po.complex(noise([1, 1, 6], seed), noise([1, 1, 6], seed + 1)));
    const use = () => compute(other, target).itemSync();
    if (takes === "real") expect(use).toThrow(/complex128/);
    else expect(use()).toBeGreaterThan(0);
  });
});

const model = new po.models.PortillaSimoncelli([16, 16], { nScales: 2, nOrientations: 2, spatialCorrWidth: 3 });
const image = noise([1, 1, 16, 16], 5);

test.each(lossFactoryCards)(
  "the card of $name is that of the function in po.loss, and makes a loss",
  ({ name, create }) => {
    expect(po.loss).toHaveProperty(name);
    const loss = create(model, image);
    const target = model.forward(image);
    expect(loss(target, target).itemSync()).toBe(0);
    expect(loss(model.forward(noise([1, 1, 16, 16], 6)), target).itemSync()).toBeGreaterThan(0);
    const inFull = po.loss[name as "portillaSimoncelliLossFactory"](model, image);
    expect(loss(target.mul(2), target).itemSync()).toBe(inFull(target.mul(2), target).itemSync());
  },
);

test("all of po.loss have a card, and names of their own", () => {
  const names = [...lossCards, ...lossFactoryCards].map(({ name }) => name);
  expect([...names].sort()).toEqual(Object.keys(po.loss).sort());
  expect(new Set(names).size).toBe(names.length);
});
