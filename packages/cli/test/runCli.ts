// Running the command in this process, on small images.

import { writeFile } from "node:fs/promises";
import { makePng } from "@plenoptic-js/proof/files/makePng";
import { runCommand } from "../src/program.ts";
import { fakeTerminal } from "./fakeTerminal.ts";

export async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal();
  const code = await runCommand(args, terminal);
  return { code, out: terminal.out.text, err: terminal.err.text };
}

/** Writes a gray image without much structure and gives its levels, 0 to 255. `seed` makes others. */
export async function writeGray(path: string, width: number, height: number, seed = 0): Promise<number[]> {
  const samples = Array.from({ length: height * width }, (_, i) => ((i + seed) * 37 + ((i * i) % 101)) % 256);
  await writeFile(path, makePng({ width, height, depth: 8, colourType: 0, samples }));
  return samples;
}
