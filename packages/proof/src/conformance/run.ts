// Runs the cases of a golden folder through their handlers and says how each of them went.

import { join } from "node:path";
import type { Handler } from "./cases.ts";
import { NotSupported } from "./cases.ts";
import { compare, type Freedom } from "./compare.ts";
import { type ArrayReference, type GoldenCase, readArray } from "./format.ts";

export type Outcome = "passed" | "failed" | "not supported" | "known difference";

export interface Result {
  readonly name: string;
  readonly outcome: Outcome;
  readonly detail?: string;
}

/** Outputs that embody a fault of the reference, which we do not repeat. Patterns may hold `*`. */
export interface KnownDifference {
  readonly function: string;
  /** Which cases; left out: all of the function. */
  readonly case?: string;
  readonly output: string;
  /** Where the specification says so. */
  readonly spec: string;
}

/** Whether a check throws. */
export function outcomeOf(name: string, check: () => void): Result {
  try {
    check();
    return { name, outcome: "passed" };
  } catch (error) {
    return { name, outcome: "failed", detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Keeps count of which known differences were looked for and which were met. */
export class KnownDifferences {
  readonly #entries: readonly KnownDifference[];
  readonly #compared = new Set<KnownDifference>();
  readonly #met = new Set<KnownDifference>();

  constructor(entries: readonly KnownDifference[]) {
    this.#entries = entries;
  }

  /** Records how an output compared. Returns the entry that excuses a difference, if there is one. */
  excuse(golden: GoldenCase, output: string, agrees: boolean): KnownDifference | undefined {
    const entry = this.#entries.find(
      (known) =>
        known.function === golden.function && matches(known.case ?? "*", golden.name) && matches(known.output, output),
    );
    if (entry !== undefined) (agrees ? this.#compared : this.#met).add(entry);
    return agrees ? undefined : entry;
  }

  /** Entries whose outputs were compared and always agreed: they can go. */
  outdated(): KnownDifference[] {
    return this.#entries.filter((entry) => this.#compared.has(entry) && !this.#met.has(entry));
  }
}

/** Whether a name fits a pattern in which `*` stands for any text. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

export async function runCase(
  folder: string,
  golden: GoldenCase,
  handlers: ReadonlyMap<string, Handler>,
  known: KnownDifferences,
): Promise<Result> {
  const { name } = golden;
  const handler = handlers.get(golden.function);
  if (handler === undefined) return { name, outcome: "not supported", detail: golden.function };

  const read = (kind: "inputs" | "extra_inputs" | "outputs", input: string): ReturnType<typeof readArray> => {
    const reference: ArrayReference | undefined = golden[kind]?.[input];
    if (reference === undefined) throw new Error(`the case has no "${input}" among its ${kind}`);
    return readArray(folder, reference);
  };

  let outputs: Awaited<ReturnType<Handler>>;
  try {
    outputs = await handler(golden, {
      input: (input) => read("inputs", input),
      extra: (input) => read("extra_inputs", input),
      expected: (output) => read("outputs", output),
      path: (file) => join(folder, file),
    });
  } catch (error) {
    if (error instanceof NotSupported) return { name, outcome: "not supported", detail: error.message };
    return {
      name,
      outcome: "failed",
      detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }

  const lines: string[] = [];
  let outcome: Outcome = "passed";
  for (const [output, reference] of Object.entries(golden.outputs)) {
    const value = outputs.get(output);
    const { agrees, detail } =
      value === undefined
        ? { agrees: false, detail: "not computed" }
        : compare(value, readArray(folder, reference), reference.tolerance, freedomOf(golden, output));
    const excuse = known.excuse(golden, output, agrees);
    if (excuse !== undefined && outcome === "passed") outcome = "known difference";
    if (!agrees && excuse === undefined) outcome = "failed";
    const verdict = agrees ? "ok" : excuse === undefined ? "DIFFERS" : `known difference (${excuse.spec})`;
    lines.push(`${output}: ${verdict}; ${detail}`);
  }
  return { name, outcome, detail: lines.join("\n") };
}

/** The freedom that the notes of a case allow for one of its outputs. */
function freedomOf(golden: GoldenCase, output: string): Freedom {
  const notes = golden.notes ?? "";
  const isAngle = golden.function === "data.polar_angle" || output.startsWith("state.");
  if (isAngle && /modulo 2\*pi/.test(notes)) return "angle";
  if (output.endsWith("eigendistortions") && /up to sign/.test(notes)) return "sign";
  return "none";
}
