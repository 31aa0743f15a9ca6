// Figures of pyramids: which band is where, and in which range.

import { checkWellFormed, pictures, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import * as po from "../../src/index.ts";

const image = po.tensor(new po.TorchGenerator(1).rand(32 * 32, "float64"), { shape: [1, 1, 32, 32] });
const { SteerablePyramidFreq, LaplacianPyramid } = po.process;
const pyramid = new SteerablePyramidFreq([32, 32], { height: 2, order: 1 });
const complexPyramid = new SteerablePyramidFreq([32, 32], { height: 1, order: 1, isComplex: true });

const isTitle = (text: string): boolean => /^(scale|residual)/.test(text);
const ranges = (svg: string): string[] => texts(svg).flatMap((text) => /^[−\d.]+ to [−\d.]+/.exec(text) ?? []);

describe("pyrshow", () => {
  it("shows a row for each scale and a column for each orientation, all bands in one size", async () => {
    const figure = await po.plot.pyrshow(pyramid.forward(image), { zoom: 8 });
    checkWellFormed(figure.svg);
    expect(texts(figure.svg).filter(isTitle)).toEqual([
      "residual highpass",
      "scale 0, band 0",
      "scale 0, band 1",
      "scale 1, band 0",
      "scale 1, band 1",
      "residual lowpass",
    ]);
    const drawn = pictures(figure.svg);
    expect(new Set(drawn.flatMap(({ width, height }) => [width, height]))).toEqual(new Set([256]));
    const rows = [...new Set(drawn.map(({ y }) => y))];
    expect(rows.map((y) => drawn.filter((picture) => picture.y === y).length)).toEqual([1, 2, 2, 1]);
    expect(new Set(drawn.map(({ x }) => x)).size).toBe(2);
  });

  it("draws the coefficients themselves", async () => {
    const coefficients = pyramid.forward(image);
    const [picture] = pictures((await po.plot.pyrshow(coefficients, { vrange: [-0.5, 0.5] })).svg).slice(2);
    const band = await coefficients.get(0)!.slice(2, 1, 2).data();
    const levels = Array.from(band, (value) => Math.floor(Math.min(Math.max(value + 0.5, 0), 1) * 255 + 0.5));
    expect(picture.pixels).toEqual(levels);
  });

  it("leaves out the residuals", async () => {
    const figure = await po.plot.pyrshow(pyramid.forward(image), { showResiduals: false });
    expect(texts(figure.svg).filter((text) => text.startsWith("residual"))).toEqual([]);
    expect(pictures(figure.svg)).toHaveLength(4);
  });

  it("ranges over all bands, or over each", async () => {
    const coefficients = pyramid.forward(image);
    expect(new Set(ranges((await po.plot.pyrshow(coefficients, { vrange: "auto1" })).svg)).size).toBe(1);
    expect(new Set(ranges((await po.plot.pyrshow(coefficients)).svg)).size).toBe(6);
    const [signed] = pictures((await po.plot.pyrshow(coefficients, { vrange: "indep0" })).svg);
    expect(signed.channels).toBe(3);
  });

  it.each([
    ["rectangular", ["real", "imaginary"]],
    ["polar", ["amplitude", "phase"]],
    ["logpolar", ["log2 amplitude", "phase"]],
  ] as const)("shows complex bands in two rows: %s", async (plotComplex, parts) => {
    const options = { plotComplex, showResiduals: false, zoom: 8 };
    const { svg } = await po.plot.pyrshow(complexPyramid.forward(image), options);
    const titles = parts.flatMap((part) => [0, 1].map((band) => `scale 0, band ${band}, ${part}`));
    expect(texts(svg).filter(isTitle)).toEqual(titles);
    expect(new Set(pictures(svg).map(({ y }) => y)).size).toBe(2);
  });

  it("computes amplitude and phase", async () => {
    const values = [3, 4, -2, 0]; // 3 + 4i and -2
    const z = po.tensor(Float64Array.from(values), { dtype: "complex128", shape: [1, 1, 1, 1, 2] });
    const coefficients = new Map([[0, z]]);
    const range = async (plotComplex: "polar" | "logpolar"): Promise<string[]> =>
      ranges((await po.plot.pyrshow(coefficients, { plotComplex, zoom: 100 })).svg);
    expect(await range("polar")).toEqual(["2 to 5", "0.927 to 3.14"]);
    expect(await range("logpolar")).toEqual(["1 to 2.32", "0.927 to 3.14"]);
  });

  it("brings bands of odd sizes as near to one size as whole numbers go", async () => {
    const odd = new SteerablePyramidFreq([32, 20], { height: 2, order: 0 });
    const part = image.slice(3, 0, 20);
    const sizes = pictures((await po.plot.pyrshow(odd.forward(part))).svg).map(({ height, width }) => [height, width]);
    expect(sizes).toEqual([
      [32, 20],
      [32, 20],
      [32, 20],
      [32, 20],
    ]);
    const levels = new LaplacianPyramid({ nScales: 3 }).forward(image.slice(2, 0, 29).slice(3, 0, 31));
    const { svg } = await po.plot.pyrshow(levels);
    expect(texts(svg).filter(isTitle)).toEqual(["scale 0", "scale 1", "scale 2"]);
    expect(pictures(svg).map(({ height, width }) => [height, width])).toEqual([
      [29, 31],
      [30, 32],
      [32, 32],
    ]);
  });

  it("averages blocks at zoom 1/n", async () => {
    const sizes = pictures((await po.plot.pyrshow(pyramid.forward(image), { zoom: 1 / 4 })).svg);
    expect(new Set(sizes.flatMap(({ height, width }) => [height, width]))).toEqual(new Set([8]));
  });

  it("shows one image and channel of several", async () => {
    const two = po.concat([image, image.mul(-1)], 0);
    const { svg } = await po.plot.pyrshow(pyramid.forward(two), { batchIdx: 1 });
    const inverse = await po.plot.pyrshow(pyramid.forward(image.mul(-1)));
    expect(svg).toBe(inverse.svg);
    await expect(po.plot.pyrshow(pyramid.forward(two), { batchIdx: 2 })).rejects.toThrow(/pyrshow: batchIdx must be/);
    await expect(po.plot.pyrshow(pyramid.forward(two), { channelIdx: 1 })).rejects.toThrow(
      /pyrshow: channelIdx must be/,
    );
  });

  it.each([
    [new Map(), {}, /there are no bands to show/],
    [new Map([["residual_lowpass", image]]), { showResiduals: false }, /there are no bands to show/],
    [new Map([[0, image.squeeze(0)]]), {}, /0 has the shape \[1, 32, 32\]/],
    [[image], { plotComplex: "real" }, /plotComplex must be one of rectangular, polar, logpolar, got "real"/],
    [[image], { zoom: 1.5 }, /only whole numbers/],
    [[image], { zom: 1 }, /pyrshow has no option "zom"/],
  ])("refuses what it cannot show (%#)", async (coefficients, options, message) => {
    const show = po.plot.pyrshow as (coefficients: unknown, options: object) => Promise<po.plot.Figure>;
    await expect(show(coefficients, options)).rejects.toThrow(message);
  });
});
