// The table of promised results, recomputed in a browser.

import { describe, expect, it } from "vitest";
import { cases } from "./cases.ts";
import table from "./table.json" with { type: "json" };

const hashes: Record<string, Record<string, string>> = table.hashes;

describe("the browser gives the committed bits", () => {
  for (const { name, run } of cases) {
    it(name, async () => {
      expect(await run(1)).toEqual(hashes[name]);
    });
  }
});
