// Figures of one synthesis: loss, norms, image, histogram, and all side by side.

import {
  array,
  checkWellFormed,
  lines,
  madSynthesis,
  pictures,
  synthesis,
  texts,
} from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { synthesisHistogram } from "../../src/plot/synthesisHistogram.ts";
import { synthesisImshow } from "../../src/plot/synthesisImshow.ts";
import { synthesisLoss } from "../../src/plot/synthesisLoss.ts";
import { synthesisNorms } from "../../src/plot/synthesisNorms.ts";
import { type StatusPlot, synthesisStatus } from "../../src/plot/synthesisStatus.ts";

function dots(svg: string): number[][] {
  return [...svg.matchAll(/<circle cx="([^"]+)" cy="([^"]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

describe("synthesisLoss", () => {
  it("draws equal ratios as equal steps, against decades", async () => {
    const { svg } = await synthesisLoss(synthesis([1, 0.1, 0.01, 0.001]));
    checkWellFormed(svg);
    const [[points]] = lines(svg) as [[number[]]];
    const y = [1, 3, 5, 7].map((i) => points[i]);
    expect(y[1] - y[0]).toBeCloseTo(y[2] - y[1], 1);
    expect(y[2] - y[1]).toBeCloseTo(y[3] - y[2], 1);
    expect(y[3]).toBeGreaterThan(y[0]);
    expect(texts(svg)).toEqual(expect.arrayContaining(["1e-3", "1e-2", "1e-1", "1e0", "Synthesis iteration", "Loss"]));
  });

  it("marks the last iteration, or the one asked for", async () => {
    const source = synthesis([1, 0.1, 0.02, 0.001]);
    for (const [iteration, index, value] of [
      [null, 3, "0.001"],
      [2, 2, "0.02"],
      [-4, 0, "1"],
    ] as const) {
      const { svg } = await synthesisLoss(source, { iteration });
      const [[points]] = lines(svg) as [[number[]]];
      expect(dots(svg)).toHaveLength(2);
      expect(dots(svg)[1]).toEqual(points.slice(2 * index, 2 * index + 2));
      expect(texts(svg)).toContain(`iteration ${index}: ${value}`);
    }
  });

  it("takes the weighted penalty off, and draws it when asked", async () => {
    const source = { ...synthesis([1, 0.5]), penalties: Float64Array.of(2, 1) };
    const plain = await synthesisLoss(source);
    expect(texts(plain.svg)).toContain("iteration 1: 0.4");
    expect(lines(plain.svg)).toHaveLength(1);
    const both = await synthesisLoss(source, { plotPenalties: true });
    expect(lines(both.svg)).toHaveLength(2);
    expect(texts(both.svg)).toEqual(expect.arrayContaining(["metamer loss", "penalty"]));
  });

  it("breaks the line at values a logarithm cannot show, and counts them", async () => {
    const { svg } = await synthesisLoss(
      synthesis([1, 0, 0.5, 0.25, Number.NaN, 0.1, -1, Number.POSITIVE_INFINITY, 0.05]),
    );
    expect(lines(svg)[0]).toHaveLength(4);
    expect(texts(svg)).toContain("not drawn: 4 of 9 values, zero, negative or not finite");
    expect(svg).not.toMatch(/="[^"]*(NaN|Infinity)/);
  });

  it("does without the dot where its value cannot be shown", async () => {
    const { svg } = await synthesisLoss(synthesis([1, 0.5, Number.NaN]));
    expect(dots(svg)).toHaveLength(1);
    expect(texts(svg)).toContain("iteration 2: NaN");
  });

  it("draws a loss of zero on a linear axis", async () => {
    const { svg } = await synthesisLoss(synthesis([0, 0, 0]));
    expect(lines(svg)[0]).toHaveLength(1);
    expect(texts(svg)).toEqual(expect.arrayContaining(["iteration 2: 0", "0.0", "1.0"]));
  });

  it("draws nothing but says so when no loss is finite", async () => {
    const { svg } = await synthesisLoss(synthesis([Number.NaN, Number.NaN]));
    expect(texts(svg)).toContain("not drawn: 2 of 2 values, not finite");
    checkWellFormed(svg);
  });

  it("works right after setup", async () => {
    const { svg } = await synthesisLoss(synthesis([0.3]));
    expect(texts(svg)).toContain("iteration 0: 0.3");
    expect(dots(svg)).toHaveLength(2);
  });

  it("stays short over many iterations and keeps the peaks", async () => {
    const losses = Float64Array.from({ length: 100_001 }, (_, i) => (i === 54_321 ? 1e3 : i === 60_000 ? 1e-9 : 1));
    const { svg } = await synthesisLoss(synthesis(losses));
    expect(svg.length).toBeLessThan(60_000);
    const [[points]] = lines(svg) as [[number[]]];
    const y = points.filter((_, i) => i % 2 === 1);
    const level = y[0];
    expect(Math.min(...y)).toBeLessThan(level - 20);
    expect(Math.max(...y)).toBeGreaterThan(level + 20);
  });

  it("keeps the lowest and the highest of a column that begins with a value it cannot draw", async () => {
    const losses = Float64Array.from({ length: 100_001 }, (_, i) => (i % 2 === 0 ? 0 : i === 501 ? 1e-9 : 1));
    const { svg } = await synthesisLoss(synthesis(losses));
    const y = lines(svg)[0].flatMap((points) => points.filter((_, i) => i % 2 === 1));
    expect(Math.max(...y)).toBeGreaterThan(Math.min(...y) + 100);
  });

  it("is the same text every time", async () => {
    const source = synthesis([1, 0.3, 0.07]);
    expect((await synthesisLoss(source)).svg).toBe((await synthesisLoss(source)).svg);
  });

  it.each<[number[], object, RegExp]>([
    [[], {}, /nothing has been synthesized yet; call setup\(\) or synthesize\(\)/],
    [[1, 2], { iteration: 2 }, /whole number from -2 to 1 or null, got 2/],
    [[1, 2], { iteration: -3 }, /got -3/],
    [[1, 2], { iteration: 0.5 }, /got 0\.5/],
    [[1, 2], { iteration: -0.5 }, /got -0\.5/],
    [[1, 2], { iter: 1 }, /no option "iter"/],
  ])("refuses %j %j", async (losses, options, message) => {
    await expect(synthesisLoss(synthesis(losses), options)).rejects.toThrow(message);
  });
});

describe("synthesisNorms", () => {
  it("draws both norms", async () => {
    const { svg } = await synthesisNorms(synthesis([1, 0.5, 0.1]));
    expect(lines(svg)).toHaveLength(2);
    expect(texts(svg)).toEqual(expect.arrayContaining(["gradient", "image change", "L2 norm"]));
  });

  it("needs an iteration", async () => {
    await expect(synthesisNorms(synthesis([1]))).rejects.toThrow(/no iteration has been run yet/);
  });
});

describe("synthesisImshow", () => {
  /** Five iterations, stored at 0, 2, 4 with the values 0, 0.01, 0.02; the current one is 0.03. */
  const source = synthesis([6, 5, 4, 3, 2, 1], 2);

  it.each([
    [null, 5, 3],
    [5, 5, 3],
    [-1, 5, 3],
    [0, 0, 0],
    [1, 0, 0],
    [2, 2, 1],
    [3, 4, 2],
    [-2, 4, 2],
  ])("iteration %s shows the image stored at %s", async (iteration, shown, value) => {
    const { svg } = await synthesisImshow(source, { iteration, vrange: [0, 0.03], zoom: 1 });
    expect(svg).toContain(`<title>Metamer[0] [iteration=${shown}]</title>`);
    expect(pictures(svg)[0].pixels).toEqual([85, 85, 85, 85].map((step) => step * value));
  });

  it("enlarges small images to about 320 pixels, and shrinks large ones exactly", async () => {
    expect(pictures((await synthesisImshow(source)).svg)[0].width).toBe(320);
    const large = { ...source, metamer: array(new Float64Array(480 * 960), [1, 1, 480, 960]) };
    expect(pictures((await synthesisImshow(large)).svg)[0].width).toBe(320);
  });

  it("shows three channels in colour", async () => {
    const colour = { ...source, metamer: array([0, 0.2, 1], [1, 3, 1, 1]) };
    expect(pictures((await synthesisImshow(colour, { zoom: 1 })).svg)[0].pixels).toEqual([0, 51, 255]);
    expect(pictures((await synthesisImshow(colour, { zoom: 1, channelIdx: 1 })).svg)[0].channels).toBe(1);
  });

  it("says when no image was stored", async () => {
    for (const never of [null, false, 0]) {
      const bare = synthesis([3, 2, 1], never);
      await expect(synthesisImshow(bare, { iteration: 1 })).rejects.toThrow(/no image was stored for iteration 1/);
      expect(texts((await synthesisImshow(bare)).svg)).toContain("Metamer[0] [iteration=2]");
    }
  });

  it("refuses an image that is not there", async () => {
    await expect(synthesisImshow(source, { batchIdx: 1 })).rejects.toThrow(/batchIdx/);
    await expect(synthesisImshow(synthesis([]))).rejects.toThrow(/nothing has been synthesized yet/);
  });
});

describe("synthesisHistogram", () => {
  it("compares each synthesized image with the target", async () => {
    const source = synthesis([3, 2, 1], true);
    expect(texts((await synthesisHistogram(source)).svg)).toEqual(
      expect.arrayContaining(["Metamer[0] [iteration=2]", "Target image", "Histogram of tensor values"]),
    );
    const two = { ...source, metamer: array([0, 1], [2, 1, 1, 1]), image: array([0, 1], [2, 1, 1, 1]) };
    expect(texts((await synthesisHistogram(two)).svg)).toContain("Metamer[1] [iteration=2]");
    expect(texts((await synthesisHistogram(two, { batchIdx: 0 })).svg)).not.toContain("Metamer[1] [iteration=2]");
  });
});

describe("synthesisStatus", () => {
  const source = synthesis([3, 2, 1], 1);

  it("puts image, loss and histogram side by side", async () => {
    const figure = await synthesisStatus(source);
    checkWellFormed(figure.svg);
    const x = [...figure.svg.matchAll(/font-weight="600">/g)];
    expect(x).toHaveLength(3);
    expect(texts(figure.svg)).toEqual(
      expect.arrayContaining(["Metamer[0] [iteration=2]", "Synthesis loss", "Histogram of tensor values"]),
    );
    expect(figure.width).toBeGreaterThan(900);
  });

  it("is made of the same parts as the single figures", async () => {
    const figure = await synthesisStatus(source, { iteration: 1, zoom: 3 });
    const alone = await synthesisImshow(source, { iteration: 1, zoom: 3 });
    expect(pictures(figure.svg)[0].pixels).toEqual(pictures(alone.svg)[0].pixels);
    expect(texts(figure.svg)).toContain("iteration 1: 2");
  });

  it("shows only the plots asked for, in that order", async () => {
    const { svg: mixed } = await synthesisStatus(synthesis([6, 5, 4, 3, 2, 1], 2), { iteration: 3 });
    expect(mixed.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ")).toMatch(/\[iteration=4\], stored nearest to 3/);
    const { svg } = await synthesisStatus(source, { includedPlots: ["synthesis_histogram", "synthesis_loss"] });
    expect(pictures(svg)).toHaveLength(0);
    const titles = texts(svg).filter((text) => /Synthesis loss|Histogram of/.test(text));
    expect(titles).toEqual(["Histogram of tensor values", "Synthesis loss"]);
  });

  it("needs no stored image for the loss alone", async () => {
    const bare = synthesis([3, 2, 1]);
    const { svg } = await synthesisStatus(bare, { includedPlots: ["synthesis_loss"], iteration: 1 });
    expect(texts(svg)).toContain("iteration 1: 2");
    await expect(synthesisStatus(bare, { iteration: 1 })).rejects.toThrow(/no image was stored/);
  });

  it("refuses plots it does not know", async () => {
    const includedPlots = ["synthesis_video" as StatusPlot];
    await expect(synthesisStatus(source, { includedPlots })).rejects.toThrow(/"synthesis_loss".*got "synthesis_video"/);
    await expect(synthesisStatus(source, { includedPlots: [] })).rejects.toThrow(/the list is empty/);
    await expect(synthesisStatus(source, { titel: "x" } as object)).rejects.toThrow(/no option "titel"/);
  });
});

describe("of a MAD competition", () => {
  const metrics = { optimized: [0.4, 0.2, 0.1], reference: [0.01, 0.02, 0.01] };
  const mad = madSynthesis([-3, -4, -5], metrics, 1);

  it("synthesisLoss draws each metric on a linear axis of its own", async () => {
    const { svg } = await synthesisLoss(mad, { iteration: 1 });
    checkWellFormed(svg);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["Optimized metric", "Reference metric", "iteration 1: 0.2", "iteration 1: 0.02"]),
    );
    const [[optimized], [reference]] = lines(svg) as [[number[]], [number[]]];
    const y = (points: number[]): number[] => points.filter((_, i) => i % 2 === 1);
    expect((y(optimized)[1] - y(optimized)[0]) / (y(optimized)[2] - y(optimized)[1])).toBeCloseTo(2, 1);
    expect(y(reference)[0]).toBe(y(reference)[2]);
    expect(y(reference)[1]).toBeLessThan(y(reference)[0]);
  });

  it("synthesisLoss draws the penalty when asked", async () => {
    const { svg } = await synthesisLoss({ ...mad, penalties: Float64Array.of(1, 0.1, 0) }, { plotPenalties: true });
    expect(lines(svg)).toHaveLength(3);
    expect(texts(svg)).toContain("not drawn: 1 of 3 values, zero, negative or not finite");
  });

  it("synthesisImshow and synthesisHistogram show its image under its name", async () => {
    const { svg } = await synthesisImshow(mad, { iteration: 1, zoom: 1, vrange: [0, 0.02] });
    expect(svg).toContain("<title>MAD image[0] [iteration=1]</title>");
    expect(pictures(svg)[0].pixels).toEqual([128, 128, 128, 128]);
    const histogram = await synthesisHistogram(mad);
    expect(texts(histogram.svg)).toEqual(expect.arrayContaining(["MAD image[0] [iteration=2]", "Reference image"]));
  });

  it("synthesisStatus puts all of it side by side", async () => {
    const { svg } = await synthesisStatus(mad);
    const titles = ["MAD image[0] [iteration=2]", "Optimized metric", "Reference metric", "Histogram of tensor values"];
    expect(texts(svg).filter((text) => titles.includes(text))).toEqual(expect.arrayContaining(titles));
    expect([...svg.matchAll(/font-weight="600">/g)]).toHaveLength(4);
  });

  it("synthesisNorms draws what all syntheses record", async () => {
    expect(lines((await synthesisNorms(madSynthesis([3, 2, 1], metrics))).svg)).toHaveLength(2);
  });
});
