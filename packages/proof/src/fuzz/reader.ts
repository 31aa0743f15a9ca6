// What the fuzzing of a reader needs to know about it.

import type { Draw } from "./damage.ts";

/** A stage of reading, and the messages of refusals that belong to it. */
export type Stage = readonly [name: string, message: RegExp];

export interface FuzzReader {
  readonly name: string;
  /** How many damaged inputs the long run takes. */
  readonly count: number;
  /** Sound inputs, which are damaged. */
  files(): readonly Uint8Array[];
  /** Damages an input anywhere, where that is not a matter of bytes. */
  anywhere?(bytes: Uint8Array, draw: Draw): Uint8Array;
  /** Damages what a container holds and makes checksums and lengths right again, so that the damage reaches the innermost reader. */
  within(bytes: Uint8Array, draw: Draw): Uint8Array;
  /** Reads what is all there is in these bytes. */
  read(bytes: Uint8Array): unknown;
  /** Whether an error is one that the reader may give. */
  isRefusal(error: unknown): error is Error;
  /** In the order in which the reader comes to them; each refusal belongs to the first whose messages it is among. */
  readonly stages: readonly Stage[];
  /** What an accepted input breaks of the rules of its format, as something else than the reader sees it; undefined if nothing. */
  check(bytes: Uint8Array, value: never): string | undefined;
  /** Bytes that the reader says it takes at most for an input of the sizes tried here. */
  readonly limit: number;
}
