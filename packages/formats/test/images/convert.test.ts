// Pixels to numbers and back: gray, channels, integers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundAndClip, toChannels, toGray } from "../../src/images/convert.ts";
import type { Pixels } from "../../src/images/pixels.ts";

const row = (channels: Pixels["channels"], maxValue: number, values: number[]): Pixels => ({
  width: values.length / channels,
  height: 1,
  channels,
  maxValue,
  data: maxValue > 255 ? Uint16Array.from(values) : Uint8Array.from(values),
});

describe("toGray", () => {
  it("takes gray pixels of a colour file as those of a gray file", () => {
    const levels = Array.from({ length: 256 }, (_, level) => level);
    const alpha = levels.map((level) => (level * 7) % 256);
    for (const dtype of ["float32", "float64"] as const) {
      const gray = toGray(row(1, 255, levels), { dtype });
      expect(
        toGray(
          row(
            3,
            255,
            levels.flatMap((level) => [level, level, level]),
          ),
          { dtype },
        ),
      ).toEqual(gray);
      const pairs = toGray(
        row(
          2,
          255,
          levels.flatMap((level, i) => [level, alpha[i]]),
        ),
        { dtype },
      );
      const four = levels.flatMap((level, i) => [level, level, level, alpha[i]]);
      expect(toGray(row(4, 255, four), { dtype })).toEqual(pairs);
    }
  });

  it.each([1, 15, 100, 255, 65535])(
    "divides gray by maxValue %i: exactly in float64, then rounded in float32",
    (max) => {
      const values = Array.from({ length: Math.min(max, 255) + 1 }, (_, k) =>
        Math.floor((k * max) / Math.min(max, 255)),
      );
      const pixels = row(1, max, values);
      const exact = toGray(pixels, { dtype: "float64" });
      expect(exact.data).toEqual(Float64Array.from(values, (k) => k / max));
      expect(exact.data.at(-1)).toBe(1);
      expect(toGray(pixels).data).toEqual(Float32Array.from(values, (k) => Math.fround(k / max)));
    },
  );

  it("takes the luminance of colour", () => {
    const { data } = toGray(row(3, 255, [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30]), {
      dtype: "float64",
    });
    const mixed = 0.2125 * (10 / 255) + 0.7154 * (20 / 255) + 0.0721 * (30 / 255);
    expect([...data]).toEqual([0.2125, 0.7154, 0.0721, 1, mixed]);
  });

  it("lays transparent pixels on white", () => {
    const { data } = toGray(row(4, 255, [0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 77, 100, 0, 0, 51]), {
      dtype: "float64",
    });
    const red = (100 / 255) * 0.2 + 0.8;
    expect([...data]).toEqual([1, 0, 1, 0.2125 * red + 0.7154 * 0.8 + 0.0721 * 0.8]);
    const gray = toGray(row(2, 65535, [0, 0, 65535, 9, 0, 13107, 13107, 65535]), { dtype: "float64" });
    expect([...gray.data]).toEqual([1, 1, 0.8, 0.2]);
  });

  it("stays in [0, 1]", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        (channels, values) => {
          for (const value of toGray(row(channels, 255, [...values]), { dtype: "float64" }).data) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
    const grays = Array.from({ length: 256 }, (_, k) => [k, k, k]).flat();
    expect(Math.max(...toGray(row(3, 255, grays), { dtype: "float64" }).data)).toBe(1);
  });

  it("keeps rows and columns", () => {
    const pixels: Pixels = { width: 3, height: 2, channels: 1, maxValue: 10, data: Uint8Array.of(0, 1, 2, 3, 4, 5) };
    expect(toGray(pixels, { dtype: "float64" })).toEqual({
      width: 3,
      height: 2,
      data: Float64Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5),
    });
  });
});

describe("toChannels", () => {
  const of = (channels: Pixels["channels"], values: number[]) => {
    const image = toChannels(row(channels, 10, values), { dtype: "float64" });
    return [image.channels, [...image.data].map((value) => value * 10)];
  };

  it("puts channels one after the other, repeats gray and keeps alpha", () => {
    expect(of(1, [1, 2])).toEqual([3, [1, 2, 1, 2, 1, 2]]);
    expect(of(2, [1, 9, 2, 8])).toEqual([4, [1, 2, 1, 2, 1, 2, 9, 8]]);
    expect(of(3, [1, 2, 3, 4, 5, 6])).toEqual([3, [1, 4, 2, 5, 3, 6]]);
    expect(of(4, [1, 2, 3, 9, 4, 5, 6, 8])).toEqual([4, [1, 4, 2, 5, 3, 6, 9, 8]]);
  });

  it("gives float32 unless asked for float64", () => {
    expect(toChannels(row(1, 255, [1])).data).toEqual(new Float32Array(3).fill(1 / 255));
  });
});

describe("roundAndClip", () => {
  it.each([255, 65535] as const)("undoes the division by %i, in both precisions", (max) => {
    for (let k = 0; k <= max; k++) {
      if (roundAndClip([k / max], max).data[0] !== k) throw new Error(`${k} changed`);
      if (roundAndClip([Math.fround(k / max)], max).data[0] !== k) throw new Error(`${k} changed in float32`);
    }
    const all = roundAndClip(
      Float64Array.from({ length: max + 1 }, (_, k) => k / max),
      max,
    );
    expect(all.maxRoundingError).toBe(0);
    expect(all.data).toBeInstanceOf(max === 255 ? Uint8Array : Uint16Array);
  });

  it("rounds to the nearest, halves up, where Python's function truncates", () => {
    const below = 0.0019607843137254897; // the last double before 1 / 510
    expect([...roundAndClip([0.5, 0.999, below, 1 / 510], 255).data]).toEqual([128, 255, 0, 1]);
    expect([...roundAndClip([0.5], 65535).data]).toEqual([32768]);
  });

  it("reports what it clipped and how far it rounded", () => {
    const result = roundAndClip([-0.5, -1e-9, -0, 0, 0.25, 1, 1.0000001, Infinity, -Infinity], 255);
    expect([...result.data]).toEqual([0, 0, 0, 0, 64, 255, 255, 255, 0]);
    expect(result.clipped).toEqual({ below: 3, above: 2 });
    expect(result.maxRoundingError).toBe(64 / 255 - 0.25);
  });

  it("never rounds by more than half a step", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.constantFrom(255 as const, 65535 as const),
        (values, max) => {
          const { data, clipped, maxRoundingError } = roundAndClip(values, max);
          expect(clipped).toEqual({ below: 0, above: 0 });
          expect(maxRoundingError).toBe(
            Math.max(0, ...values.map((value, index) => Math.abs(data[index] / max - value))),
          );
          expect(maxRoundingError * max).toBeLessThanOrEqual(0.5 + 1e-9);
        },
      ),
    );
  });

  it("refuses NaN", () => {
    expect(() => roundAndClip([0, Number.NaN], 255)).toThrow(/value 1 is NaN/);
  });
});
