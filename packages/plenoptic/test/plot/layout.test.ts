// How figures are laid out: zooms that fit, and words in lines.

import { describe, expect, it } from "vitest";
import { fittingZoom } from "../../src/plot/planes.ts";
import { textWidth, wrapText } from "../../src/plot/svg.ts";

describe("fittingZoom", () => {
  it.each([
    [64, 64, 4],
    [256, 100, 1],
    [512, 512, 1 / 2],
    [1024, 768, 1 / 4],
  ])("fills a square of 300 pixels with %i x %i, and stays inside", (height, width, zoom) => {
    expect(fittingZoom(height, width, 300)).toBe(zoom);
  });

  it.each([
    // 7 is the only divisor of both sides, and 43 pixels are too few to see anything.
    [203, 301, 1],
    [397, 401, 1],
    // As it is, it would be far too large.
    [2000, 2500, 1 / 10],
    [203 * 7, 301 * 7, 1 / 49],
  ])("makes %i x %i neither tiny nor huge if it can", (height, width, zoom) => {
    expect(fittingZoom(height, width, 300)).toBe(zoom);
  });
});

describe("wrapText", () => {
  it("cuts at spaces, and long words after underscores", () => {
    const width = textWidth("cross_orientation_", 13);
    expect(wrapText("a cross_orientation_correlation_magnitude b", width, 13)).toEqual([
      "a cross_",
      "orientation_",
      "correlation_",
      "magnitude b",
    ]);
    expect(wrapText("__init__", 1, 13)).toEqual(["__", "init__"]);
  });

  it("leaves words whole that fit, and those it cannot cut", () => {
    const width = textWidth("two_words", 13);
    expect(wrapText("two_words two_words", width, 13)).toEqual(["two_words", "two_words"]);
    expect(wrapText("unbreakable", 10, 13)).toEqual(["unbreakable"]);
  });
});
