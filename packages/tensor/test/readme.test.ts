// The samples of the README are right: each is run, and prints the comments that have lines of their own.

import { readFile } from "node:fs/promises";
import { linesSaid, printedBy, samplesOf } from "@plenoptic-js/proof/samples/samples";
import { expect, test } from "vitest";

const samples = samplesOf(await readFile(new URL("../README.md", import.meta.url), "utf8"));

test("there are samples, and all of them print", () => {
  expect(samples.map((code) => linesSaid(code).length)).toEqual([2, 2]);
});

test.each(samples.map((code, i) => [i, code] as const))("sample %i prints what it says", async (_, code) => {
  expect(await printedBy(code)).toEqual(linesSaid(code));
});
