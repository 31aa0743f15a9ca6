// Making what a recipe says.

import type { Source } from "@plenoptic-js/formats";
import { checkOptions } from "@plenoptic-js/tensor/engine";
import type { CheckpointOptions } from "../synthesis/frame/checkpointOptions.ts";
import { CannotReplay } from "./cannotReplay.ts";
import { readFor } from "./readResult.ts";
import { RERUN_OPTIONS, type ReplayStep, type RerunOptions, rerun, type Synthesis } from "./rerun.ts";

export interface RunOptions extends RerunOptions {
  /**
   * Keeps the run in a file, from which it goes on after a crash, as `checkpoint` of synthesize() does. Where the recipe has several calls
   * of synthesize(), each has a file: of "m.pt" those after the first are m-2.pt and so on. Not of a search for eigendistortions.
   */
  readonly checkpoint?: CheckpointOptions | null;
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
  checkOptions("replay.run()", options, [...RERUN_OPTIONS, "onProgress", "checkpoint"]);
  const result = await readFor("run", source);
  const { checkpoint = null, onProgress } = options;
  if (checkpoint !== null && result.recipe.method === "Eigendistortion") {
    throw new RangeError("replay.run: a search for eigendistortions has no checkpoint; leave it out");
  }
  const { synthesis, others } = await rerun(result, options, (made) => onProgress?.(made), checkpoint);
  if (others.length === 0) return synthesis;
  throw new CannotReplay(
    "model",
    `the ${others.join(" and the ")} of that name here is another one than that of the recipe`,
  );
}
