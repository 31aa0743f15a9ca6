// Mistyped options are told the nearest.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readNpy, readPng, writePng } from "../src/index.ts";

const bytes = new Uint8Array(8);
const pixels = { width: 1, height: 1, channels: 1, maxValue: 255, data: new Uint8Array(1) } as const;

test.each<[string, () => unknown, RegExp]>([
  [
    "readPng",
    () => readPng(bytes, { maxpixel: 3 } as never),
    /^readPng\(\) has no option "maxpixel"; did you mean "maxPixels"\? Its options are name, maxPixels$/,
  ],
  ["readNpy", () => readNpy(bytes, { nmae: "a" } as never), /no option "nmae"; did you mean "name"\?/],
  ["writePng", () => writePng(pixels, { texts: new Map() } as never), /no option "texts"; did you mean "text"\?/],
  [
    "one that is near nothing",
    () => readNpy(bytes, { colour: 1 } as never),
    /no option "colour"; its options are name$/,
  ],
])("%s", (_name, call, message) => {
  expect(call).toThrow(message);
});

test.each(["didYouMean.ts", "withArticle.ts"])("%s is the same file as in the tensor package", (name) => {
  const text = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  expect(text(`../src/${name}`)).toBe(text(`../../tensor/src/words/${name}`));
});
