// Whether a loss is of squares or a norm, as its card says.

import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { lossCards } from "../../src/loss/cards.ts";

test.each(lossCards)("$name: twice the difference is twice a norm, and four times a square", ({ measure, compute }) => {
  const target = po.tensor([1, 2, 3], { dtype: "float64" });
  const [once, twice] = [1.5, 2].map((factor) => compute(target.mul(factor), target).itemSync());
  expect(twice / once).toBeCloseTo(measure === "norm" ? 2 : 4, 12);
});
