// Eigendistortions that Python's plenoptic saved: loaded, compared number by number, and found anew.

import { readFileSync } from "node:fs";
import { PtTensor, type PtValue, readPt } from "@plenoptic-js/formats";
import type * as po from "plenoptic-js";

/** What Python finds in an object that has loaded the file. */
export interface EigendistortionNumbers {
  readonly eigenindex?: readonly number[] | null;
  readonly eigenvalues?: readonly number[];
  readonly eigendistortions?: {
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly first5: readonly number[];
  };
}

/** What the file itself holds, in Python's order. */
interface Held {
  readonly eigenindex: readonly number[];
  readonly eigenvalues: readonly number[];
  readonly vectors: readonly ArrayLike<number>[];
}

/**
 * Loads a file into a new object; throws where the numbers are not those of the file, or not those that Python finds in it. Then
 * finds eigendistortions anew, which must be as good.
 */
export async function checkEigendistortionFile(
  eig: po.Eigendistortion,
  path: string,
  state: EigendistortionNumbers | undefined,
): Promise<void> {
  const dict = readPt(readFileSync(path)).value as Map<PtValue, PtValue>;
  const saved = dict.get("_jacobian");
  const jacobian = saved instanceof PtTensor ? (saved.data() as Float64Array) : undefined;
  if (jacobian !== undefined) compareJacobians((await eig.computeJacobian()).dataSync(), jacobian);
  await eig.load(path);
  const held = heldBy(dict, eig.image.size);
  expectSame("eigenindex", eig.eigenindex && [...eig.eigenindex.dataSync()], held?.eigenindex ?? null);
  if (held !== null) compareHeld(eig, held);
  if (state !== undefined) comparePython(eig, state);
  expectSame("jacobian", eig.jacobian?.dataSync(), jacobian);
  await findAnew(eig, held);
}

/** Ours, before anything was loaded, against that of the file. */
function compareJacobians(own: ArrayLike<number>, saved: ArrayLike<number>): void {
  expectSame("entries of the Jacobian", own.length, saved.length);
  const off = Array.from(own).findIndex((x, i) => !(Math.abs(x - saved[i]) <= 1e-6));
  if (off >= 0) throw new Error(`entry ${off} of the Jacobian is ${own[off]}, expected ${saved[off]}`);
}

function heldBy(dict: Map<PtValue, PtValue>, n: number): Held | null {
  const tensor = (key: string): ArrayLike<number> | null => {
    const value = dict.get(key);
    return value instanceof PtTensor ? Float64Array.from(value.data() as Float64Array, Number) : null;
  };
  const [index, values, all] = ["_eigenindex", "_eigenvalues", "_eigendistortions"].map(tensor);
  if (index === null || values === null || all === null) return null;
  const vectors = Array.from(values, (_, i) => (all as Float64Array).subarray(i * n, (i + 1) * n));
  return { eigenindex: Array.from(index), eigenvalues: Array.from(values), vectors };
}

/** Every pair of the file is there, to the bit, and values decrease. Where the file has them so, each is in its place. */
function compareHeld(eig: po.Eigendistortion, { eigenvalues, vectors }: Held): void {
  const n = eig.image.size;
  const [values, all] = [eig.eigenvalues?.dataSync() ?? [], eig.eigendistortions?.dataSync() as Float64Array];
  expectSame("count", values.length, eigenvalues.length);
  const decrease = (list: ArrayLike<number>): boolean => Array.from(list).every((x, i) => i === 0 || x <= list[i - 1]);
  if (!decrease(values)) throw new Error(`eigenvalues do not decrease: ${[...values].join(", ")}`);
  const left = new Set(eigenvalues.keys());
  values.forEach((value, i) => {
    const own = Array.from(all.subarray(i * n, (i + 1) * n));
    const place = [...left].find((j) => eigenvalues[j] === value && own.every((x, pixel) => x === vectors[j][pixel]));
    if (place === undefined) throw new Error(`eigendistortion ${i}, of ${value}, is none of the file`);
    if (decrease(eigenvalues)) expectSame("place", i, place);
    left.delete(place);
  });
}

/** Of what Python shows the sums do not depend on the order; in golden files so far values decrease. */
function comparePython(eig: po.Eigendistortion, state: EigendistortionNumbers): void {
  expectSame("eigenindex", eig.eigenindex && [...eig.eigenindex.dataSync()], state.eigenindex ?? null);
  const { eigenvalues, eigendistortions } = state;
  const descending = eigenvalues && [...eigenvalues].sort((a, b) => b - a);
  expectSame("eigenvalues", eig.eigenvalues && [...eig.eigenvalues.dataSync()], descending ?? null);
  if (eigendistortions === undefined) return;
  const { shape, dtype, first5 } = eigendistortions;
  expectSame("shape", [eig.eigendistortions?.dtype, eig.eigendistortions?.shape], [dtype, shape]);
  expectSame("first values", [...(eig.eigendistortions?.dataSync().slice(0, 5) ?? [])], first5);
}

/** The largest found now is no smaller than Python's; of all of them, each is the same. */
async function findAnew(eig: po.Eigendistortion, held: Held | null): Promise<void> {
  const tolerance = eig.image.dtype === "float32" ? 2e-5 : 1e-9;
  const all = held?.eigenvalues.length === eig.image.size;
  const { eigenvalues, verdicts } = await eig.synthesize(all ? { method: "exact" } : {});
  // Of a blur, the smallest are too close together to be told apart in reasonable time.
  if (verdicts[0] !== "converged") throw new Error(`found anew: the largest eigenvalue is ${verdicts[0]}`);
  const [largest] = eigenvalues;
  if (!(largest > 0)) throw new Error(`found anew: the largest eigenvalue is ${largest}`);
  const wanted = held?.eigenvalues ?? [];
  for (const [i, value] of (all ? wanted : wanted.slice(0, 1)).entries()) {
    const [got, off] = [eigenvalues[i], eigenvalues[i] - value];
    if (off < -tolerance * largest || (all && off > tolerance * largest)) {
      throw new Error(`found anew: eigenvalue ${i} is ${got}, expected ${value}`);
    }
  }
}

function expectSame(what: string, got: unknown, wanted: unknown): void {
  const text = (value: unknown): string =>
    JSON.stringify(ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value);
  const [a, b] = [text(got), text(wanted)];
  if (a !== b) throw new Error(`${what} is ${a.slice(0, 200)}, expected ${b.slice(0, 200)}`);
}
