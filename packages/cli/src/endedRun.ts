// A run that goes on and finds its results there. It was ended between the writing of the results and the removal of its checkpoints, or
// the command is given once more. It then is made up to its end, which is no step, and what is there must be what that gives.

import type { Recipe } from "plenoptic-js/engine";
import type { Done } from "./longWork.ts";
import { type FolderChoice, hasResult, otherResults } from "./resultFolder.ts";

/** A step would be made: the results are of a run that ended earlier. */
export function refuseToGoBeyond({ path }: FolderChoice): never {
  throw otherResults(path);
}

/**
 * What was made, with no files to be written: the folder has them.
 *
 * @param recipes by the names of their files
 * @throws UserError where the folder has others
 */
export async function thatIsThere(
  { path }: FolderChoice,
  done: Done,
  recipes: readonly (readonly [name: string, recipe: Recipe])[],
): Promise<Done> {
  for (const [name, { result }] of recipes) {
    if (!(await hasResult(path, result.sha256, name))) throw otherResults(path);
  }
  return { ...done, files: null };
}
