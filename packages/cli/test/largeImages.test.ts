// Photographs that are too large for what is asked: refused by their size, before anything is computed of their pixels.

import { readdir, writeFile } from "node:fs/promises";
import { madeSoFar } from "@plenoptic-js/tensor/engine";
import { expect, it } from "vitest";
import { run } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

/** A black image without compression. */
async function writePgm(width: number, height: number): Promise<void> {
  const header = new TextEncoder().encode(`P5 ${width} ${height} 255\n`);
  const bytes = new Uint8Array(header.length + width * height);
  bytes.set(header);
  await writeFile("large.pgm", bytes);
}

it.each<[width: number, height: number, args: string[], words: RegExp]>([
  [
    4096,
    4096,
    ["represent", "large.pgm"],
    /^error: the program needs \d\.\d\d GiB .* What would do: --dtype float32; or a smaller image, such as --resize \d{4}x\d{4} makes it\.\n$/,
  ],
  [
    3840,
    2880,
    ["represent", "large.pgm", "--model", "gaussian"],
    /^error: the representation has 11059200 numbers, and at most 10000000 are written as tables; add --resize 3584x2688, or, in a/,
  ],
  [
    2560,
    2048,
    ["represent", "large.pgm", "--model", "on-off"],
    /has 10485760 numbers.* --resize 2400x1920, or, in a program, write the tensor to a \.npy file with po\.io\.saveArrays\n$/,
  ],
  [
    8000,
    6000,
    ["pyramid", "large.pgm"],
    /^error: the program needs \d\.\d\d GiB .* What would do: --dtype float32; or a smaller image, such as --resize \d{4}x\d{4}/,
  ],
  // Images are compared in float64 and in no other precision.
  [
    8192,
    8192,
    ["compare", "large.pgm", "large.pgm", "--metric", "mse,nlpd"],
    /^error: the program needs \d\.\d\d GiB .* What would do: a smaller image, such as --resize \d{4}x/,
  ],
])("%d x %d: %j", async (width, height, args, words) => {
  await writePgm(width, height);
  const before = madeSoFar().programs;
  const { code, out, err } = await run(...args);
  expect({ code, out, programs: madeSoFar().programs }).toEqual({ code: 2, out: "", programs: before });
  expect(await readdir(".")).toEqual(["large.pgm"]);
  expect(err.slice(err.indexOf("error: "))).toMatch(words);
});
