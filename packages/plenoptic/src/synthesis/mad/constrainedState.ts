// What constrained MAD competition remembers, in our part of a file's metadata: Python's attributes have no place for it.

import { FileError } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import type { Values } from "../frame/descent.ts";
import type { LaterValues, OwnMetadata, WrittenMetadata } from "../saving/dictionary/metadata.ts";
import type { ConstrainedSnapshot } from "./constrained.ts";

/** The mode, and what is remembered; null before setup(). */
export interface SavedConstrained {
  readonly allowedRange: readonly [number, number] | null;
  readonly snapshot: ConstrainedSnapshot | null;
}

/** The mode as a part of the metadata; arrays are like the image. */
export function writeConstrained(
  { allowedRange, snapshot }: SavedConstrained,
  { dtype, size: length }: Pick<Tensor<FloatDType>, "dtype" | "size">,
): Pick<WrittenMetadata, "run" | "arrays"> {
  if (snapshot === null) return { run: { constrained: { allowedRange, snapshot: null } } };
  const { pairs, squares, target, firstGradient, multiplier, lastChange } = snapshot;
  const arrays: Record<string, LaterValues> = {};
  const later = (make: () => Values): LaterValues => ({ dtype, length, make });
  pairs.forEach((pair, i) => {
    arrays[`s${i}`] = later(() => pair.s);
    arrays[`y${i}`] = later(() => pair.y);
  });
  if (squares !== null) {
    arrays.squareS = later(() => squares.s);
    arrays.squareY = later(() => squares.y);
  }
  const numbers = { target, firstGradient, multiplier, lastChange, pairs: pairs.length };
  return { run: { constrained: { allowedRange, snapshot: numbers } }, arrays };
}

/** What the metadata say; null for a file of the weighted mode. Throws FileError where they make no sense. */
export function readConstrained(metadata: OwnMetadata | null, size: number, file: string): SavedConstrained | null {
  const saved = metadata?.run?.constrained as Record<string, unknown> | undefined;
  if (saved === undefined) return null;
  const damaged = (what: string): FileError =>
    new FileError("damaged", file, `what it says of the constrained mode makes no sense: ${what}`);
  const isNumber = (x: unknown): x is number => typeof x === "number";
  const { allowedRange = null } = saved as { allowedRange?: unknown };
  const isRange = Array.isArray(allowedRange) && allowedRange.length === 2 && allowedRange.every(isNumber);
  if (!(allowedRange === null || isRange)) throw damaged("allowedRange is no pair of numbers");
  const range = allowedRange as readonly [number, number] | null;
  if (saved.snapshot === null) return { allowedRange: range, snapshot: null };
  const numbers = saved.snapshot as Readonly<Record<string, unknown>>;
  const number = (name: string): number => {
    const value = numbers[name];
    if (!isNumber(value)) throw damaged(`${name} is no number`);
    return value;
  };
  const array = (name: string): Values => {
    const values = metadata?.arrays?.[name];
    if (values === undefined || values.length !== size) throw damaged(`the array ${name} is not there, or too short`);
    return values;
  };
  const count = number("pairs");
  if (!Number.isInteger(count) || count < 0 || count > 100) throw damaged(`it has ${count} pairs`);
  const hasSquares = metadata?.arrays?.squareS !== undefined;
  const snapshot: ConstrainedSnapshot = {
    kind: "constrained",
    target: number("target"),
    firstGradient: number("firstGradient"),
    multiplier: number("multiplier"),
    lastChange: number("lastChange"),
    pairs: Array.from({ length: count }, (_, i) => ({ s: array(`s${i}`), y: array(`y${i}`) })),
    squares: hasSquares ? { s: array("squareS"), y: array("squareY") } : null,
  };
  return { allowedRange: range, snapshot };
}
