// Every function that takes options refuses one that it does not have. The report of the public interface (api/) says which
// functions those are: one that is new fails here until it is called below.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as formats from "../src/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: the option that is given is one that the types refuse
const unknown: any = { nothing: 1 };
const bytes = new Uint8Array(8);
const pixels = { width: 1, height: 1, channels: 1, maxValue: 255, data: new Uint8Array(1) } as const;

const animation = { width: 1, height: 1, channels: 1, frames: [new Uint8Array(1)] } as const;

const calls: Readonly<Record<string, () => unknown>> = {
  readBeside: () => formats.readBeside("a", "b", unknown),
  readImage: () => formats.readImage(bytes, unknown),
  readNpy: () => formats.readNpy(bytes, unknown),
  readNpyTensor: () => formats.readNpyTensor(bytes, unknown),
  readNpz: () => formats.readNpz(bytes, unknown),
  readPng: () => formats.readPng(bytes, unknown),
  readPt: () => formats.readPt(bytes, unknown),
  readSafetensors: () => formats.readSafetensors(bytes, unknown),
  readSource: () => formats.readSource(bytes, unknown),
  readSourcePieces: () => formats.readSourcePieces(bytes, unknown),
  toChannels: () => formats.toChannels(pixels, unknown),
  toGray: () => formats.toGray(pixels, unknown),
  writeApng: () => formats.writeApng(animation, unknown),
  writeGif: () => formats.writeGif(animation, unknown),
  writePng: () => formats.writePng(pixels, unknown),
  writePt: () => formats.writePt(null, unknown),
  writePtParts: () => formats.writePtParts(null, unknown),
};

test("all that takes options is here", () => {
  const report = readFileSync(new URL("../../../api/formats.api.md", import.meta.url), "utf8");
  const found = [...report.matchAll(/^export function (\w+).*\boptions\??: /gm)].map(([, name]) => name);
  expect(new Set(Object.keys(calls))).toEqual(new Set(found));
});

test.each(Object.entries(calls))("%s", async (_name, call) => {
  const outcome = (async () => call())();
  await expect(outcome).rejects.toThrow(/has no option "nothing"; its options are/);
});
