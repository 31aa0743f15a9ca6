// Every recorded case of PyTorch's and NumPy's generators. The runner also serves `npm run conformance`.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runRandomGolden } from "@plenoptic-js/proof/conformance/random";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("../data/random/", import.meta.url));
const outcomes = [...runRandomGolden(folder)];

it("runs every case of every file that binds us", () => {
  const index = JSON.parse(readFileSync(`${folder}index.json`, "utf8")) as {
    files: Record<string, { rule: string; cases: number }>;
  };
  const files = Object.values(index.files).filter((file) => file.rule !== "informative");
  // One more outcome: the share of identical float64 normals.
  expect(outcomes.length).toBe(files.reduce((sum, file) => sum + file.cases, 1));
  expect(outcomes.length).toBe(311);
});

it.each(outcomes)("$name", ({ outcome, detail }) => {
  expect({ outcome, detail }).toEqual({ outcome: "passed", detail: undefined });
});
