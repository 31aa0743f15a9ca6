// Stored graphs for whoever runs them: what was read can be compiled.

import { fourierOps } from "./compile/fourierKernels.ts";
import { type LoadedGraph, readGraph, type StoredLimits } from "./stored/read.ts";
import type { StoredGraph } from "./stored/store.ts";

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
