// What a handler of golden cases is. The handlers themselves: handlers.ts.

import type { GoldenArray, GoldenCase } from "./format.ts";

/** The arrays of a case, by the names the index gives them. An unknown name is an error. */
export interface CaseArrays {
  input(name: string): GoldenArray;
  extra(name: string): GoldenArray;
  /** An expected output: for results of which only a space is determined, to choose the vectors in it that are compared. */
  expected(name: string): GoldenArray;
  /** The path of a file of the folder. */
  path(file: string): string;
}

/** Computes the outputs of a case. Those the case does not list are ignored; those it lists must all be there. */
export type Handler = (golden: GoldenCase, arrays: CaseArrays) => Promise<ReadonlyMap<string, GoldenArray>>;

/** Thrown by a handler for a case whose arguments need something that does not exist yet. */
export class NotSupported extends Error {
  override readonly name = "NotSupported";
}
