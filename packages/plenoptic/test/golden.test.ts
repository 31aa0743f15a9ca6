// The golden cases of the reference library that are small enough to be kept here (data/golden), by the same code that
// `npm run conformance` uses on a whole folder.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readIndex } from "../../../scripts/conformance/format.ts";
import { handlers } from "../../../scripts/conformance/handlers.ts";
import { runOptimGolden } from "../../../scripts/conformance/optim.ts";
import { type KnownDifference, KnownDifferences, runCase } from "../../../scripts/conformance/run.ts";

const folder = fileURLToPath(new URL("./data/golden", import.meta.url));
const differences = new URL("../../../scripts/conformance/known-differences.json", import.meta.url);
const known = JSON.parse(readFileSync(differences, "utf8")) as KnownDifference[];

/** Only the kernels of Linear differ, and are meant to. */
const DIFFERENT = "models.Linear (convolution kernels)";

describe("golden cases", () => {
  const cases = readIndex(folder);
  test.each(cases.map((golden) => [golden.name, golden] as const))("%s", async (_, golden) => {
    const { outcome, detail } = await runCase(folder, golden, handlers, new KnownDifferences(known));
    expect({ outcome, detail }).toEqual({
      outcome: golden.function === DIFFERENT ? "known difference" : "passed",
      detail,
    });
  });
});

describe("golden cases of the optimizers", () => {
  const results = [...runOptimGolden(`${folder}/optim`)];
  test.each(results.map((result) => [result.name, result] as const))("%s", (name, { outcome, detail }) => {
    expect({ outcome, detail }).toEqual({ outcome: /adamw/.test(name) ? "not supported" : "passed", detail });
  });
});
