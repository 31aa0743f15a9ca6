// What the cases of a golden folder call: one handler for each function an index names.

import type { GoldenArray, GoldenCase } from "./format.ts";

/** The arrays of a case, by the names the index gives them. An unknown name is an error. */
export interface CaseArrays {
  input(name: string): GoldenArray;
  extra(name: string): GoldenArray;
}

/** Computes the outputs of a case. Those the case does not list are ignored; those it lists must all be there. */
export type Handler = (golden: GoldenCase, arrays: CaseArrays) => Promise<ReadonlyMap<string, GoldenArray>>;

/** Thrown by a handler for a case whose arguments need something that does not exist yet. */
export class NotSupported extends Error {
  override readonly name = "NotSupported";
}

/**
 * By the name in the index's `function` field. A function without a handler is not supported. Most are one line:
 * `["loss.mse", tensorHandler((_, input) => po.loss.mse(input("synth_rep"), input("ref_rep")))]`.
 */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([]);
