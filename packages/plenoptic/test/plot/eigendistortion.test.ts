// Figures of eigendistortions: which are shown, how they are scaled, and what is refused.

import { array, checkWellFormed, pictures, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import { eigendistortionImshowAll } from "../../src/plot/eigendistortionImshowAll.ts";
import type { EigendistortionSource } from "../../src/plot/sources.ts";

/** Of an image of four pixels: the two ends. */
const source: EigendistortionSource = {
  image: array([0, 0.25, 0.5, 1], [1, 1, 2, 2]),
  eigendistortions: array([1, 0, 0, 0, 0, -0.6, 0.8, 0], [2, 1, 2, 2]),
  eigenvalues: array([16, 0.25], [2]),
  eigenindex: array([0, 3], [2]),
};
const plain = { zoom: 1, vrange: [0, 1] } as const;
/** With room for titles on one line. */
const large = { zoom: 150, vrange: [0, 1] } as const;
const titles = (svg: string): string[] => texts(svg).filter((text) => /^(Eigend|Image)/.test(text));

describe("eigendistortionImshowAll", () => {
  it("shows distortions above, and the image without and with them below", async () => {
    const { svg } = await eigendistortionImshowAll(source, { ...large, distortionScale: 0.5 });
    checkWellFormed(svg);
    expect(titles(svg)).toEqual([
      "Eigendistortions",
      "Eigendistortion 0, eigenvalue 16",
      "Eigendistortion 3, eigenvalue 0.25",
      "Image",
      "Image + 0.5 × distortion 0",
      "Image + 0.5 × distortion 3",
    ]);
    const drawn = pictures(svg);
    const [first, second, image, ...sums] = drawn;
    expect([first.x, second.x]).toEqual(sums.map(({ x }) => x));
    expect(image.x).toBeLessThan(first.x);
    expect(first.y).toBe(second.y);
    expect(new Set([image, ...sums].map(({ y }) => y)).size).toBe(1);
  });

  it("adds them, scaled, and draws them in colour about 0", async () => {
    const { svg } = await eigendistortionImshowAll(source, { ...plain, distortionScale: [0.5, 1] });
    const [first, second, image, ...sums] = pictures(svg);
    expect(image.pixels).toEqual([0, 64, 128, 255]);
    expect(sums[0].pixels).toEqual([128, 64, 128, 255]);
    expect(sums[1].pixels).toEqual([0, 0, 255, 255]);
    expect([first.channels, second.channels]).toEqual([3, 3]);
    // White at 0, red at the largest value.
    expect(first.pixels.slice(0, 6)).toEqual([103, 0, 22, 247, 247, 247]);
  });

  it("says that the image stands on the scale of the lower row, which is not its own", async () => {
    const { svg } = await eigendistortionImshowAll(source, { zoom: 150 });
    const ranges = texts(svg).filter((text) => / to /.test(text));
    expect(ranges.slice(0, 2).join()).not.toContain("all on one scale");
    expect(ranges.slice(2)).toEqual(new Array(3).fill(expect.stringMatching(/^−2\.75 to 5( ·|$)/)));
    expect(texts(svg).filter((text) => text.includes("all on one scale"))).toHaveLength(3);
  });

  it("finds distortions by their place among all", async () => {
    const { svg } = await eigendistortionImshowAll(source, { ...large, eigenindex: -1 });
    expect(titles(svg).slice(1, 2)).toEqual(["Eigendistortion 3, eigenvalue 0.25"]);
    const both = await eigendistortionImshowAll(source, { ...large, eigenindex: [3, 0] });
    expect(
      titles(both.svg)
        .slice(1, 3)
        .map((title) => title.slice(0, 17)),
    ).toEqual(["Eigendistortion 3", "Eigendistortion 0"]);
    await expect(eigendistortionImshowAll(source, { eigenindex: [0, 1] })).rejects.toThrow(
      /eigendistortion 1 was not computed; there are those of index 0, 3/,
    );
    await expect(eigendistortionImshowAll(source, { eigenindex: -5 })).rejects.toThrow(/eigendistortion -5/);
    await expect(eigendistortionImshowAll(source, { eigenindex: [] })).rejects.toThrow(/list of eigenindex is empty/);
  });

  it("shows the two ends by default, of those that there are", async () => {
    const top = { ...source, eigenindex: array([0, 1], [2]) };
    expect(titles((await eigendistortionImshowAll(top, large)).svg)[2]).toMatch(/^Eigendistortion 1/);
    const one = {
      ...source,
      eigenindex: array([0], [1]),
      eigendistortions: array([1, 0, 0, 0], [1, 1, 2, 2]),
      eigenvalues: array([16], [1]),
    };
    expect(pictures((await eigendistortionImshowAll(one, plain)).svg)).toHaveLength(3);
  });

  it("changes images and distortions as told", async () => {
    const { svg } = await eigendistortionImshowAll(source, {
      ...plain,
      processImage: (x) => x.mul(0).add(0.2),
      processDistortion: (x) => x.abs(),
    });
    const [, second, image, sum] = pictures(svg);
    expect(image.pixels).toEqual([51, 51, 51, 51]);
    expect(sum.pixels).toEqual([51, 51, 51, 51]);
    expect(second.pixels.slice(3, 6)).not.toEqual([247, 247, 247]);
    expect(second.pixels[3]).toBeGreaterThan(second.pixels[5]);
  });

  it("shows colours about gray", async () => {
    const colour: EigendistortionSource = {
      image: array([0, 0.5, 1], [1, 3, 1, 1]),
      eigendistortions: array([0.8, -0.6, 0], [1, 3, 1, 1]),
      eigenvalues: array([1], [1]),
      eigenindex: array([0], [1]),
    };
    const [distortion, image] = pictures((await eigendistortionImshowAll(colour, { zoom: 1 })).svg);
    expect(distortion.pixels).toEqual([255, 32, 128]);
    expect(image.pixels).toEqual([0, 128, 255]);
    const channel = await eigendistortionImshowAll(colour, { zoom: 1, channelIdx: 1, vrange: [0, 1] });
    expect(pictures(channel.svg)[1]).toMatchObject({ channels: 1, pixels: [128] });
  });

  it("has the heading it is given", async () => {
    const { svg } = await eigendistortionImshowAll(source, { suptitle: "OnOff < LN" });
    expect(svg).toContain("<title>OnOff &lt; LN</title>");
    expect(texts(svg)[0]).toBe("OnOff &lt; LN");
  });

  it("refuses what has not been synthesized, and scales that do not fit", async () => {
    const fresh = { ...source, eigendistortions: null, eigenvalues: null, eigenindex: null };
    await expect(eigendistortionImshowAll(fresh)).rejects.toThrow(/nothing has been synthesized yet; call synthesize/);
    await expect(eigendistortionImshowAll(source, { distortionScale: [1] })).rejects.toThrow(/one for each of the 2/);
    await expect(eigendistortionImshowAll(source, { distortionScale: Number.NaN })).rejects.toThrow(/finite number/);
    await expect(eigendistortionImshowAll(source, { alpha: 1 } as object)).rejects.toThrow(/no option "alpha"/);
  });
});
