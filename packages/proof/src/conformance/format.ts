// A golden folder: an index.json that lists cases, and their arrays as .npy files beside it.
// The format is described in the README.md of such a folder.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readNpy } from "@plenoptic-js/formats";

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
  /** For histories: the relative tolerance of each entry. `rtol` is then the largest of them. */
  readonly rtol_by_entry?: readonly number[];
}

export interface ArrayReference {
  readonly file: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly sha256: string;
}

export interface OutputReference extends ArrayReference {
  readonly tolerance: Tolerance;
  /** For a computation in float32, where that is another. */
  readonly tolerance_float32?: Tolerance;
}

/** One case. Python-style names and values, as they stand in index.json. */
export interface GoldenCase {
  readonly name: string;
  readonly group: string;
  readonly function: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, ArrayReference>>;
  readonly outputs: Readonly<Record<string, OutputReference>>;
  readonly extra_inputs?: Readonly<Record<string, ArrayReference>>;
  readonly dtype?: string;
  readonly variant?: string;
  readonly notes?: string;
  /** Further fields, which only some functions have. */
  readonly [field: string]: unknown;
}

/** A plain array. Complex values are interleaved: re, im, re, im, ... */
export interface GoldenArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** The cases of a folder. A folder without any is an error. */
export function readIndex(folder: string): GoldenCase[] {
  const index: unknown = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
  if (typeof index !== "object" || index === null || !("cases" in index) || !Array.isArray(index.cases)) {
    throw new Error(`${join(folder, "index.json")} has no list "cases"; this is not a golden folder.`);
  }
  return (index.cases as GoldenCase[]).flatMap(inEachPrecision);
}

/** A case that also says how far a computation in float32 may be off is two. */
function inEachPrecision(golden: GoldenCase): GoldenCase[] {
  const outputs = Object.entries(golden.outputs).map(([name, output]) => {
    const tolerance = output.tolerance_float32;
    return tolerance === undefined ? undefined : ([name, { ...output, tolerance }] as const);
  });
  const single = outputs.filter((entry) => entry !== undefined);
  if (single.length < outputs.length || single.length === 0) return [golden];
  return [
    golden,
    { ...golden, name: `${golden.name} (float32)`, dtype: "float32", outputs: Object.fromEntries(single) },
  ];
}

/** Reads the array a case refers to, and makes sure it is the one the index describes. */
export function readArray(folder: string, reference: ArrayReference): GoldenArray {
  const bytes = readFileSync(join(folder, reference.file));
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (hash !== reference.sha256)
    throw new Error(`${reference.file} is not the file the index describes (SHA-256 differs)`);
  // The reference's int64 counts are read as numbers; the index keeps their dtype.
  return { ...readNpy(bytes), dtype: reference.dtype };
}
