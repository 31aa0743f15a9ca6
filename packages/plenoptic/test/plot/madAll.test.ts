// Figures of four MAD competitions together.

import { array, checkWellFormed, lines, madSynthesis, pictures, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { madImshowAll, madLossAll } from "../../src/plot/madAll.ts";
import type { MadSource } from "../../src/plot/sources.ts";

/** A competition whose image is gray of this value. */
function gray(value: number, optimized: readonly number[], reference: readonly number[]): MadSource {
  const madImage = array([value, value, value, value], [1, 1, 2, 2]);
  return {
    ...madSynthesis(
      optimized.map(() => 1),
      { optimized, reference },
    ),
    madImage,
  };
}

const all = [
  gray(0.2, [5, 1], [3, 3]),
  gray(0.4, [3, 0], [5, 5, 5]),
  gray(0.6, [5, 9], [3, 3]),
  gray(0.8, [3, 8], [5, 5]),
] as const;
const names = { metric1Name: "apples", metric2Name: "pears" };

describe("madImshowAll", () => {
  it("shows reference and start above, then a column for each metric", async () => {
    const { svg } = await madImshowAll(...all, { ...names, zoom: 100, vrange: [0, 1] });
    checkWellFormed(svg);
    expect(texts(svg).filter((text) => /^[A-Z]/.test(text))).toEqual([
      "Reference image",
      "Initial (noisy) image",
      "Minimize apples",
      "Minimize pears",
      "Maximize apples",
      "Maximize pears",
    ]);
    const drawn = pictures(svg);
    expect(drawn.map(({ pixels }) => pixels[0])).toEqual([0, 26, 51, 102, 153, 204]);
    expect(new Set(drawn.map(({ x }) => x)).size).toBe(2);
    expect(new Set(drawn.map(({ y }) => y)).size).toBe(3);
  });

  it("has one scale for all by default", async () => {
    const { svg } = await madImshowAll(...all, { zoom: 1 });
    expect(texts(svg).flatMap((text) => /^[−\d.]+ to [−\d.]+/.exec(text) ?? [])).toEqual(new Array(6).fill("0 to 1"));
  });

  it("names metrics after their functions, or counts them", async () => {
    const named = { ...all[1], optimizedMetric: { name: "mse" } };
    const shown = texts((await madImshowAll(all[0], named, all[2], all[3])).svg);
    expect(shown).toEqual(expect.arrayContaining(["Minimize metric 1", "Maximize mse"]));
  });

  it("shows colour", async () => {
    const rgb = { image: array([0, 0.5, 1], [1, 3, 1, 1]) };
    const colour = (mad: MadSource): MadSource => ({
      ...mad,
      image: rgb.image,
      initialImage: rgb.image,
      madImage: rgb.image,
    });
    const [a, b, c, d] = all.map(colour) as [MadSource, MadSource, MadSource, MadSource];
    expect(pictures((await madImshowAll(a, b, c, d, { zoom: 1 })).svg)[3].pixels).toEqual([0, 128, 255]);
    expect(
      pictures((await madImshowAll(a, b, c, d, { zoom: 1, channelIdx: 2, vrange: [0, 2] })).svg)[3].pixels,
    ).toEqual([128]);
  });

  it("refuses what has not begun", async () => {
    const fresh = { ...all[0], initialImage: null };
    await expect(madImshowAll(fresh, all[1], all[2], all[3])).rejects.toThrow(/nothing has been synthesized yet/);
    await expect(madImshowAll(...all, { name1: "x" } as object)).rejects.toThrow(/no option "name1"/);
  });
});

describe("madLossAll", () => {
  it("draws each metric as it went in all four, the minimizing ones dashed", async () => {
    const { svg } = await madLossAll(...all, names);
    checkWellFormed(svg);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["apples", "pears", "min apples", "max apples", "min pears", "max pears"]),
    );
    expect(lines(svg)).toHaveLength(8);
    const dashed = [...svg.matchAll(/<path d="[^"]*" fill="none" stroke="(#\w+)"[^>]*stroke-linecap="round"([^>]*)>/g)];
    expect(dashed.map(([, , rest]) => rest.includes("dasharray"))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    const [first, second, third, fourth] = dashed.map(([, colour]) => colour);
    expect(first).toBe(second);
    expect(third).toBe(fourth);
    expect(first).not.toBe(third);
    // In the first chart, the first metric falls, rises, and stays where the other was optimized.
    const ends = lines(svg).map(([points]) => points.at(-1)! - points[1]);
    expect(ends[0]).toBeGreaterThan(0);
    expect(ends[1]).toBeLessThan(0);
    expect(ends.slice(2, 4)).toEqual([0, 0]);
    expect(ends.slice(4, 6)).toEqual([0, 0]);
    expect(ends[6]).toBeGreaterThan(0);
    expect(ends[7]).toBeLessThan(0);
  });

  it("is as wide as the longest of them", async () => {
    const { svg } = await madLossAll(...all, names);
    const [[short], , [long]] = lines(svg);
    expect(long.at(-2)).toBeGreaterThan(short.at(-2)! + 100);
  });

  it("refuses what has not begun", async () => {
    const fresh = madSynthesis([], { optimized: [], reference: [] });
    await expect(madLossAll(all[0], fresh, all[2], all[3])).rejects.toThrow(/not all four have been synthesized yet/);
  });
});
