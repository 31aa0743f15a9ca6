// Nearest names.

import { describe, expect, it } from "vitest";
import { didYouMean } from "../../src/words/didYouMean.ts";

describe("didYouMean", () => {
  const names = ["gaussian", "linear", "identity"];

  it.each([
    ["gausian", "gaussian"],
    ["guassian", "gaussian"],
    ["Linaer", "linear"],
    ["identiti", "identity"],
  ])("%s: %s", (typed, name) => {
    expect(didYouMean(typed, names)).toBe(`; did you mean "${name}"?`);
  });

  it.each(["", "x", "onoff", "portilla"])("has no idea about %j", (typed) => {
    expect(didYouMean(typed, names)).toBe("");
  });
});
