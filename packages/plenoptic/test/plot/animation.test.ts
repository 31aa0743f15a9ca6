// Animations: what other programs read of the files is every pixel of every frame.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeApng } from "fast-png";
import { GifReader } from "omggif";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { pixelsOf } from "../../src/plot/pixelFont.ts";
import { significant } from "../../src/significant.ts";

const { animshow, synthesisAnimate } = po.plot;

/** [1, 1, time, 3, 4], values 0 to 1 that fall on levels of 8 bits. */
const video = po.tensor(
  Float64Array.from({ length: 5 * 12 }, (_, i) => ((i * 37) % 256) / 255),
  { shape: [1, 1, 5, 3, 4] },
);

/** The gray levels of each frame of a GIF. */
function gifFrames(bytes: Uint8Array): number[][] {
  const reader = new GifReader(bytes);
  return Array.from({ length: reader.numFrames() }, (_, i) => {
    const pixels = new Uint8Array(4 * reader.width * reader.height);
    reader.decodeAndBlitFrameRGBA(i, pixels);
    for (let p = 0; p < pixels.length; p += 4) {
      expect([pixels[p + 1], pixels[p + 2], pixels[p + 3]]).toEqual([pixels[p], pixels[p], 255]);
    }
    return Array.from(pixels.filter((_, p) => p % 4 === 0));
  });
}

const apngFrames = (bytes: Uint8Array): number[][] => decodeApng(bytes).frames.map(({ data }) => Array.from(data));

/** A frame of the video, enlarged. */
function enlarged(t: number, zoom: number): number[] {
  return Array.from({ length: 12 * zoom * zoom }, (_, i) => {
    const [y, x] = [Math.floor(i / (4 * zoom)), i % (4 * zoom)];
    return ((t * 12 + Math.floor(y / zoom) * 4 + Math.floor(x / zoom)) * 37) % 256;
  });
}

describe("animshow", () => {
  test.each([1, 3])("zoom %d: a GIF and an APNG hold the same exact pixels", async (zoom) => {
    const animation = await animshow(video, { vrange: [0, 1], zoom, framerate: 5 });
    expect([animation.width, animation.height, animation.numFrames, animation.channels]).toEqual([
      4 * zoom,
      3 * zoom,
      5,
      1,
    ]);
    const expected = [0, 1, 2, 3, 4].map((t) => enlarged(t, zoom));
    expect(gifFrames(animation.toBytes("gif"))).toEqual(expected);
    expect(apngFrames(animation.toBytes())).toEqual(expected);
    expect(Array.from(animation.frame(2))).toEqual(expected[2]);
    expect(() => animation.frame(5)).toThrow(/frame 5 is not there; there are 0 to 4/);
  });

  test("one range for all frames, of each video or of all together", async () => {
    const dark = video.mul(0.5);
    const alone = await animshow([video, dark]);
    const together = await animshow([video, dark], { vrange: "auto1" });
    const half = (frame: Uint8Array, second: boolean): number[] =>
      Array.from(frame.filter((_, i) => (second ? i % 16 >= 12 : i % 16 < 4)));
    // 4 pixels, 8 of white between, 4 pixels.
    expect([alone.width, alone.height]).toEqual([16, 3]);
    expect(
      alone
        .frame(1)
        .filter((_, i) => i % 16 >= 4 && i % 16 < 12)
        .every((level) => level === 255),
    ).toBe(true);
    expect(half(alone.frame(1), true)).toEqual(half(alone.frame(1), false));
    expect(half(together.frame(1), true)).not.toEqual(half(together.frame(1), false));
  });

  test("differences about 0 are in colour, few enough for a GIF; 0 is white", async () => {
    const values = Float64Array.from({ length: 40 * 40 }, (_, i) => i / 799.5 - 1);
    values[0] = 0;
    const signed = po.tensor(values, { shape: [1, 1, 1, 40, 40] });
    const animation = await animshow(signed, { vrange: "auto0" });
    expect(animation.channels).toBe(3);
    expect(Array.from(animation.frame(0).subarray(0, 3))).toEqual([247, 247, 247]);
    const [{ data }] = decodeApng(animation.toBytes()).frames;
    const pixels = new Uint8Array(4 * 40 * 40);
    new GifReader(animation.toBytes("gif")).decodeAndBlitFrameRGBA(0, pixels);
    expect(Array.from(pixels.filter((_, p) => p % 4 !== 3))).toEqual(Array.from(data));
  });

  test("colour, and values that are no numbers", async () => {
    const colour = po.tensor(Float64Array.of(1, 0, 0, 1, 0, 0), { shape: [1, 3, 1, 1, 2] });
    expect(Array.from((await animshow(colour, { asRgb: true })).frame(0))).toEqual([255, 0, 0, 0, 255, 0]);
    const broken = po.tensor([0, Number.NaN], { shape: [1, 1, 1, 1, 2] });
    expect(Array.from((await animshow(broken, { vrange: [0, 1] })).frame(0))).toEqual([0, 0, 0, 214, 0, 147]);
  });

  test.each([
    ["a picture", po.rand([1, 1, 4, 4]), {}, /shows videos of shape \[batch, channel, time, height, width\]/],
    ["a zoom that is none", video, { zoom: 0.5 }, /zoom is 0\.5; it must be a whole number, 1 or more/],
    ["no rate", video, { framerate: 0 }, /framerate is 0; it must be a number from 1\/60 to 1000/],
    ["repeat in words", video, { repeat: "yes" }, /repeat is "yes"; it must be true or false/],
    ["lengths that differ", [video, video.slice(2, 0, 2)], {}, /5 of 4 x 3 pixels and 2 of 4 x 3 pixels/],
    ["two channels as colour", po.rand([1, 2, 1, 2, 2]), { asRgb: true }, /colour needs 3 channels/],
  ] as const)("%s is refused", async (_, given, options, words) => {
    await expect(animshow(given as po.Tensor, options as never)).rejects.toThrow(words);
  });
});

