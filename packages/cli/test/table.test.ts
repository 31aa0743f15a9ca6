// Tables of text, and numbers that sum up many.

import { describe, expect, it } from "vitest";
import { summarize } from "../src/statistics.ts";
import { textTable } from "../src/table.ts";

describe("textTable", () => {
  it("lines up columns, numbers on the right", () => {
    const rows = [
      ["name", "count", "range"],
      ["a", "7", "0 to 1"],
      ["longer", "-1.5e-7", "from 0"],
      ["b", "", "none"],
    ];
    expect(textTable(rows)).toBe(
      "name      count  range\na             7  0 to 1\nlonger  -1.5e-7  from 0\nb                none\n",
    );
  });
});

describe("summarize", () => {
  it("leaves out NaN", () => {
    expect(summarize([3, Number.NaN, -1, 1])).toEqual({ count: 3, mean: 1, min: -1, max: 3 });
    expect(summarize([Number.NaN])).toEqual({ count: 0, mean: Number.NaN, min: Number.NaN, max: Number.NaN });
  });
});
