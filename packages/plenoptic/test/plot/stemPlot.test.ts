// Stem plots: heights in proportion, gaps, limits.

import { array, checkWellFormed, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { stemPlot } from "../../src/plot/stemPlot.ts";

/** The paths of a figure's data: the line at 0, the stems, the dots. */
function drawn(svg: string): {
  base: string;
  stems: [x: number, from: number, to: number][];
  dots: [number, number][];
} {
  const base = /<path d="(M[^"]*)" stroke="#1b1f24"/.exec(svg)?.[1] ?? "";
  const stems = /<path d="(M[^"]*)"[^>]*stroke-width="1.25"/.exec(svg)?.[1] ?? "";
  const dots = /<path d="(M[^"]*)"[^>]*stroke-linecap="round"/.exec(svg)?.[1] ?? "";
  return {
    base,
    stems: [...stems.matchAll(/M([\d.]+),([\d.]+)V([\d.]+)/g)].map(([, x, from, to]) => [
      Number(x),
      Number(from),
      Number(to),
    ]),
    dots: [...dots.matchAll(/M([\d.]+),([\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]),
  };
}

describe("stemPlot", () => {
  it("draws a stem from 0 to each value, in proportion, with a dot at its end", async () => {
    const values = [2, -1, 0.5, 0];
    const figure = await stemPlot(array(values, [4]), { title: "Four" });
    checkWellFormed(figure.svg);
    const { stems, dots } = drawn(figure.svg);
    // A value of 0 has a dot and no stem.
    expect(stems).toHaveLength(3);
    expect(dots).toHaveLength(4);
    const [, zero, two] = stems[0];
    stems.forEach(([, from, to], i) => {
      expect(from).toBe(zero);
      expect(zero - to).toBeCloseTo((values[i] / 2) * (zero - two), 1);
    });
    expect(dots[3][1]).toBe(zero);
    expect(new Set(dots.map(([x], i) => (i === 0 ? 0 : Math.round(x - dots[i - 1][0])))).size).toBe(2);
    expect(texts(figure.svg)).toEqual(expect.arrayContaining(["Four", "Index", "Value"]));
    expect(figure.svg).toContain("<desc>Stem plot of Four: 4 values from −1 to 2.</desc>");
  });

  it("takes rows with further axes of size 1", async () => {
    const row = [1, 2, 3];
    const flat = await stemPlot(array(row, [3]));
    expect((await stemPlot(array(row, [1, 1, 3]))).svg).toBe(flat.svg);
    await expect(stemPlot(array([1, 2, 3, 4], [2, 2]))).rejects.toThrow(/one row of numbers, got .* \[2, 2\]/);
  });

  it("counts what is not finite, and leaves gaps", async () => {
    const figure = await stemPlot(array([1, Number.NaN, Number.POSITIVE_INFINITY, 1], [4]));
    expect(drawn(figure.svg).stems).toHaveLength(2);
    expect(texts(figure.svg)).toContain("not drawn: 2 of 4 values, not finite");
    const none = await stemPlot(array([Number.NaN], [1]));
    checkWellFormed(none.svg);
    expect(none.svg).toContain("1 values none of them finite");
  });

  it("cuts off what lies beyond the limits, and says so", async () => {
    const figure = await stemPlot(array([1, 5, -3], [3]), { ylim: [0, 2] });
    const { stems, dots } = drawn(figure.svg);
    expect(dots).toHaveLength(1);
    const top = Math.min(...stems.map(([, , to]) => to));
    // The cut stem ends at the top of the axis, twice as high as the stem of 1.
    expect(stems[0][1] - top).toBeCloseTo(2 * (stems[0][1] - stems[0][2]), 1);
    expect(texts(figure.svg)).toContain("cut off: 2 of 3 values beyond the axis");
  });

  it("breaks the line at 0 where it is told to", async () => {
    const row = array(new Float64Array(10).fill(1), [10]);
    expect(drawn((await stemPlot(row)).svg).base.match(/M/g)).toHaveLength(1);
    expect(
      drawn(
        (
          await stemPlot(row, {
            xvals: [
              [0, 6],
              [3, 9],
            ],
          })
        ).svg,
      ).base.match(/M/g),
    ).toHaveLength(2);
  });

  it("keeps highest and lowest of many values, and the text short", async () => {
    const values = new Float64Array(100_000).fill(0.5);
    values[70_003] = 9;
    values[70_004] = -9;
    const { svg } = await stemPlot(array(values, [values.length]));
    expect(svg.length).toBeLessThan(20_000);
    const { stems, dots } = drawn(svg);
    expect(dots).toEqual([]);
    const ends = stems.map(([, from, to]) => from - to);
    expect(Math.max(...ends)).toBeCloseTo(-Math.min(...ends), 1);
  });

  it.each([
    [{ ylim: [1, 1] }, /ylim must be null or two finite numbers/],
    [{ ylim: [0, Number.NaN] }, /ylim must be null or two finite numbers/],
    [{ xvals: [[0], [3]] }, /xvals must be two lists .* from 0 to 2/],
    [{ xvals: [[0, 1], [2]] }, /xvals must be two lists/],
    [{ colour: "red" }, /stemPlot has no option "colour"/],
  ])("refuses %j", async (options, message) => {
    await expect(stemPlot(array([1, 2, 3], [3]), options as object)).rejects.toThrow(message);
  });
});
