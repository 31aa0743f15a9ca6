// The samples of pages for users run, each page as one program, and print the numbers that stand beside them.

import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beginningsSaid, oneProgram, printedBy, samplesOf } from "@plenoptic-js/proof/samples/samples";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const before = process.cwd();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pages-"));
  process.chdir(folder);
  await copyFile(`${ROOT}packages/plenoptic/assets/images/house.pgm`, "photo.png");
});
afterAll(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true });
});

test.each(["README.md", "docs/metrics.md", "docs/models.md", "docs/mad.md", "docs/eigendistortion.md"])("%s", async (page) => {
  const program = oneProgram(samplesOf(await readFile(ROOT + page, "utf8")));
  const said = beginningsSaid(program);
  const t=performance.now();
  const printed = await printedBy(program);
  console.error(page, performance.now()-t, printed, said);
  expect(printed.map((line, i) => (said[i] === null ? null : line.slice(0, said[i].length)))).toEqual(said);
});
