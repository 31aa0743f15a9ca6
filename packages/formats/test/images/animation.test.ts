// Animations as other programs read them: every pixel of every frame, and how long each is shown.

import { decodeApng } from "fast-png";
import { GifReader } from "omggif";
import { describe, expect, test } from "vitest";
import { type AnimationPixels, writeApng, writeGif } from "../../src/index.ts";

/** Frames without a pattern. */
function noise(width: number, height: number, channels: 1 | 3, count: number, levels = 256): AnimationPixels {
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor(((state >>> 16) % levels) * (255 / (levels - 1)));
  };
  const frames = Array.from({ length: count }, () => Uint8Array.from({ length: width * height * channels }, next));
  return { width, height, channels, frames };
}

/** Red, green, blue and opacity of each pixel. */
function rgba({ channels, frames }: AnimationPixels, at: number): number[] {
  const frame = frames[at];
  return Array.from({ length: frame.length / channels }, (_, i) =>
    channels === 1 ? [frame[i], frame[i], frame[i], 255] : [...frame.subarray(3 * i, 3 * i + 3), 255],
  ).flat();
}

interface Read {
  readonly frames: readonly (readonly number[])[];
  /** Seconds. */
  readonly times: readonly number[];
  readonly plays: number;
}

function readGif(bytes: Uint8Array, { width, height }: AnimationPixels): Read {
  const reader = new GifReader(bytes);
  expect([reader.width, reader.height]).toEqual([width, height]);
  const frames = Array.from({ length: reader.numFrames() }, (_, i) => {
    const pixels = new Uint8Array(4 * width * height);
    reader.decodeAndBlitFrameRGBA(i, pixels);
    return [...pixels];
  });
  const times = frames.map((_, i) => reader.frameInfo(i).delay / 100);
  return { frames, times, plays: reader.loopCount() === 0 ? Number.POSITIVE_INFINITY : 1 };
}

function readApng(bytes: Uint8Array, { width, height }: AnimationPixels): Read {
  const { numberOfFrames, numberOfPlays, frames: read } = decodeApng(bytes);
  expect(numberOfFrames).toBe(read.length);
  const frames = read.map(({ data }) => {
    const channels = data.length / (width * height);
    return rgba({ width, height, channels: channels as 1 | 3, frames: [data as Uint8Array] }, 0);
  });
  const times = read.map(({ delayNumber, delayDenominator }) => delayNumber / delayDenominator);
  return { frames, times, plays: numberOfPlays === 0 ? Number.POSITIVE_INFINITY : numberOfPlays };
}

const kinds = [
  ["GIF", writeGif, readGif],
  ["APNG", writeApng, readApng],
] as const;

describe.each(kinds)("%s", (_, write, read) => {
  test.each([
    ["gray noise of all levels", noise(37, 23, 1, 5)],
    ["one pixel", noise(1, 1, 1, 2)],
    ["one frame", noise(8, 8, 1, 1)],
    ["many pixels, so that codes run full", noise(300, 200, 1, 2)],
    ["few colours", noise(31, 9, 3, 3, 6)],
    [
      "two colours, then others",
      { ...noise(4, 4, 1, 3, 2), frames: [0, 1, 2].map((v) => new Uint8Array(16).fill(v * 100)) },
    ],
  ] as const)("%s, pixel for pixel", (_, animation) => {
    const { frames } = read(write(animation, { framerate: 4 }), animation);
    expect(frames).toHaveLength(animation.frames.length);
    frames.forEach((frame, i) => {
      expect(frame, `frame ${i}`).toEqual(rgba(animation, i));
    });
  });

  test("times and repetition", () => {
    const animation = noise(4, 4, 1, 12);
    const ten = read(write(animation), animation);
    expect([ten.times, ten.plays]).toEqual([Array(12).fill(0.1), 1]);
    const two = read(write(animation, { framerate: 2.5, repeat: true }), animation);
    expect([two.times, two.plays]).toEqual([Array(12).fill(0.4), Number.POSITIVE_INFINITY]);
    // A third of a tenth: one after the other they last as long as they should.
    const { times } = read(write(animation, { framerate: 30 }), animation);
    expect(times.reduce((sum, time) => sum + time, 0)).toBeCloseTo(0.4, 10);
  });

  test("the same frames give the same bytes", () => {
    expect(write(noise(9, 9, 1, 3))).toEqual(write(noise(9, 9, 1, 3)));
  });

  test.each([
    ["no frames", { ...noise(2, 2, 1, 1), frames: [] }, {}, /needs at least one frame/],
    [
      "a frame of another size",
      { ...noise(2, 2, 1, 1), frames: [new Uint8Array(3)] },
      {},
      /frame 0 has 3 samples; .* need 4/,
    ],
    ["no size", { ...noise(2, 2, 1, 1), width: 0 }, {}, /cannot be 0 x 2 pixels/],
    ["no rate", noise(2, 2, 1, 1), { framerate: 0 }, /framerate is 0; it must be a number from 1\/60 to 1000/],
  ])("%s is refused", (_, animation, options, words) => {
    expect(() => write(animation, options)).toThrow(words);
  });
});

test("APNG holds any number of colours; a GIF refuses what it would have to change", () => {
  const animation = noise(40, 40, 3, 2);
  const { frames } = readApng(writeApng(animation), animation);
  expect(frames).toEqual([rgba(animation, 0), rgba(animation, 1)]);
  expect(() => writeGif(animation)).toThrow(/frame 0 has more than 256 colours.*Write an APNG/);
  expect(() => writeGif(noise(2, 2, 1, 2), { framerate: 60 })).toThrow(/at most 50 frames of a GIF a second/);
});
