// The table of docs/figures.md names every function of po.plot, and nothing else.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as po from "../../src/index.ts";

test("the table of figures is complete", async () => {
  const page = await readFile(new URL("../../../../docs/figures.md", import.meta.url), "utf8");
  const named = [...page.matchAll(/^\| `(\w+)` \| \S.* \|$/gm)].map(([, name]) => name);
  const functions = Object.keys(po.plot).filter((name) => !["Figure", "AnimatedFigure"].includes(name));
  expect(new Set(named)).toEqual(new Set(functions));
  expect(named).toHaveLength(functions.length);
});
