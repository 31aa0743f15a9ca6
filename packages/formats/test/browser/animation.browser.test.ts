// Animations as the browser itself decodes them.

import { expect, it } from "vitest";
import { type AnimationPixels, writeApng, writeGif } from "../../src/index.ts";

const WIDTH = 21;
const HEIGHT = 13;

const animation: AnimationPixels = {
  width: WIDTH,
  height: HEIGHT,
  channels: 3,
  frames: [0, 1, 2].map((frame) =>
    Uint8Array.from(
      { length: 3 * WIDTH * HEIGHT },
      (_, i) => (Math.floor(i / 3) * 53 + frame * 7 + (i % 3) * 11) % 256,
    ),
  ),
};

it.each([
  ["image/gif", writeGif],
  ["image/png", writeApng],
] as const)("%s: every pixel of every frame", async (type, write) => {
  const decoder = new ImageDecoder({ type, data: write(animation, { framerate: 4 }) });
  await decoder.tracks.ready;
  await decoder.completed;
  expect(decoder.tracks.selectedTrack?.frameCount).toBe(animation.frames.length);
  for (const [frameIndex, frame] of animation.frames.entries()) {
    const { image } = await decoder.decode({ frameIndex });
    expect(image.duration).toBe(250_000);
    const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext("2d")!;
    context.drawImage(image, 0, 0);
    image.close();
    const { data } = context.getImageData(0, 0, WIDTH, HEIGHT);
    expect(Array.from(data.filter((_, i) => i % 4 !== 3))).toEqual(Array.from(frame));
  }
});
