// The options of save().

import { checkBoolean, checkOptions } from "@plenoptic-js/tensor/engine";

export interface SaveOptions {
  /**
   * Whether model, loss, penalty and metrics are in the file too, as data: it then needs none of the code that made it, for its shape and
   * dtype. `modelSize()` says how large they are. Default false.
   */
  readonly withModel?: boolean;
}

export function checkSaveOptions(options: SaveOptions): Required<SaveOptions> {
  checkOptions("save()", options, ["withModel"]);
  const { withModel = false } = options;
  checkBoolean("save()", "withModel", withModel);
  return { withModel };
}
