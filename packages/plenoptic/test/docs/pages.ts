// A page for users, run: its samples as one program, in a folder that holds a photograph, and the numbers beside its lines.

import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beginningsSaid, oneProgram, printedBy, samplesOf } from "@plenoptic-js/proof/samples/samples";
import { expect } from "vitest";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/**
 * @param path from the project's root
 * @param prepare makes what else the page's samples find in their folder, which is the current one
 */
export async function checkPage(path: string, prepare?: () => Promise<void>): Promise<void> {
  const program = oneProgram(samplesOf(await readFile(ROOT + path, "utf8")));
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  const before = process.cwd();
  process.chdir(folder);
  try {
    // What a file holds is told by its bytes, not by its name.
    await copyFile(`${ROOT}packages/plenoptic/assets/images/house.pgm`, "photo.png");
    await prepare?.();
    const said = beginningsSaid(program);
    const printed = await printedBy(program);
    expect(printed.map((line, i) => said[i] && line.slice(0, said[i].length))).toEqual(said);
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
}
