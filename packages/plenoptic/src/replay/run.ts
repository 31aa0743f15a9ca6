// Making what a recipe says.

import type { Source } from "@plenoptic-js/formats";
import { checkOptions } from "@plenoptic-js/tensor/engine";
import { CannotReplay } from "./cannotReplay.ts";
import { readFor } from "./readResult.ts";
import { RERUN_OPTIONS, type ReplayStep, type RerunOptions, rerun, type Synthesis } from "./rerun.ts";

export interface RunOptions extends RerunOptions {
  /** Called after every step. */
  readonly onProgress?: (made: ReplayStep) => unknown;
}

/**
 * Makes what the recipe in a file says: a synthesis object like any other, to be looked at, saved, or gone on with. The file is a .pt or
 * PNG file, or a recipe alone.
 *
 * @throws CannotReplay where it cannot be run here; FileError for a file that cannot be read
 */
export async function run(source: Source, options: RunOptions = {}): Promise<Synthesis> {
  checkOptions("replay.run()", options, [...RERUN_OPTIONS, "onProgress"]);
  const { synthesis, others } = await rerun(await readFor("run", source), options, (made) =>
    options.onProgress?.(made),
  );
  if (others.length === 0) return synthesis;
  throw new CannotReplay(
    "model",
    `the ${others.join(" and the ")} of that name here is another one than that of the recipe`,
  );
}
