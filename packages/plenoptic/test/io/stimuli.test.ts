// Stimuli out: what saveImage and encodeImage write in both encodings and depths, what is recorded of it, and that it can be verified.

import { readPng, writePng } from "@plenoptic-js/formats";
import { tensor } from "@plenoptic-js/tensor";
import { afterAll, describe, expect, it } from "vitest";
import * as po from "../../src/index.ts";
import { roundAndClipSrgb, srgbTable, srgbToLight } from "../../src/io/srgb.ts";
import { STIMULUS_KEYWORD } from "../../src/io/stimulus.ts";
import type { RecipeExport } from "../../src/recipe.ts";
import { metamer, picture } from "../replay/results.ts";

afterAll(po.warnings.on(() => {}));

const bits = [8, 16] as const;
const ramp = tensor(
  Float64Array.from({ length: 256 }, (_, i) => i / 255),
  { shape: [1, 1, 16, 16], dtype: "float64" },
);
const recordOf = (bytes: Uint8Array): RecipeExport =>
  JSON.parse(readPng(bytes).text!.get(STIMULUS_KEYWORD)!) as RecipeExport;

describe("sRGB", () => {
  it("has the values of the standard", () => {
    // IEC 61966-2-1: half the light is 0.7353569830524495 of the scale, the light of the middle of the scale 0.21404114048223255.
    expect(srgbToLight(0.7353569830524495)).toBeCloseTo(0.5, 14);
    expect(srgbToLight(0.5)).toBeCloseTo(0.21404114048223255, 15);
    expect(srgbToLight(0.02)).toBe(0.02 / 12.92);
    expect([...roundAndClipSrgb([0, 0.5, 0.21404114, 1], 255).data]).toEqual([0, 188, 127, 255]);
    expect([...roundAndClipSrgb([0.5], 65535).data]).toEqual([Math.round(0.7353569830524495 * 65535)]);
  });

  it.each([255, 65535] as const)("gives each of %i numbers back from its light, and the nearest from any", (levels) => {
    const light = srgbTable(levels);
    const { data, clipped, maxRoundingError } = roundAndClipSrgb(light, levels);
    expect(data.every((n, i) => n === i)).toBe(true);
    expect({ clipped, maxRoundingError }).toEqual({ clipped: { below: 0, above: 0 }, maxRoundingError: 0 });
    const between = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.37) / 1000);
    // The other way round, by the function of the engine at hand: none is so near a half that it would matter.
    const encoded = Array.from(between, (x) => (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
    expect([...roundAndClipSrgb(between, levels).data]).toEqual(encoded.map((y) => Math.floor(y * levels + 0.5)));
  });

  it("clips, counts, and refuses NaN", () => {
    const { data, clipped } = roundAndClipSrgb([-0.1, 1.5, 2, 0.5], 255);
    expect({ data: [...data], clipped }).toEqual({ data: [0, 255, 255, 188], clipped: { below: 1, above: 2 } });
    expect(() => roundAndClipSrgb([Number.NaN], 255)).toThrow(/value 0 is NaN/);
  });
});

