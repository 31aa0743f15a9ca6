// The functions of a synthesis in a file: what stands where, and how much of it is read. docs/science/files.md, "Stored models".

import type { JsonObject } from "@plenoptic-js/formats";
import type { TensorSpec } from "@plenoptic-js/tensor";
import type { StoredLimits } from "@plenoptic-js/tensor/engine";

/** The key in `save_metadata`, and the keys of the dictionary that stands there. */
export const MODEL_KEY = "plenoptic_js_model";
export const INDEX_KEY = "index";
export const GRAPHS_KEY = "graphs";
export const CONSTANTS_KEY = "constants";

/** The form of the index. A reader that does not know it must not use it. */
export const MODEL_FORM = 1;

export const FUNCTIONS = ["model", "lossFunction", "penaltyFunction", "optimizedMetric", "referenceMetric"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** What each is called in texts. */
export const FUNCTION_WORDS: Readonly<Record<FunctionName, string>> = {
  model: "model",
  lossFunction: "loss",
  penaltyFunction: "penalty",
  optimizedMetric: "optimized metric",
  referenceMetric: "reference metric",
};

export interface IndexCase {
  readonly inputs: readonly TensorSpec[];
  readonly scales: readonly (string | number)[] | null;
  /** The fingerprint of the graph, under which its text stands. */
  readonly graph: string;
}

export interface IndexFunction {
  /** The dotted name under which Python's plenoptic would know it. */
  readonly savedName: string;
  /** The name that recipes give it; null where it has none. */
  readonly name: string | null;
  /** Of a model: what it was made with, and its scales. */
  readonly options?: JsonObject | null;
  readonly scales?: readonly (string | number)[];
  readonly cases: readonly IndexCase[];
}

/** The index of a file, as JSON. */
export interface ModelIndex {
  readonly form: typeof MODEL_FORM;
  readonly functions: Readonly<Partial<Record<FunctionName, IndexFunction>>>;
}

/** What one graph may hold at most. */
export const GRAPH_LIMITS: Pick<
  StoredLimits,
  "characters" | "nodes" | "inputs" | "elements" | "constantBytes" | "work" | "instructions"
> = {
  characters: 64 * 1024 * 1024,
  nodes: 20_000,
  inputs: 8,
  elements: 0x1000_0000,
  constantBytes: 0x8000_0000,
  work: 1e12,
  instructions: 200_000,
};

/** What all graphs of a file may hold at most, together. */
export const FILE_LIMITS = {
  graphs: 256,
  characters: 128 * 1024 * 1024,
  nodes: 200_000,
  constants: 20_000,
  constantBytes: 0x8000_0000,
  indexCharacters: 4 * 1024 * 1024,
} as const;

/** How large a stored model is. */
export interface StoredModelSize {
  /** Graphs: one for each function and each type of its arguments; from coarse to fine one for each scale. */
  readonly graphs: number;
  readonly nodes: number;
  /** Bytes of all constants, each once. */
  readonly constantBytes: number;
  /** Scalar operations that the largest graph takes to be computed once, roughly. */
  readonly work: number;
  /** What it adds to a file, in bytes, but for a little that lies between. */
  readonly bytes: number;
}
