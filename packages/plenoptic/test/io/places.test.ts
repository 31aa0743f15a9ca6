// What reads or writes a file and is not told which: the refusal names the function that was called, and what it needs.

import { readSource, readSourcePieces, writeFileAtomic } from "@plenoptic-js/formats";
import { ones } from "@plenoptic-js/tensor";
import { describe, expect, it } from "vitest";
import * as po from "../../src/index.ts";

const { io } = po;
const image = ones([1, 1, 16, 16]);
const model = new po.models.Gaussian(5);
const metamer = new po.Metamer(image, model);
const mad = new po.MADCompetition(image, po.metric.mse, (a, b) => po.metric.mse(a, b).sqrt(), "min", {
  metricTradeoffLambda: 1,
});
const eigendistortion = new po.Eigendistortion(image, model);

type Call = (place: string) => Promise<unknown>;

const readers: readonly (readonly [name: string, Call])[] = [
  ["loadImages", (source) => po.loadImages(source)],
  ["loadImages", (source) => po.loadImages([source])],
  ["loadFile", io.loadFile],
  ["loadArray", io.loadArray],
  ["loadArrays", io.loadArrays],
  ["examineSavedSynthesis", io.examineSavedSynthesis],
  ["Metamer: load()", (source) => metamer.load(source)],
  ["MADCompetition: load()", (source) => mad.load(source)],
  ["Eigendistortion: load()", (source) => eigendistortion.load(source)],
];

const writers: readonly (readonly [name: string, Call])[] = [
  ["saveImage", (path) => po.saveImage(path, image)],
  ["saveFile", (path) => io.saveFile(path, new Map())],
  ["saveArrays", (path) => io.saveArrays(path, image)],
  ["Metamer: save()", (path) => metamer.save(path)],
  ["MADCompetition: save()", (path) => mad.save(path)],
  ["Eigendistortion: save()", (path) => eigendistortion.save(path)],
];

const ofFormats: readonly (readonly [name: string, Call])[] = [
  ["readSource", readSource],
  ["readSourcePieces", readSourcePieces],
  ["writeFileAtomic", (path) => writeFileAtomic(path, new Uint8Array(1))],
];

const nowhere: readonly (readonly [shown: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["3", 3],
];
const unsaid = [...nowhere, ['""', ""] as const];

describe.each(readers)("%s", (name, read) => {
  it.each(unsaid)("is told %s", async (shown, value) => {
    await expect(read(value as string)).rejects.toThrow(
      new TypeError(`${name}: the source is ${shown}; it must be a path, URL, Blob, ArrayBuffer or Uint8Array`),
    );
  });
});

describe.each(writers)("%s", (name, write) => {
  it.each(unsaid)("is told %s", async (shown, value) => {
    await expect(write(value as string)).rejects.toThrow(
      new TypeError(`${name}: the path is ${shown}; it must be a text, the name of a file`),
    );
  });
});

describe.each(ofFormats)("%s", (name, use) => {
  it.each(nowhere)("is told %s", async (shown, value) => {
    await expect(use(value as string)).rejects.toThrow(
      new RegExp(`^${name}: the (path|source) is ${shown}; it must be`),
    );
  });

  it("is told nothing", async () => {
    await expect(use("")).rejects.toThrow('"": the path is empty');
  });
});
