// Images in figures, pixel for pixel: levels, zoom, ranges, colours.

import { array, checkWellFormed, pictures, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { imshow } from "../../src/plot/imshow.ts";
import type { ArraySource } from "../../src/plot/sources.ts";

const levels = Array.from({ length: 256 }, (_, i) => i / 255);
const ramp = array(levels, [1, 1, 16, 16]);

describe("imshow: pixels", () => {
  it("shows every 8-bit level as itself", async () => {
    const figure = await imshow(ramp, { vrange: [0, 1] });
    const [picture] = pictures(figure.svg);
    expect(picture.channels).toBe(1);
    expect(picture.pixels).toEqual(Array.from({ length: 256 }, (_, i) => i));
    expect(figure.svg).toContain("image-rendering: pixelated");
  });

  it("takes any typed array", async () => {
    const source = { shape: [1, 1, 1, 3], data: async () => Float32Array.of(0, 0.5, 1) };
    expect(pictures((await imshow(source)).svg)[0].pixels).toEqual([0, 128, 255]);
  });

  it("repeats each element zoom x zoom times", async () => {
    const [picture] = pictures((await imshow(array([0, 1, 2, 3, 4, 5], [1, 1, 2, 3]), { zoom: 4 })).svg);
    expect([picture.width, picture.height]).toEqual([12, 8]);
    picture.pixels.forEach((level, i) => {
      const element = Math.floor(Math.floor(i / 12) / 4) * 3 + Math.floor((i % 12) / 4);
      expect(level).toBe(element * 51);
    });
  });

  it("averages blocks at zoom 1/n and keeps the range of the whole image", async () => {
    const image = array([0, 1, 0, 0, 1, 0, 0, 0], [1, 1, 2, 4]);
    const figure = await imshow(image, { zoom: 1 / 2 });
    expect(pictures(figure.svg)[0].pixels).toEqual([128, 0]);
    expect(texts(figure.svg)).toContain("4 x 2 pixels, reduced 2 times");
    expect(texts(figure.svg)).toContain("0 to 1");
  });

  it("cuts values outside the range", async () => {
    const [picture] = pictures((await imshow(array([-5, 0, 1, 9], [1, 1, 1, 4]), { vrange: [0, 1] })).svg);
    expect(picture.pixels).toEqual([0, 0, 255, 255]);
  });

  it("shows a constant image as middle grey", async () => {
    expect(pictures((await imshow(array([7, 7], [1, 1, 1, 2]))).svg)[0].pixels).toEqual([128, 128]);
  });

  it("marks values that are not finite, and ranges over the others", async () => {
    const figure = await imshow(array([0, Number.NaN, Number.POSITIVE_INFINITY, 2], [1, 1, 1, 4]));
    const [picture] = pictures(figure.svg);
    expect(picture.pixels).toEqual([0, 0, 0, 214, 0, 147, 214, 0, 147, 255, 255, 255]);
    expect(texts(figure.svg)).toEqual(expect.arrayContaining(["0 to 2", "not finite: 2 (magenta)"]));
  });

  it("draws symmetric ranges in colours with white at zero", async () => {
    const [picture] = pictures((await imshow(array([-2, 0, 1, 2], [1, 1, 1, 4]), { vrange: "auto0" })).svg);
    expect(picture.channels).toBe(3);
    const rgb = [0, 3, 6, 9].map((i) => picture.pixels.slice(i, i + 3));
    expect(rgb).toEqual([
      [8, 48, 107],
      [247, 247, 247],
      [207, 82, 70],
      [103, 0, 22],
    ]);
  });

  it("shows three channels as red, green and blue, unstretched", async () => {
    const [picture] = pictures((await imshow(array([0.2, 0.4, 0.6, 0.8, 0, 1], [1, 3, 1, 2]), { asRgb: true })).svg);
    expect(picture.pixels).toEqual([51, 153, 0, 102, 204, 255]);
  });

  it("takes a fourth channel as opacity, whatever the range", async () => {
    const options = { asRgb: true, vrange: [0, 2] } as const;
    const [picture] = pictures((await imshow(array([2, 1, 0, 0.2], [1, 4, 1, 1]), options)).svg);
    expect(picture.pixels).toEqual([255, 128, 0, 51]);
  });
});

describe("imshow: layout", () => {
  it("has whole sizes and whole places", async () => {
    const figure = await imshow([ramp, ramp, ramp], { colWrap: 2, title: ["a", "b", "c"], zoom: 3 });
    expect(figure.svg).toContain(`width="${figure.width}" height="${figure.height}"`);
    expect(figure.svg).toContain(`viewBox="0 0 ${figure.width} ${figure.height}"`);
    const places = pictures(figure.svg);
    for (const number of [figure.width, figure.height, ...places.flatMap(({ x, y }) => [x, y])]) {
      expect(Number.isInteger(number)).toBe(true);
    }
    expect(places[0].y).toBe(places[1].y);
    expect(places[0].x).toBe(places[2].x);
    expect(places[1].x).toBeGreaterThan(places[0].x + places[0].width);
    expect(places[2].y).toBeGreaterThan(places[0].y + places[0].height);
  });

  it("shows the smaller picture as large as the larger one", async () => {
    const figure = await imshow([ramp, array([0, 1, 2, 3], [1, 1, 2, 2])], { zoom: 2 });
    expect(pictures(figure.svg).map(({ width, height }) => [width, height])).toEqual([
      [32, 32],
      [32, 32],
    ]);
    expect(texts(figure.svg)).toEqual(
      expect.arrayContaining(["16 x 16 pixels, enlarged 2 times", "2 x 2 pixels, enlarged 16 times"]),
    );
  });

  it("shows channels and batch members side by side, or the chosen one", async () => {
    const channels = array([0, 1, 2, 3, 4, 5], [1, 3, 1, 2]);
    expect(pictures((await imshow(channels)).svg)).toHaveLength(3);
    const two = array([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 1, 2]);
    const chosen = await imshow(two, { batchIdx: 1, channelIdx: 0 });
    expect(pictures(chosen.svg)).toHaveLength(1);
    expect(texts(chosen.svg)).toContain("4 to 5");
  });

  it("writes one title over every picture, or none and no range either", async () => {
    expect(texts((await imshow([ramp, ramp], { title: "both" })).svg).filter((text) => text === "both")).toHaveLength(
      2,
    );
    expect(texts((await imshow(ramp, { title: null })).svg)).toEqual([]);
  });

  it("escapes titles and stays well-formed", async () => {
    const title = `</svg><script>"a" & 'b'\u0000\ud800`;
    const { svg } = await imshow(ramp, { title });
    checkWellFormed(svg);
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&lt;/svg&gt;&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;\uFFFD\uFFFD");
  });

  it("tells what it shows to people who cannot see it", async () => {
    const { svg } = await imshow(ramp, { title: "ramp" });
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*><title>ramp<\/title><desc>Image &quot;ramp&quot;, 0 to 1/);
  });

  it("is the same text every time", async () => {
    const draw = async (): Promise<string> => (await imshow([ramp, ramp], { vrange: "indep0", title: "x" })).svg;
    expect(await draw()).toBe(await draw());
  });
});

