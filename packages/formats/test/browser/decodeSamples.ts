// Decodes sample files of test/data/codecs, on a page or in a worker.

import type { Pixels } from "../../src/index.ts";
import { FileError, readImage } from "../../src/index.ts";

export const samples = [
  "jpeg-420.jpg",
  "jpeg-progressive-444.jpg",
  "jpeg-gray.jpg",
  "webp-lossy.webp",
  "webp-lossless-alpha.webp",
  "tiff-tiles.tif",
  "tiff-float32-predictor.tif",
] as const;

export async function fetchSample(file: string): Promise<Uint8Array> {
  const response = await fetch(new URL(`../data/codecs/${file}`, import.meta.url));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export interface DecodedSamples {
  /** In the order of `samples`. */
  readonly pixels: readonly Pixels[];
  /** The code of the error for each sample with noise in it; undefined for those that can still be read. */
  readonly codes: readonly (string | undefined)[];
  /** Whether the platform's ImageData is there afterwards. */
  readonly isImageDataKept: boolean;
}

export async function decodeSamples(): Promise<DecodedSamples> {
  const before = globalThis.ImageData;
  const files = await Promise.all(samples.map(fetchSample));
  const codes = await Promise.all(
    files.map(async (bytes, i) => {
      const noisy = Uint8Array.from(bytes).fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 60);
      try {
        await readImage(noisy, { name: samples[i] });
        return undefined;
      } catch (error) {
        if (error instanceof FileError) return error.code;
        throw error;
      }
    }),
  );
  const pixels = await Promise.all(files.map((bytes, i) => readImage(bytes, { name: samples[i] })));
  return { pixels, codes, isImageDataKept: globalThis.ImageData === before };
}
