// Functions of a synthesis as data for a file: each traced for every type that it is called on. Equal graphs and equal arrays are there once.

import { canonicalJson, type JsonObject, type PtDict, PtTensor, type PtValue } from "@plenoptic-js/formats";
import type { Tensor, TensorSpec } from "@plenoptic-js/tensor";
import { type ArrayValue, sizeOfGraph, storeGraph } from "@plenoptic-js/tensor/engine";
import { traceUser } from "../validate/error.ts";
import {
  CONSTANTS_KEY,
  FILE_LIMITS,
  FUNCTION_WORDS,
  type FunctionName,
  GRAPH_LIMITS,
  GRAPHS_KEY,
  INDEX_KEY,
  type IndexCase,
  type IndexFunction,
  MODEL_FORM,
  type ModelIndex,
  type StoredModelSize,
} from "./form.ts";

/** A call that the file must be able to make. */
export interface KeptCall {
  readonly call: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly TensorSpec[];
  readonly scales?: readonly (string | number)[] | null;
}

/** A function that is to be kept: its names, and how it is called. */
export interface KeptFunction extends Omit<IndexFunction, "cases"> {
  readonly calls: readonly KeptCall[];
}

export type KeptFunctions = Readonly<Partial<Record<FunctionName, KeptFunction>>>;

/** Functions as a file has them. */
export interface StoredFunctions {
  readonly dict: PtDict;
  readonly size: StoredModelSize;
}

/** @throws RangeError for what is more than a file may hold */
export function storeFunctions(functions: KeptFunctions): StoredFunctions {
  const graphs = new Map<string, string>();
  const constants = new Map<string, ArrayValue>();
  let [nodes, work] = [0, 0];
  const keep = (what: string, { call, inputs }: KeptCall): string => {
    const traced = traceUser(what, call, inputs);
    const { fingerprint } = traced;
    if (graphs.has(fingerprint)) return fingerprint;
    const size = sizeOfGraph([traced.output]);
    const stored = storeGraph([traced.output], traced.inputs);
    const measured = { ...size, characters: stored.text.length };
    for (const limit of ["characters", "nodes", "elements", "constantBytes", "work", "instructions"] as const) {
      refuseOver(what, limit, measured[limit], GRAPH_LIMITS[limit]);
    }
    graphs.set(fingerprint, stored.text);
    for (const [hash, value] of stored.constants) constants.set(hash, value);
    nodes += size.nodes;
    work = Math.max(work, size.work);
    return fingerprint;
  };
  const index: ModelIndex = {
    form: MODEL_FORM,
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, { calls, ...about }]) => {
        const what = `the ${FUNCTION_WORDS[name as FunctionName]}`;
        const cases = new Map<string, IndexCase>();
        for (const one of calls) {
          const { scales = null } = one;
          const inputs = one.inputs.map(({ dtype, shape }) => ({ dtype, shape: [...shape] }));
          const key = JSON.stringify([inputs, scales]);
          if (!cases.has(key)) cases.set(key, { inputs, scales, graph: keep(what, one) });
        }
        return [name, { ...about, cases: [...cases.values()] }];
      }),
    ),
  };
  const text = canonicalJson(index as unknown as JsonObject);
  const tensors = new Map<PtValue, PtValue>([...constants].map(([hash, value]) => [hash, tensorOf(value)]));
  const constantBytes = [...constants.values()].reduce(
    (sum, { re, im }) => sum + re.byteLength + (im?.byteLength ?? 0),
    0,
  );
  const characters = [...graphs.values()].reduce((sum, graph) => sum + graph.length, 0);
  const all = {
    graphs: graphs.size,
    characters,
    nodes,
    constants: constants.size,
    constantBytes,
    indexCharacters: text.length,
  };
  for (const limit of Object.keys(FILE_LIMITS) as (keyof typeof FILE_LIMITS)[]) {
    refuseOver("all that would be stored", limit, all[limit], FILE_LIMITS[limit]);
  }
  return {
    dict: new Map<PtValue, PtValue>([
      [INDEX_KEY, text],
      [GRAPHS_KEY, new Map<PtValue, PtValue>(graphs)],
      [CONSTANTS_KEY, tensors],
    ]),
    size: { graphs: graphs.size, nodes, constantBytes, work, bytes: constantBytes + characters + text.length },
  };
}

/** What is counted, in words. */
const COUNTED = {
  characters: "characters of text",
  nodes: "nodes",
  elements: "elements in one array",
  constantBytes: "bytes of constants",
  work: "scalar operations for one evaluation",
  instructions: "scalar operations for one element of each node",
  graphs: "graphs",
  constants: "constants",
  indexCharacters: "characters in its index",
};

function refuseOver(what: string, counted: keyof typeof COUNTED, value: number, most: number): void {
  if (value <= most) return;
  throw new RangeError(
    `save: ${what} cannot be kept in a file: it has ${value} ${COUNTED[counted]}, and what a file may hold ends at ${most}. ` +
      "Save without withModel, and give the model again to load()",
  );
}

function tensorOf({ dtype, shape, re, im }: ArrayValue): PtTensor {
  if (im === undefined) return PtTensor.taking(dtype, shape, re);
  const both = new (re.constructor as Float64ArrayConstructor)(2 * re.length);
  for (let i = 0; i < re.length; i++) [both[2 * i], both[2 * i + 1]] = [re[i], im[i]];
  return PtTensor.taking(dtype, shape, both);
}