describe("imshow: ranges", () => {
  const a = array([-1, 0, 3], [1, 1, 1, 3]);
  const b = array([2, 4, 6], [1, 1, 1, 3]);
  const ranges = async (vrange: Parameters<typeof imshow>[1]): Promise<string[]> =>
    texts((await imshow([a, b], vrange)).svg).filter((text) => / to /.test(text));

  it.each([
    ["auto0", "−6 to 6", "−6 to 6"],
    ["auto1", "−1 to 6", "−1 to 6"],
    ["indep0", "−3 to 3", "−6 to 6"],
    ["indep1", "−1 to 3", "2 to 6"],
    // Means 2/3 and 4, standard deviations sqrt(26)/3 and sqrt(8/3).
    ["indep2", "−2.73 to 4.07", "0.734 to 7.27"],
    // Percentiles 10 and 90 are -0.8 and 2.4, 2.4 and 5.6; an eighth of their distance is 0.4.
    ["indep3", "−1.2 to 2.8", "2 to 6"],
    // All six: mean 14/6, variance 66/6 - (14/6)^2.
    ["auto2", "−2.38 to 7.05", "−2.38 to 7.05"],
    // Sorted -1 0 2 3 4 6: percentiles -0.5 and 5, an eighth of their distance is 0.6875.
    ["auto3", "−1.19 to 5.69", "−1.19 to 5.69"],
  ] as const)("%s", async (vrange, first, second) => {
    expect(await ranges({ vrange })).toEqual([first, second]);
  });

  it("says that a range is that of all pictures, where it is", async () => {
    const told = async (images: ArraySource | ArraySource[], vrange: "auto1" | "indep1"): Promise<number> =>
      texts((await imshow(images, { vrange, zoom: 100 })).svg).filter((text) => text.includes("all on one scale"))
        .length;
    expect(await told([a, b], "auto1")).toBe(2);
    expect(await told([a, b], "indep1")).toBe(0);
    expect(await told(a, "auto1")).toBe(0);
  });

  it("is indep1 unless told otherwise", async () => {
    expect(await ranges({})).toEqual(await ranges({ vrange: "indep1" }));
  });

  it("falls back to [0, 1] when nothing is finite", async () => {
    const { svg } = await imshow(array([Number.NaN, Number.NaN], [1, 1, 1, 2]), { vrange: "auto3" });
    expect(texts(svg)).toEqual(expect.arrayContaining(["0 to 1", "not finite: 2 (magenta)"]));
  });
});

