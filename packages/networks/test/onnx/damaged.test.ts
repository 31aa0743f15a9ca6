// Small networks, damaged at random, the same ones every time: always a network or an error of ours, soon.

import { readdirSync, readFileSync } from "node:fs";
import { FileError } from "@plenoptic-js/formats";
import { OnnxError } from "@plenoptic-js/networks";
import { readOnnx } from "@plenoptic-js/networks/onnx";
import { damage, numbersOf } from "@plenoptic-js/proof/fuzz/damage";
import { ShapeError, zeros } from "@plenoptic-js/tensor";
import { expect, test } from "vitest";

const folder = new URL("../data/golden/ops/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".onnx"));
const RUNS = 6000;
const MAX_MILLISECONDS = 2000;

/** What may be said of a file, of an image that does not fit what a damaged file says it takes, and of several results. */
const isOurs = (error: unknown): boolean =>
  error instanceof FileError ||
  error instanceof OnnxError ||
  error instanceof ShapeError ||
  (error instanceof RangeError && error.message.includes("results"));

test(`${RUNS} damaged networks give a result, or an error of ours`, async () => {
  const wrong: string[] = [];
  let refused = 0;
  for (let run = 0; run < RUNS; run++) {
    const draw = numbersOf(15, run);
    const name = files[draw(files.length)];
    const bytes = damage(readFileSync(new URL(name, folder)), draw);
    const start = performance.now();
    try {
      const network = await readOnnx(bytes);
      const shape = network.imageShape?.map((n) => Math.min(n ?? 4, 64)) ?? [1, 3, 6, 6];
      network.forward(zeros(shape, { dtype: "float32" }));
    } catch (error) {
      refused++;
      if (!isOurs(error)) wrong.push(`run ${run}, ${name}: ${error instanceof Error ? error.stack : error}`);
    }
    const took = performance.now() - start;
    if (took > MAX_MILLISECONDS) wrong.push(`run ${run}, ${name}: ${took} ms`);
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(refused).toBeGreaterThan(RUNS / 4);
});
