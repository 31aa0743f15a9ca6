// What benches have in common: options for which workloads and which numbers of threads, and what becomes of wrong ones.

import { type Workload, workloads } from "./workloads.ts";

/** A command line that cannot be followed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a bench. A command line that cannot be followed is told in its own words, without a stack. */
export async function begin(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** Workloads whose name holds the text, whatever its case. */
export function chosen(only: string): readonly Workload[] {
  const found = workloads.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
  if (found.length > 0) return found;
  const names = workloads.map(({ name }) => `\n  ${name}`).join("");
  throw new UsageError(`--only ${JSON.stringify(only)}: no workload's name holds it; there are${names}`);
}

/** A positive number. */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new UsageError(`--${option} ${text}: it must be a positive number`);
  return value;
}

/** "1,2" */
export function threadCounts(text: string): readonly number[] {
  const counts = text.split(",").map(Number);
  if (!counts.every((n) => Number.isInteger(n) && n > 0)) {
    throw new UsageError(`--threads ${text}: it must be positive integers with commas between them, such as 1,2`);
  }
  return counts;
}
