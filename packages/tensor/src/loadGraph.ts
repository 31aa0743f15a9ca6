// Stored graphs for whoever runs them: what was read can be compiled.

import { fourierOps } from "./compile/fourierKernels.ts";
import { inlined } from "./graph/inline.ts";
import type { StoredLimits } from "./stored/limits.ts";
import { type LoadedGraph, readGraph } from "./stored/read.ts";
import type { StoredGraph } from "./stored/store.ts";
import { Tensor } from "./tensor.ts";

/**
 * Reads a stored graph. Every node is made anew through its op's checks, so that no text, however made, gives a graph that
 * the builders would have refused. The arrays are not copied.
 *
 * @param limits what it may hold at most; the usual limits are far above any model.
 * @throws StoredGraphError that names the line and what is wrong with it.
 */
export function loadGraph(stored: StoredGraph, limits: Partial<StoredLimits> = {}): LoadedGraph {
  fourierOps();
  return readGraph(stored, limits);
}

/**
 * What a graph of one output gives for some tensors, as if the function that it was made of had been called on them: gradients flow, and
 * nothing is computed yet. They must have the types of its inputs.
 */
export function callGraph(
  { outputs: [output], inputs }: Pick<LoadedGraph, "outputs" | "inputs">,
  given: readonly Tensor[],
): Tensor {
  return new Tensor(
    inlined(
      [output],
      inputs,
      given.map(({ node }) => node),
    )[0],
  );
}