describe("encodeImage", () => {
  it.each(bits)("linear, %i bits: what is decoded is what a reader of images sees", async (bits) => {
    const image = ramp.square().mul(1.2).sub(0.1).detach();
    const distanceTo = (x: po.Tensor) => po.metric.mse(x, image);
    const { bytes, ...told } = await po.encodeImage(image, { bits, measures: { error: distanceTo } });
    const read = await po.loadImages(bytes, { dtype: "float64" });
    const away = (await read.sub(image).data()).map(Math.abs);
    expect(told.distance.most).toBe(Math.max(...away));
    expect(told.distance.rms).toBeCloseTo(Math.sqrt(away.reduce((sum, x) => sum + x * x, 0) / 256), 15);
    expect(told.measures).toEqual({ error: { exact: 0, written: await distanceTo(read).item() } });
    expect(told.clipped.below * told.clipped.above).toBeGreaterThan(0);
    expect(told.distance.most).toBeGreaterThan(told.maxRoundingError);
    const { clippedBelow, clippedAbove, ...record } = recordOf(bytes);
    const { clipped, ...rest } = told;
    expect(record).toEqual({ bits, encoding: "linear", ...rest });
    expect({ below: clippedBelow, above: clippedAbove }).toEqual(clipped);
  });

  it.each(bits)("srgb, %i bits: the numbers are those of sRGB, and decode to the values", async (bits) => {
    const levels = bits === 8 ? 255 : 65535;
    const { bytes, ...told } = await po.encodeImage(ramp, { bits, encoding: "srgb" });
    const { data } = readPng(bytes);
    expect([...data]).toEqual([...roundAndClipSrgb(await ramp.data(), levels).data]);
    const light = srgbTable(levels);
    const away = (await ramp.data()).map((value, i) => Math.abs(light[data[i]] - value));
    expect(told.distance.most).toBe(Math.max(...away));
    expect(told.maxRoundingError).toBe(told.distance.most);
    expect(recordOf(bytes).encoding).toBe("srgb");
  });

  it("float32: what is decoded is float32 too", async () => {
    const { bytes, distance } = await po.encodeImage(ramp.cast("float32"));
    expect(distance).toEqual({ most: 0, rms: 0 });
    expect(recordOf(bytes).distance).toEqual({ most: 0, rms: 0 });
  });

  it("does not encode alpha", async () => {
    const half = tensor([0.5, 0.5, 0.5, 0.5], { shape: [1, 4, 1, 1], dtype: "float64" });
    const { bytes } = await po.encodeImage(half, { encoding: "srgb" });
    expect([...readPng(bytes).data]).toEqual([188, 188, 188, 128]);
  });

  const chunk = (bytes: Uint8Array, type: string): number[] | null => {
    const at = Buffer.from(bytes).indexOf(type, 0, "latin1");
    if (at < 0) return null;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at - 4);
    return [...bytes.subarray(at + 4, at + 4 + length)];
  };

  it.each([
    ["linear", null, [0, 1, 134, 160]],
    ["srgb", [1], [0, 0, 177, 143]],
  ] as const)("%s: tells programs that manage colours only if asked", async (encoding, srgb, gamma) => {
    const without = await po.encodeImage(ramp, { encoding });
    expect([chunk(without.bytes, "sRGB"), chunk(without.bytes, "gAMA")]).toEqual([null, null]);
    expect(recordOf(without.bytes)).not.toHaveProperty("colourChunk");
    const { bytes } = await po.encodeImage(ramp, { encoding, colourChunk: true });
    expect([chunk(bytes, "sRGB"), chunk(bytes, "gAMA")]).toEqual([srgb, gamma]);
    expect(recordOf(bytes)).toMatchObject({ colourChunk: true });
    // The pixels are the same, and so is what is read.
    expect(readPng(bytes).data).toEqual(readPng(without.bytes).data);
  });

  it("records pixels per degree where they are given", async () => {
    expect(recordOf((await po.encodeImage(ramp)).bytes)).not.toHaveProperty("pixelsPerDegree");
    expect(recordOf((await po.encodeImage(ramp, { pixelsPerDegree: 48.5 })).bytes).pixelsPerDegree).toBe(48.5);
  });

  it("says null of a measure that is not finite, and refuses one that is no number", async () => {
    const told = await po.encodeImage(ramp, { measures: { log: (x) => x.min().log() } });
    expect(told.measures).toEqual({ log: { exact: null, written: null } });
    await expect(po.encodeImage(ramp, { measures: { all: (x) => x } })).rejects.toThrow(
      /^encodeImage: the measure "all" gives an array \[1, 1, 16, 16\]; it must be one number$/,
    );
  });

  it.each([
    [{ encoding: "sRGB" }, /encoding is "sRGB"; it must be "linear" or "srgb"/],
    [{ colourChunk: "yes" }, /colourChunk is "yes"; it must be true or false/],
    [{ pixelsPerDegree: 0 }, /pixelsPerDegree is 0; it must be a number above 0, or null/],
    [{ bits: 12 }, /bits is 12; it must be 8 or 16/],
  ])("refuses %j", async (options, message) => {
    await expect(po.encodeImage(ramp, options as unknown as po.SaveImageOptions)).rejects.toThrow(message);
  });
});

describe("verify", () => {
  const made = metamer(3);
  for (const encoding of ["linear", "srgb"] as const) {
    it.each(bits)(`a PNG file of a result, ${encoding}, %i bits`, async (bits) => {
      const { metamer: image } = await made;
      const recipe = await (await made).recipe();
      const form = { bits, encoding, colourChunk: true, pixelsPerDegree: 30 };
      const { bytes } = await po.encodeImage(image, { ...form, recipe, target: picture() });
      expect((await po.replay.read(bytes)).recipe.exports).toMatchObject([form]);
      const { verdict, text } = await po.replay.verify(bytes);
      expect(text).toMatch(/^identical: .* the pixels of the file \(\d+ bits\) are those of the result$/);
      expect(verdict).toBe("identical");
      // The same pixels with a recipe that says the other encoding are not what it makes.
      const other = encoding === "linear" ? "srgb" : "linear";
      const { text: texts, ...pixels } = readPng(bytes);
      const lying = [...texts!].map(
        ([key, value]) => [key, value.replace(`"encoding":"${encoding}"`, `"encoding":"${other}"`)] as const,
      );
      const found = await po.replay.verify(writePng(pixels, { text: new Map(lying) }));
      expect(found.verdict).toBe("differs");
    });
  }
});
