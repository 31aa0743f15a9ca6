// The option --with-model: how large the model is that is written, told before anything is computed or written.

import type { StoredModelSize } from "plenoptic-js";
import { counted, megabytes } from "plenoptic-js/engine";

/**
 * Says how large the model in the file will be.
 *
 * @throws RangeError for one that no file may hold
 */
export function tellModelSize(say: (line: string) => void, synthesis: { modelSize(): StoredModelSize }): void {
  const { graphs, nodes, constantBytes, bytes } = synthesis.modelSize();
  say(
    `Model in the .pt file: ${counted(graphs, "graph")}, ${counted(nodes, "node")}, ${megabytes(constantBytes)} of constants; the file ` +
      `is ${megabytes(bytes)} larger for it`,
  );
}
