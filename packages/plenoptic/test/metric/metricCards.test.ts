// The cards of the metrics: each by itself, and all together.

import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { metricCards } from "../../src/metric/cards.ts";
import { checkMetricCard } from "./checkMetricCard.ts";

for (const card of metricCards) checkMetricCard(card);

test("all metrics in po.metric have a card, or are the distance of one, or are made of models", () => {
  const functions = metricCards.flatMap(({ compute, functionName, distance }) => [
    [functionName, compute],
    ...(distance.name in po.metric ? [[distance.name, distance.compute]] : []),
  ]);
  const { modelMetricFactory: _, ...all } = po.metric;
  expect(Object.fromEntries(functions)).toEqual({ ...all });
  expect(new Set(metricCards.map(({ name }) => name)).size).toBe(metricCards.length);
});

test("the cards have Python's names", () => {
  expect(metricCards.map(({ pythonName }) => pythonName)).toEqual([
    "plenoptic.metric._naive.mse",
    "plenoptic.metric._perceptual_distance.ssim",
    "plenoptic.metric._perceptual_distance.ms_ssim",
    "plenoptic.metric._perceptual_distance.nlpd",
  ]);
});
