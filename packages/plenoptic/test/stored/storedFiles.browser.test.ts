// Files that hold their model, in a page: loaded without the code that made them, verified, and gone on from to the bits of Node.

import { expect, it } from "vitest";
import expected from "../data/withModel/expected.json" with { type: "json" };
import { knownOf, STORED_FILES } from "./storedFiles.ts";

it.each(STORED_FILES)("%s", async (name) => {
  const response = await fetch(new URL(`../data/withModel/${name}.pt`, import.meta.url));
  const known = await knownOf(name, new Uint8Array(await response.arrayBuffer()));
  expect(known).toEqual(expected[name as keyof typeof expected]);
});
