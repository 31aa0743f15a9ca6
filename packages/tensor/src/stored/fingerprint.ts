// The fingerprint of a graph: a SHA-256 over its structure and constants, independent of how it was built in memory.
// Two graphs with the same fingerprint compute the same function. Used to recognise models and to compare traces.

import type { Node } from "../ops/definition.ts";
import { hashText } from "./hash.ts";
import { graphText } from "./text.ts";

/** The fingerprint of a graph. Inputs count by their position in `inputs`. */
export function fingerprint(outputs: readonly Node[], inputs: readonly Node[]): string {
  return hashText(graphText(outputs, inputs));
}
