// The golden cases of the reference library that are small enough to be kept here (data/golden), by the same code that
// `npm run conformance` uses on a whole folder.

import { fileURLToPath } from "node:url";
import { readIndex } from "@plenoptic-js/proof/conformance/format";
import { handlers } from "@plenoptic-js/proof/conformance/handlers";
import known from "@plenoptic-js/proof/conformance/known-differences.json" with { type: "json" };
import { KnownDifferences, runCase } from "@plenoptic-js/proof/conformance/run";
import { describe, expect, test } from "vitest";

const folder = fileURLToPath(new URL("./data/golden", import.meta.url));

/**
 * What differs, and is meant to: the kernels of Linear, what the reference records with L-BFGS, and the order of its smallest
 * eigenvalues.
 */
const DIFFERENT = ["models.Linear (convolution kernels)", "metamer_gaussian_64_lbfgs", "eig_power_onoff_16_k2"];

describe("golden cases", () => {
  const cases = readIndex(folder);
  test.each(cases.map((golden) => [golden.name, golden] as const))("%s", async (_, golden) => {
    const { outcome, detail } = await runCase(folder, golden, handlers, new KnownDifferences(known));
    expect({ outcome, detail }).toEqual({
      outcome: [golden.function, golden.name].some((x) => DIFFERENT.includes(x)) ? "known difference" : "passed",
      detail,
    });
  });
});