/** Where the mark is: the middle of the only black square of 5 x 5 pixels. */
function disc(frame: Uint8Array, width: number): [x: number, y: number] {
  for (let at = 2 * width + 2; at < frame.length - 2 * width - 2; at++) {
    const rows = [-2, -1, 0, 1, 2].map((y) => frame.subarray(at + y * width - 2, at + y * width + 3));
    if (rows.every((row) => row.every((level) => level === 0))) return [at % width, Math.floor(at / width)];
  }
  throw new Error("there is no mark");
}

describe("synthesisAnimate", () => {
  const image = po.tensor(
    Float64Array.from({ length: 64 }, (_, i) => (i % 8) / 8),
    { shape: [1, 1, 8, 8] },
  );

  test("shows the stored images and the current one, on one scale", async () => {
    po.setSeed(0);
    const metamer = new po.Metamer(image, new po.models.Gaussian(3));
    await metamer.synthesize({ maxIter: 4, storeProgress: 2 });
    const includedPlots = ["synthesis_imshow"] as const;
    const animation = await synthesisAnimate(metamer, { zoom: 1, repeat: true, includedPlots });
    const stored = await metamer.savedMetamer.data();
    const expected = [0, 1, 2].map((t) =>
      Array.from(stored.subarray(t * 64, (t + 1) * 64), (x) => Math.floor(255 * Math.min(Math.max(x, 0), 1) + 0.5)),
    );
    expect(gifFrames(animation.toBytes("gif"))).toEqual(expected);
    expect(new GifReader(animation.toBytes("gif")).loopCount()).toBe(0);
    expect(String(animation)).toBe("AnimatedFigure(8 x 8 px, 3 frames, 10 a second)");
    expect((await synthesisAnimate(metamer, { includedPlots })).width).toBe(320);
    // Beside charts each pixel is what it is alone, and where it is.
    const beside = await synthesisAnimate(metamer, { zoom: 1 });
    expect([beside.width, beside.height, beside.channels]).toEqual([8 + 2 * (16 + 300), 160, 1]);
    expected.forEach((pixels, t) => {
      const frame = beside.frame(t);
      expect(Array.from(pixels, (_, i) => frame[Math.floor(i / 8) * beside.width + (i % 8)])).toEqual(pixels);
    });
  });

  test("a mark moves along the loss and the representation's error, told with its iteration and its value", async () => {
    po.setSeed(0);
    const model = new po.models.Gaussian(3);
    const metamer = new po.Metamer(image, model);
    await metamer.synthesize({ maxIter: 4, storeProgress: 2, stopCriterion: null });
    const target = await metamer.targetRepresentation.data();
    const size = Math.hypot(...target);
    for (const [plot, value] of [
      ["synthesis_loss", async (t: number) => metamer.losses[2 * t] - metamer.penaltyLambda * metamer.penalties[2 * t]],
      [
        "metamer_representation_error",
        async (t: number) => {
          const seen = await model.forward(metamer.savedMetamer.slice(0, t, t + 1).reshape([1, 1, 8, 8])).data();
          return Math.hypot(...seen.map((x, i) => x - target[i])) / size;
        },
      ],
    ] as const) {
      const film = await synthesisAnimate(metamer, { includedPlots: [plot] });
      expect([film.width, film.height, film.numFrames]).toEqual([300, 160, 3]);
      for (const t of [0, 1, 2]) {
        const frame = film.frame(t);
        // No letter touches the first or the last row.
        for (const row of [0, 1, 158, 159])
          expect(frame.subarray(row * 300, (row + 1) * 300).every((x) => x === 255)).toBe(true);
        const written = pixelsOf(`iteration ${2 * t}: ${significant(await value(t))}`);
        const line = Array.from({ length: 7 * 300 }, (_, i) => (frame[11 * 300 + i] === 0 ? i : -1)).filter(
          (i) => i >= 0,
        );
        expect(line).toEqual(written.map(([x, y]) => y * 300 + x).sort((a, b) => a - b));
        const [first, last] = [0, 2].map((end) => disc(film.frame(end), 300)[0]);
        expect(Math.abs(disc(frame, 300)[0] - (first + (t * (last - first)) / 2))).toBeLessThanOrEqual(0.5);
        expect(last - first).toBeGreaterThan(200);
      }
      const heights = [0, 1, 2].map((t) => disc(film.frame(t), 300)[1]);
      expect(heights[0]).toBeLessThan(heights[1]);
      expect(heights[1]).toBeLessThan(heights[2]);
    }
  });

  test("of groups the worst is marked and named", async () => {
    po.setSeed(0);
    const parts: po.GroupedModel & po.Model = {
      name: "parts",
      forward: (x) => po.stack([x.mean(), x.square().mean()]).reshape([1, 1, 2]),
      convertToDict: (r) =>
        new Map([
          ["the_mean", r.slice(2, 0, 1)],
          ["power", r.slice(2, 1, 2)],
        ]),
      convertToTensor: (all) => po.concat([...all.values()], 2),
    };
    const metamer = new po.Metamer(image, parts);
    // Half of the mean and a quarter of the power: the power is farther off.
    await metamer.setup({ initialImage: image.mul(0.5).detach() });
    await metamer.synthesize({ maxIter: 2, storeProgress: true });
    const film = await synthesisAnimate(metamer, { includedPlots: ["metamer_representation_error"] });
    const line = Array.from({ length: 7 * 300 }, (_, i) => (film.frame(0)[11 * 300 + i] === 0 ? i : -1)).filter(
      (i) => i >= 0,
    );
    expect(line).toEqual(
      pixelsOf("0.75 power")
        .map(([x, y]) => y * 300 + x)
        .sort((a, b) => a - b),
    );
  });

  test.each([
    ["nothing", [], /includedPlots is \[\]; it must be a list of at least one of "synthesis_imshow", /],
    ["a name", "synthesis_loss", /includedPlots is "synthesis_loss"; it must be a list/],
    ["an unknown one", ["loss"], /includedPlots is \["loss"\]; it must be a list of at least one of/],
  ])("%s to be shown is refused", async (_, includedPlots, words) => {
    const metamer = new po.Metamer(image, new po.models.Gaussian(3));
    await metamer.synthesize({ maxIter: 1, storeProgress: true });
    await expect(synthesisAnimate(metamer, { includedPlots } as never)).rejects.toThrow(words);
  });

  test("of a competition", async () => {
    po.setSeed(0);
    const mad = new po.MADCompetition(image, po.metric.mse, (a, b) => a.sub(b).abs().sum(), "max", {
      constrained: true,
    });
    await mad.synthesize({ maxIter: 3, storeProgress: true });
    const film = await synthesisAnimate(mad, { zoom: 1 });
    expect(film.numFrames).toBe(mad.savedMadImage.shape[0]);
    // Both metrics.
    expect(film.width).toBe(8 + 2 * (16 + 300));
    await expect(synthesisAnimate(mad, { includedPlots: ["metamer_representation_error"] })).rejects.toThrow(
      /"metamer_representation_error" is of metamers: a competition has two metrics, "synthesis_loss" draws both/,
    );
  });

  test("where nothing was stored there is nothing to animate", async () => {
    const metamer = new po.Metamer(image, new po.models.Gaussian(3));
    await expect(synthesisAnimate(metamer)).rejects.toThrow(/nothing has been synthesized yet/);
    await metamer.synthesize({ maxIter: 1 });
    await expect(synthesisAnimate(metamer)).rejects.toThrow(
      /no image was stored; call synthesize\(\) with storeProgress/,
    );
  });
});

test("files are of the kind that their names say", async () => {
  const folder = await mkdtemp(join(tmpdir(), "animation-"));
  try {
    const animation = await animshow(video);
    await animation.save(join(folder, "a.gif"));
    await animation.save(join(folder, "a.png"));
    await animation.save(join(folder, "a.APNG"));
    expect((await readFile(join(folder, "a.gif"))).subarray(0, 6).toString("latin1")).toBe("GIF89a");
    expect(decodeApng(await readFile(join(folder, "a.png"))).numberOfFrames).toBe(5);
    expect(await readFile(join(folder, "a.APNG"))).toEqual(await readFile(join(folder, "a.png")));
    await expect(animation.save("a.mp4")).rejects.toThrow(/must end in "\.png", "\.apng" or "\.gif"; got "a\.mp4"/);
    expect(() => animation.toBytes("mp4" as never)).toThrow(/the kind is "mp4"/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
