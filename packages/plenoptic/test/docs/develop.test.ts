// The examples of docs/develop are right: their files, which begin with a comment that says where they belong, are written
// here, and their tests run.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { checkMetricCard } from "../metric/checkMetricCard.ts";
import { checkModelCard } from "../models/checkModelCard.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PAGES = `${ROOT}docs/develop/`;
/** Inside the project, so that imports are found; folders of this name are not committed. */
const FOLDER = fileURLToPath(new URL("./dist/", import.meta.url));

/** The files that a page shows, by the paths where they belong. */
async function filesOf(page: string): Promise<Map<string, string>> {
  const text = await readFile(PAGES + page, "utf8");
  const blocks = text.matchAll(/^```ts\n\/\/ (packages\/\S+\.ts)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path, code]) => [path, code]));
}

/** Where an example's file is written; no name of a test, so that it is run from here only. */
const placeOf = (path: string): string => `${FOLDER}${path.replace(/\.test\.ts$/, ".example.ts")}`;

/** Imports by path lead to the other files of the example, and else to the project. */
function rewired(path: string, code: string, files: ReadonlyMap<string, string>): string {
  return code.replace(/from "(\.[^"]+)"/g, (_, cited: string) => {
    const meant = posix.join(posix.dirname(path), cited);
    return `from ${JSON.stringify(files.has(meant) ? placeOf(meant) : ROOT + meant)}`;
  });
}

/** The pages whose examples have a card, which must hold like those of the library. */
const CARDS: ReadonlyMap<string, (file: Readonly<Record<string, never>>) => void> = new Map([
  ["model.md", ({ blockEnergyCard }: Readonly<Record<string, never>>) => checkModelCard(blockEnergyCard)],
  ["metric.md", ({ edgeMseCard }: Readonly<Record<string, never>>) => checkMetricCard(edgeMseCard)],
]);

await rm(FOLDER, { recursive: true, force: true });
afterAll(() => rm(FOLDER, { recursive: true }));

const pages = (await readdir(PAGES)).sort();

test("there is a page for everything that is added often", () => {
  expect(pages).toEqual(["file-format.md", "metric.md", "model.md", "op.md", "subcommand.md"]);
});

for (const page of pages.filter((name) => name !== "op.md")) {
  const files = await filesOf(page);
  for (const [path, code] of files) {
    await mkdir(dirname(placeOf(path)), { recursive: true });
    await writeFile(placeOf(path), rewired(path, code, files));
  }
  const tests = [...files.keys()].filter((path) => path.endsWith(".test.ts"));
  const check = CARDS.get(page);
  const cards = [...files.keys()].filter((path) => path.endsWith("/card.ts"));
  test(`${page} shows a file and its test${check ? ", and a card" : ""}`, () => {
    expect([files.size - cards.length, tests.length, cards.length]).toEqual([2, 1, check ? 1 : 0]);
  });
  describe(page, async () => {
    for (const path of tests) await import(/* @vite-ignore */ placeOf(path));
    for (const path of cards) check?.(await import(/* @vite-ignore */ placeOf(path)));
  });
}
