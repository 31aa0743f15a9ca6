// The samples of the README are right: each is run, and prints the comments that have lines of their own.

import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linesSaid, printedBy, samplesOf } from "@plenoptic-js/proof/samples/samples";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PtStorage, PtTensor, readImage, readPt, writePt } from "../src/index.ts";

const samples = samplesOf(await readFile(new URL("../README.md", import.meta.url), "utf8"));
const before = process.cwd();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "formats-readme-"));
  process.chdir(folder);
  const weight = PtTensor.of("float32", [8, 3, 5, 5], new Float32Array(600));
  const halves = new PtStorage("float16", 8, new Uint8Array(16));
  const bias = new PtTensor({ dtype: "float16", shape: [8], storage: halves });
  const tensors = [
    ["conv.weight", weight],
    ["conv.bias", bias],
  ] as const;
  await writeFile("model.pt", writePt(new Map(tensors)));
  await copyFile(new URL("./data/codecs/jpeg-420.jpg", import.meta.url), "photo.jpg");
});
afterAll(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true });
});

test("there are samples", () => {
  expect(samples.length).toBe(5);
});

test.each(samples.map((code, i) => [/from "([^"]+)"/.exec(code)?.[1], i, code] as const))(
  "what imports %s, sample %i, prints what it says",
  async (_, _i, code) => {
    expect(await printedBy(code)).toEqual(linesSaid(code));
  },
);

test("what they wrote can be read", async () => {
  const { value } = readPt(await readFile("mine.pt"));
  if (!(value instanceof Map)) throw new Error("mine.pt holds no dictionary");
  expect([...value.keys(), value.get("epoch")]).toEqual(["weight", "epoch", 3n]);
  expect(await readImage(await readFile("gray.png"))).toMatchObject({ width: 37, height: 29, maxValue: 65535 });
});
