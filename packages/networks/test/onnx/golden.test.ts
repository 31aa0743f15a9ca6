// The values of layers and the gradients of small networks from ONNX files (data/golden), by the code that `npm run conformance` uses,
// in both precisions; and the files that must be refused, in time, in the expected words, and without taking much memory.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readIndex } from "@plenoptic-js/proof/conformance/format";
import { handlers } from "@plenoptic-js/proof/conformance/handlers";
import { runHostile } from "@plenoptic-js/proof/conformance/onnx";
import { KnownDifferences, runCase } from "@plenoptic-js/proof/conformance/run";
import { describe, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../data/golden", import.meta.url));

/** A file of an age whose operators are refused. */
const NOT_SUPPORTED = ["pad_attribute"];

describe("golden cases", () => {
  const cases = readIndex(folder);
  test("there are both precisions of all of them", () => {
    expect(cases.map(({ name }) => name).filter((name) => name.endsWith(" (float32)"))).toHaveLength(cases.length / 2);
  });

  test.each(cases.map((golden) => [golden.name, golden] as const))("%s", async (name, golden) => {
    const { outcome, detail } = await runCase(folder, golden, handlers, new KnownDifferences([]));
    const isNot = NOT_SUPPORTED.includes(name.replace(" (float32)", ""));
    expect({ outcome, detail }).toEqual({ outcome: isNot ? "not supported" : "passed", detail });
  });
});

test("files that must be refused are, in the expected words, in under a second", async () => {
  const wrong = [];
  let count = 0;
  for await (const { name, outcome, detail } of runHostile(folder)) {
    count++;
    if (outcome !== "passed") wrong.push(`${name}: ${detail}`);
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(90);
});

test("no file that must be refused takes 200 MB more than an idle process", () => {
  const child = fileURLToPath(new URL("./hostileChild.ts", import.meta.url));
  const flags = ["--import", "tsx", "--conditions=@plenoptic-js/source", "--expose-gc"];
  const printed = execFileSync(process.execPath, [...flags, child, folder], { encoding: "utf8" });
  const { idle, most, files } = JSON.parse(printed) as { idle: number; most: number; files: number };
  const hostile = (JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { hostile: unknown[] }).hostile;
  expect(files).toBe(hostile.length);
  expect((most - idle) / 1e6).toBeLessThan(200);
});