describe("imshow: errors", () => {
  it.each<[string, ArraySource | ArraySource[], object, RegExp]>([
    ["a shape", array([1, 2], [1, 2]), {}, /\[batch, channel, height, width\], got \[1, 2\]; reshape/],
    ["no elements", array([], [1, 1, 0, 3]), {}, /\[1, 1, 0, 3\] has nothing to plot/],
    ["wrong length", array([1, 2, 3], [1, 1, 1, 2]), {}, /should hold 2 real numbers, but its data\(\) gave 3/],
    ["both axes", array([1, 2, 3, 4], [2, 2, 1, 1]), {}, /several channels and several batch members/],
    ["colour", array([1, 2], [1, 2, 1, 1]), { asRgb: true }, /colour needs 3 channels/],
    ["batchIdx", ramp, { batchIdx: 1 }, /batchIdx must be null or a whole number from 0 to 0 .* got 1/],
    ["channelIdx", ramp, { channelIdx: -1 }, /channelIdx must be .* got -1/],
    ["zoom 1.5", ramp, { zoom: 1.5 }, /at zoom 1\.5; only whole numbers/],
    ["zoom 0", ramp, { zoom: 0 }, /at zoom 0/],
    ["zoom -1", ramp, { zoom: -1 }, /at zoom -1/],
    ["zoom NaN", ramp, { zoom: Number.NaN }, /at zoom NaN/],
    ["zoom 1/3", ramp, { zoom: 1 / 3 }, /zoom 1\/3 would average 3 x 3 .* 16 x 16/],
    ["vrange name", ramp, { vrange: "auto4" as "auto1" }, /"auto0" to "auto3".* got "auto4"/],
    ["vrange order", ramp, { vrange: [1, 0] as const }, /lower first, got \[1, 0\]/],
    ["colWrap", ramp, { colWrap: 0 }, /colWrap must be a whole number from 1 on, got 0/],
    ["titles", ramp, { title: ["a", "b"] }, /2 titles for 1 pictures/],
    ["option", ramp, { zom: 2 }, /imshow has no option "zom"; did you mean "zoom"\? Its options are vrange, zoom/],
    ["sizes", [ramp, array([1, 2, 3], [1, 1, 1, 3])], {}, /16 x 16.*whole multiple of each; 1 x 3 is not/],
    ["empty list", [], {}, /the list of images is empty/],
    ["no tensor", 3 as unknown as typeof ramp, {}, /expected a tensor/],
  ])("%s", async (_, image, options, message) => {
    await expect(imshow(image, options)).rejects.toThrow(message);
  });
});
