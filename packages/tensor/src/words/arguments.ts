// Checks of arguments, for those whose types nobody checked: a text, nothing, or a fraction is refused where it is given, by the
// name of the function and of the argument. What is no number at all is a TypeError, a number that cannot be a RangeError.

import { shown } from "./shown.ts";

function refuse(caller: string, name: string, value: unknown, wanted: string): never {
  const message = `${caller}: ${name} is ${shown(value)}; it must be ${wanted}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

/** Refuses what is no number. NaN and infinities are numbers. */
export function checkNumber(caller: string, name: string, value: unknown): asserts value is number {
  if (typeof value !== "number") refuse(caller, name, value, "a number");
}

/** Refuses what is no finite number. */
export function checkFinite(caller: string, name: string, value: unknown): asserts value is number {
  if (!Number.isFinite(value)) refuse(caller, name, value, "a finite number");
}

/** Refuses what is no whole number. */
export function checkWhole(caller: string, name: string, value: unknown): asserts value is number {
  if (!Number.isInteger(value)) refuse(caller, name, value, "a whole number");
}

/** Refuses what is not true or false. */
export function checkBoolean(caller: string, name: string, value: unknown): asserts value is boolean {
  if (typeof value !== "boolean") refuse(caller, name, value, "true or false");
}

/** Refuses what is no array; `of` words what it holds. */
export function checkArray(
  caller: string,
  name: string,
  value: unknown,
  of: string,
): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${caller}: ${name} is ${shown(value)}; it must be an array of ${of}`);
  }
}

/** Refuses what is no typed array; `kinds` words which ones are meant. */
export function checkTyped(caller: string, name: string, value: unknown, kinds: string): void {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) {
    throw new TypeError(`${caller}: ${name} is ${shown(value)}; it must be ${kinds}`);
  }
}
