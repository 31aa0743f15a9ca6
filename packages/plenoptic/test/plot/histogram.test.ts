// Histograms: every value is in its bin.

import { array, checkWellFormed, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { histogram } from "../../src/plot/histogram.ts";
import type { ArraySource } from "../../src/plot/sources.ts";

/** Share of each bin, read from the outlines. */
function outlines(svg: string): number[][] {
  return [...svg.matchAll(/<path d="M[^,]+,([^V"]+)V([^"]+)" fill="#/g)].map(([, base, rest]) => {
    const heights = rest.split("V").map((step) => Number(base) - Number(step.split("H")[0]));
    const total = heights.reduce((sum, height) => sum + height, 0);
    return heights.slice(0, -1).map((height) => height / total);
  });
}

describe("histogram", () => {
  it("counts each value in its bin, the highest in the last", async () => {
    const { svg } = await histogram(array([0, 1, 1, 2, 2, 2, 3, 4], [1, 1, 2, 4]), { bins: 4 });
    expect(outlines(svg)[0].map((share) => Math.floor(share * 8 + 0.5))).toEqual([1, 2, 3, 2]);
    checkWellFormed(svg);
  });

  it("shows no comb where 8-bit levels are equally frequent", async () => {
    const levels = Array.from({ length: 256 }, (_, i) => i / 255);
    const shares = outlines((await histogram(array(levels, [1, 1, 16, 16]))).svg)[0];
    expect(shares).toHaveLength(64);
    for (const share of shares) expect(share).toBeCloseTo(1 / 64, 4);
  });

  it("gives other data 50 bins, and a constant one peak", async () => {
    const wide = await histogram(array([0, 10, 20, 30], [1, 1, 2, 2]));
    expect(outlines(wide.svg)[0]).toHaveLength(50);
    const flat = outlines((await histogram(array([3, 3], [1, 1, 1, 2]))).svg)[0];
    expect(flat.filter((share) => share > 0)).toEqual([1]);
  });

  it("uses the same bins for all arrays", async () => {
    const { svg } = await histogram([array([0, 0, 4, 4], [1, 4]), array([1, 1], [1, 2])], { bins: 4 });
    const [first, second] = outlines(svg);
    expect(first).toEqual([0.5, 0, 0, 0.5]);
    expect(second).toEqual([0, 1, 0, 0]);
  });

  // An array of two axes is [batch, n], as models give it: docs/figures.md.
  it.each([[[2, 1, 1, 2]], [[2, 2]]])("takes the first batch member of %j unless told otherwise", async (shape) => {
    const both = array([0, 0, 8, 8], shape);
    const summary = async (options: object): Promise<string> =>
      /<desc>(.*?)<\/desc>/.exec((await histogram(both, options)).svg)![1];
    expect(await summary({})).toBe("Histogram of values from 0 to 0.");
    expect(await summary({ batchIdx: 1 })).toBe("Histogram of values from 8 to 8.");
    expect(await summary({ batchIdx: null })).toBe("Histogram of values from 0 to 8.");
  });

  it("takes all of an array that has no batch: one axis, or none", async () => {
    for (const options of [{}, { batchIdx: null }]) {
      const { svg } = await histogram(array([0, 1, 1, 4], [4]), { bins: 4, ...options });
      expect(outlines(svg)[0]).toEqual([0.25, 0.5, 0, 0.25]);
    }
    expect((await histogram(array([3], []))).svg).toContain("<desc>Histogram of values from 3 to 3.</desc>");
    await expect(histogram(array([1, 2], [2]), { batchIdx: 1 })).rejects.toThrow(/batchIdx must be .* from 0 to 0/);
  });

  it("names the arrays in a legend and escapes the names", async () => {
    const { svg } = await histogram([array([1, 2], [1, 2]), array([2, 3], [1, 2])], {
      labels: ["a<b", "c"],
      title: "T & U",
      xlabel: "luminance",
    });
    checkWellFormed(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(["T &amp; U", "a&lt;b", "c", "luminance"]));
  });

  it("leaves out values that are not finite and says so", async () => {
    const { svg } = await histogram(array([Number.NaN, 1, 2, Number.NEGATIVE_INFINITY], [1, 4]), { bins: 2 });
    expect(outlines(svg)[0]).toEqual([0.5, 0.5]);
    expect(texts(svg)).toContain("2 values are not finite and are left out");
  });

  it.each<[string, ArraySource, object, RegExp]>([
    ["nothing finite", array([Number.NaN], [1, 1]), {}, /no finite value/],
    ["empty", array([], [1, 0]), {}, /has nothing to plot/],
    ["bins", array([1, 2], [1, 2]), { bins: 0 }, /bins must be a whole number from 1 to 10000, got 0/],
    ["bins", array([1, 2], [1, 2]), { bins: 2.5 }, /got 2\.5/],
    ["labels", array([1, 2], [1, 2]), { labels: ["a", "b"] }, /2 labels for 1 arrays/],
    ["batchIdx", array([1, 2], [1, 2]), { batchIdx: 1 }, /batchIdx must be/],
    ["option", array([1, 2], [1, 2]), { bin: 3 }, /histogram has no option "bin"/],
  ])("refuses: %s", async (_, data, options, message) => {
    await expect(histogram(data, options)).rejects.toThrow(message);
  });
});
