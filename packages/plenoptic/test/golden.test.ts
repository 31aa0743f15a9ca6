// The golden cases of the reference library that are small enough to be kept here (data/golden), by the same code that
// `npm run conformance` uses on a whole folder.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readIndex } from "../../../scripts/conformance/format.ts";
import { handlers } from "../../../scripts/conformance/handlers.ts";
import { type KnownDifference, KnownDifferences, runCase } from "../../../scripts/conformance/run.ts";

const folder = fileURLToPath(new URL("./data/golden", import.meta.url));
const differences = new URL("../../../scripts/conformance/known-differences.json", import.meta.url);
const known = JSON.parse(readFileSync(differences, "utf8")) as KnownDifference[];

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
