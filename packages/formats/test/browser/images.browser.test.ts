// JPEG, WebP and TIFF on a page and in a worker: the same values as in Node, which are those of Pillow and tifffile.

import { afterAll, expect, it } from "vitest";
import { readNpy } from "../../src/index.ts";
import { type DecodedSamples, decodeSamples, fetchSample, samples } from "./decodeSamples.ts";

const worker = new Worker(new URL("./imageWorker.ts", import.meta.url), { type: "module" });

afterAll(() => {
  worker.terminate();
});

function decodeInWorker(): Promise<DecodedSamples> {
  return new Promise((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage("go");
  });
}

it.each([
  ["a page", decodeSamples],
  ["a worker", decodeInWorker],
])("%s reads images exactly", async (_, run) => {
  const { pixels, codes, isImageDataKept } = await run();
  for (const [i, file] of samples.entries()) {
    const expected = readNpy(await fetchSample(file.replace(/\..*$/, ".npy")));
    const { width, height, channels, data } = pixels[i];
    expect([height, width, channels], file).toEqual([expected.shape[0], expected.shape[1], expected.shape[2] ?? 1]);
    expect(Array.from(data), file).toEqual(Array.from(expected.data));
  }
  // Nothing tells of noise in TIFF samples that are not packed.
  const readable = ["tiff-tiles.tif"];
  expect(codes).toEqual(samples.map((file) => (readable.includes(file) ? undefined : "damaged")));
  expect(isImageDataKept).toBe(true);
});
