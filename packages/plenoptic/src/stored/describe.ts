// What a stored model is, for people: what each function is called on and gives, and what its graphs are made of.

import { FileError, type PtValue } from "@plenoptic-js/formats";
import { describe, sizeOfGraph } from "@plenoptic-js/tensor/engine";
import { FUNCTION_WORDS, type StoredModelSize } from "./form.ts";
import { readFunctions } from "./read.ts";

export interface StoredGraphDescription {
  /** Of a model: the scales of the part that this graph gives; null: all of them. */
  readonly scales: readonly (string | number)[] | null;
  /** What it is called on, and what it gives, such as `float64 [1, 1, 64, 64]`. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly fingerprint: string;
  readonly nodes: number;
  readonly constantBytes: number;
  /** How often each operation occurs. */
  readonly ops: Readonly<Record<string, number>>;
}

export interface StoredFunctionDescription {
  /** `model`, `loss`, `penalty`, `optimized metric` or `reference metric`. */
  readonly what: string;
  readonly name: string;
  readonly graphs: readonly StoredGraphDescription[];
}

export interface StoredModelDescription {
  readonly functions: readonly StoredFunctionDescription[];
  /** null where it cannot be read. */
  readonly size: StoredModelSize | null;
  /** Why it cannot be read; null where it can. */
  readonly problem: string | null;
}

/** What stands in `save_metadata`; null where there is no model. One that cannot be read is described too. */
export function describeFunctions(metadata: PtValue | undefined, file: string): StoredModelDescription | null {
  let read: ReturnType<typeof readFunctions>;
  try {
    read = readFunctions(metadata, file);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { functions: [], size: null, problem: error.message };
  }
  if (read === null) return null;
  const functions = Object.entries(read.functions).map(([name, one]): StoredFunctionDescription => {
    const graphs = one.function.cases.map(({ inputs, scales, graph }): StoredGraphDescription => {
      const { nodes, ops, constantBytes } = sizeOfGraph(graph.outputs);
      return {
        scales,
        inputs: inputs.map(describe),
        output: describe(graph.outputs[0]),
        fingerprint: graph.fingerprint,
        nodes,
        constantBytes,
        ops: Object.fromEntries([...ops].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
      };
    });
    return { what: FUNCTION_WORDS[name as keyof typeof FUNCTION_WORDS], name: one.name ?? one.savedName, graphs };
  });
  return { functions, size: read.size, problem: null };
}

/** Bytes as people read them. */
export const megabytes = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} bytes` : `${(bytes / 1_000_000).toFixed(bytes < 1_000_000 ? 2 : 1)} MB`;

/** A stored model in rows of a table. */
export function storedModelRows({ functions, size, problem }: StoredModelDescription): string[][] {
  if (size === null) return [["cannot be read", problem ?? ""]];
  const rows = functions.flatMap(({ what, name, graphs }) =>
    graphs.map(({ scales, inputs, output, nodes, constantBytes, ops }, i) => [
      i === 0 ? what : "",
      i === 0 ? name : "",
      `${inputs.join(", ")} -> ${output}`,
      scales === null ? "" : `scales ${scales.join(", ")}`,
      `${nodes} nodes, ${megabytes(constantBytes)} of constants: ${Object.entries(ops)
        .map(([op, count]) => `${op} ${count}`)
        .join(", ")}`,
    ]),
  );
  const all =
    `${size.graphs} graphs, ${size.nodes} nodes, ${megabytes(size.constantBytes)} of constants, ${megabytes(size.bytes)} in the file; fixed ` +
    "shapes and dtypes; no code is needed";
  return [...rows, ["together", all]];
}
