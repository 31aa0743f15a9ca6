// A choice as the part of the page's address after #, and back: so that a link makes the same image elsewhere. What is as usual is left out.
// Everything else is checked, since a link comes from whomever; nothing in it is ever run.

import { type Choice, FIRST_CHOICE, METHODS, type Method, USUAL_ITERATIONS } from "./choice.ts";

/** What a link holds beside the choice. */
export interface Shared {
  readonly choice: Choice;
  /** The numeric contract under which it was shared; null where the link names none. */
  readonly numerics: number | null;
  /** SHA-256 of each result, where they were known. */
  readonly result: readonly string[];
}

/** What a link cannot be understood by. */
class AddressError extends Error {
  override readonly name = "AddressError";
}

const OPTION = "option.";
const HASH = /^[0-9a-f]{64}$/;
/** As long as a name of an image or an option may be. */
const LONGEST = 200;

/** The text after #. */
export function addressOf({ choice, numerics, result }: Shared): string {
  const said = new URLSearchParams();
  const say = (key: string, value: string | number | boolean | null, usual?: unknown): void => {
    if (value !== usual && value !== null) said.set(key, String(value));
  };
  const { method, image } = choice;
  say("method", method);
  say("image", image.name);
  say("image-sha256", image.sha256);
  if (method === "mad") {
    say("optimized", choice.optimized);
    say("reference", choice.reference);
    say("noise", choice.noise, FIRST_CHOICE.noise);
  } else if (method !== "texture") say("model", choice.model);
  for (const [name, value] of Object.entries(choice.options)) say(`${OPTION}${name}`, value);
  if (method === "metamer" || method === "coarse-to-fine") {
    say("optimizer", choice.optimizer, FIRST_CHOICE.optimizer);
    say("learning-rate", choice.learningRate);
  }
  if (method === "eigendistortion") say("k", choice.k);
  else if (method !== "mad") say("penalty", choice.penalty, FIRST_CHOICE.penalty);
  say("iterations", choice.iterations);
  say("seed", choice.seed);
  say("dtype", choice.dtype, FIRST_CHOICE.dtype);
  say("crop", choice.crop, FIRST_CHOICE.crop);
  say("numerics", numerics);
  for (const one of result) said.append("sha256", one);
  return said.toString();
}

/**
 * What a link says; null for an empty one.
 *
 * @throws AddressError for a link that cannot be understood
 */
export function readAddress(text: string): Shared | null {
  const said = new URLSearchParams(text.replace(/^#/, ""));
  if ([...said].length === 0) return null;
  const used = new Set<string>();
  const take = (key: string): string | null => {
    used.add(key);
    const value = said.get(key);
    if (value !== null && value.length > LONGEST) refuse(`its ${key} is longer than ${LONGEST} letters`);
    return value;
  };
  const number = (key: string, usual: number, least: number, most: number, isWhole = false): number => {
    const value = take(key);
    if (value === null) return usual;
    const parsed = value.trim() === "" ? Number.NaN : Number(value);
    const fits = parsed >= least && parsed <= most && (!isWhole || Number.isInteger(parsed));
    return fits
      ? parsed
      : refuse(
          `its ${key} is "${value}"; it must be ${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`,
        );
  };
  const checked = (value: string): string =>
    HASH.test(value) ? value : refuse(`it has "${value.slice(0, 40)}" where a SHA-256 should be, of 64 digits`);
  const hash = (key: string): string | null => {
    const value = take(key);
    return value === null ? null : checked(value);
  };
  const oneOf = <T extends string>(key: string, all: readonly T[], usual: T): T => {
    const value = take(key) ?? usual;
    return all.find((one) => one === value) ?? refuse(`its ${key} is "${value}"; it must be one of ${all.join(", ")}`);
  };
  const method: Method = oneOf("method", METHODS, FIRST_CHOICE.method);
  const options: Record<string, number> = {};
  for (const key of said.keys()) {
    if (key.startsWith(OPTION)) options[key.slice(OPTION.length)] = number(key, 0, -1e9, 1e9);
  }
  const rate = number("learning-rate", 0, 0, 1e6);
  const choice: Choice = {
    method,
    image: { name: take("image") ?? FIRST_CHOICE.image.name, sha256: hash("image-sha256") },
    crop: oneOf("crop", ["true", "false"], "false") === "true",
    dtype: oneOf("dtype", ["float64", "float32"], FIRST_CHOICE.dtype),
    seed: number("seed", FIRST_CHOICE.seed, 0, 4294967295, true),
    iterations: number("iterations", USUAL_ITERATIONS[method], 1, 10_000_000, true),
    model: take("model") ?? FIRST_CHOICE.model,
    options,
    optimizer: take("optimizer") ?? FIRST_CHOICE.optimizer,
    learningRate: rate === 0 ? null : rate,
    penalty: number("penalty", FIRST_CHOICE.penalty, 0, 1e9),
    optimized: take("optimized") ?? FIRST_CHOICE.optimized,
    reference: take("reference") ?? FIRST_CHOICE.reference,
    noise: number("noise", FIRST_CHOICE.noise, 1e-6, 10),
    k: number("k", FIRST_CHOICE.k, 1, 16, true),
  };
  const contract = number("numerics", -1, 0, 1e6, true);
  const shared: Shared = {
    choice,
    numerics: contract === -1 ? null : contract,
    result: said.getAll("sha256").map(checked),
  };
  used.add("sha256");
  const unknown = [...said.keys()].find((key) => !used.has(key));
  if (unknown !== undefined) refuse(`it has "${unknown.slice(0, 40)}", which this page does not know`);
  return shared;
}

function refuse(why: string): never {
  throw new AddressError(`This link cannot be understood: ${why}.`);
}
