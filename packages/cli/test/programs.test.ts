// How many programs a command compiles, report and files included: no representation is computed by a program of each figure.

import { writeFile } from "node:fs/promises";
import { madeSoFar } from "@plenoptic-js/tensor/engine";
import { describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

/** The angles and the logarithms of a grid of frequencies, of which the texture model's masks are made, come of one program. */
const GRID = 1;

/**
 * Sides are large enough that representations are not left to the interpreter, and all different: programs are kept for their
 * next use. `programs` are those of the work itself, and one for the representation.
 */
const commands: readonly [name: string, args: string[], side: number, programs: number][] = [
  ["metamer", ["--model", "gaussian", "--iterations", "2"], 120, 2],
  ["metamer", ["--model", "on-off", "--iterations", "2"], 124, 2],
  ["metamer", ["--preset", "texture", "--iterations", "1"], 176, 2 + GRID],
  // Four parts one by one besides, in the page's table; two are small.
  [
    "metamer",
    ["--model", "portilla-simoncelli", "--coarse-to-fine", "together", "--iterations", "1"],
    144,
    2 + 4 + GRID,
  ],
  // Both metrics' checks, the value of one at the start (the other is small), their gradients, and four searches.
  ["mad", ["--optimized", "ssim", "--reference", "mse", "--iterations", "1"], 132, 2 + 1 + 1 + 4],
  ["eigendistortion", ["--model", "on-off", "--iterations", "20"], 136, 2],
  ["represent", ["--model", "portilla-simoncelli"], 160, 1 + GRID],
];

describe("the programs of a command", () => {
  it.each(commands)("%s %j, %i pixels wide", async (name, args, side, programs) => {
    await writeGray("photo.png", side, side);
    const before = madeSoFar().programs;
    const { code, err } = await run(name, "photo.png", ...args, "--out", "made");
    expect(code, err).toBe(0);
    expect(madeSoFar().programs - before).toBe(programs);
  });
});

describe.runIf(process.platform === "linux")("a command whose results cannot be written", () => {
  it.each(["metamer", "mad", "eigendistortion", "represent", "pyramid"])("%s computes nothing", async (name) => {
    await writeGray("photo.png", 112, 112);
    await writeFile("file", "");
    const before = madeSoFar().programs;
    for (const out of ["/proc/plenoptic", "file/results"]) {
      const { code, err } = await run(name, "photo.png", "--out", out);
      expect(code).toBe(2);
      expect(err).toMatch(/^error: .*--out\n$/);
    }
    expect(madeSoFar().programs).toBe(before);
  });
});
