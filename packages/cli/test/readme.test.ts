// The sample of the README is right: it runs, in a folder that holds its images.

import { readFile } from "node:fs/promises";
import { printedBy, samplesOf } from "@plenoptic-js/proof/samples/samples";
import { expect, it } from "vitest";
import { writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

const samples = samplesOf(await readFile(new URL("../README.md", import.meta.url), "utf8"));

useWorkFolder();

it("runs the command inside a program", async () => {
  expect(samples).toHaveLength(1);
  await writeGray("a.png", 24, 20);
  await writeGray("b.png", 24, 20, 5);
  expect(await printedBy(`${samples[0]}console.log(code);\n`)).toEqual(["0"]);
});
