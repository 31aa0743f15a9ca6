// The table of promised results, recomputed in a browser.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import table from "@plenoptic-js/proof/hashes/table.json" with { type: "json" };
import { describe, expect, it } from "vitest";

const hashes: Record<string, Record<string, string>> = table.hashes;

describe("the browser gives the committed bits", () => {
  for (const { name, run } of cases) {
    it(name, async () => {
      expect(await run(1)).toEqual(hashes[name]);
    });
  }
});
