// Checks of the options of optimizers and schedulers. Their errors name the maker, the option and its value.

import { checkOptions } from "../words/options.ts";
import { shown } from "../words/shown.ts";

/**
 * Refuses options that are not `known`, and those without what has no default. `example` gives each of these a value that
 * could be. What is unknown comes first: it may be what is missing, mistyped.
 */
export function checkRequired(
  maker: string,
  options: object | null | undefined,
  known: readonly string[],
  example: Readonly<Record<string, unknown>>,
): void {
  checkOptions(`${maker}()`, options ?? {}, known);
  const missing = Object.keys(example).filter(
    (name) => (options as Readonly<Record<string, unknown>> | null | undefined)?.[name] === undefined,
  );
  if (missing.length === 0) return;
  const values = Object.entries(example).map(([name, value]) => `${name}: ${shown(value)}`);
  throw new TypeError(
    `${maker}: ${missing.join(" and ")} must be given, as in ${maker}({ ${values.join(", ")} }); there is no default`,
  );
}

/** Refuses a value that is no number, or not in the range that `range` words. */
export function checkNumber(maker: string, name: string, value: number, fits: boolean, range: string): void {
  if (typeof value !== "number" || !fits) {
    throw new RangeError(`${maker}: ${name} is ${shown(value)}; it must be ${range}`);
  }
}

/** Refuses values that are not finite, or below 0. */
export function checkNotNegative(maker: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    checkNumber(maker, name, value, value >= 0 && value < Infinity, "a finite number, 0 or more");
  }
}

/** Refuses values that are not finite, or not above 0. */
export function checkPositive(maker: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    checkNumber(maker, name, value, value > 0 && value < Infinity, "a finite number above 0");
  }
}

/** Refuses values that are not finite. */
export function checkFinite(maker: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    checkNumber(maker, name, value, Number.isFinite(value), "a finite number");
  }
}

/** Refuses values that are not whole numbers from `least` on. */
export function checkCounts(maker: string, least: number, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    checkNumber(maker, name, value, Number.isSafeInteger(value) && value >= least, `a whole number, ${least} or more`);
  }
}

export function checkBooleans(maker: string, values: Readonly<Record<string, boolean>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "boolean")
      throw new TypeError(`${maker}: ${name} is ${shown(value)}; it must be true or false`);
  }
}

export function checkChoice(maker: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) {
    const words = choices.map((choice) => JSON.stringify(choice)).join(" or ");
    throw new RangeError(`${maker}: ${name} is ${shown(value)}; it must be ${words}`);
  }
}

/** Two numbers, copied. Refuses anything else; `example` is worded in the message. */
export function checkPair(
  maker: string,
  name: string,
  value: readonly [number, number],
  example: string,
): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2 || value.some((part) => typeof part !== "number")) {
    throw new TypeError(`${maker}: ${name} is ${shown(value)}; it must be two numbers, such as ${example}`);
  }
  return Object.freeze([value[0], value[1]] as const);
}

/** The decays of two running means, each in [0, 1). */
export function checkBetas(maker: string, value: readonly [number, number]): readonly [number, number] {
  const betas = checkPair(maker, "betas", value, "[0.9, 0.999]");
  betas.forEach((beta, i) => {
    checkNumber(maker, `betas[${i}]`, beta, beta >= 0 && beta < 1, "at least 0 and below 1");
  });
  return betas;
}

/** A description's text: its name and all its options. */
export function describe(name: string, options: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(options).map(
    ([key, value]) => `${key}: ${JSON.stringify(value)?.replaceAll(",", ", ")}`,
  );
  return `${name}(${texts.join(", ")})`;
}
