// Programs of a synthesis, and what to do where one does not fit into memory: what helps in this case, and would be enough.

import { type FloatDType, getThreads, MemoryError, type Shape } from "@plenoptic-js/tensor";
import { checkFits, MOST_BYTES, Program, type ProgramSpec } from "@plenoptic-js/tensor/engine";

/** What the program works on. */
interface Like {
  readonly shape: Shape;
  readonly dtype: FloatDType;
}

/**
 * Compiles a program.
 *
 * @param image what nearly all of its arrays grow with
 * @param history pairs of arrays of the image's size that an optimizer remembers
 * @throws MemoryError with advice, before anything is compiled
 */
export function fittingProgram(image: Like, spec: ProgramSpec, history = 0): Program {
  return advising(image, history, () => new Program(spec, { threads: getThreads() }));
}

/** Pixels from which on programs may be too large. */
const LARGE = 512 * 512;

/** Throws as `fittingProgram` does, and compiles nothing. */
export function checkFitting(image: Like, spec: () => ProgramSpec): void {
  if (image.shape.reduce((product, n) => product * n, 1) < LARGE) return;
  advising(image, 0, () => checkFits(spec(), { threads: getThreads() }));
}

function advising<T>(image: Like, history: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MemoryError) || !error.isTooLarge) throw error;
    const { problem, bytes, isTooLarge } = error;
    throw new MemoryError(problem, adviceFor(image, history, bytes), { bytes, isTooLarge }, { cause: error });
  }
}

/** Sides of images that are suggested are multiples of this. */
const STEP = 16;
/** What does not grow with the image is little. */
const SHARE = 0.97;

/** What would be enough, each on its own. */
function adviceFor({ shape, dtype }: Like, history: number, bytes: number): string {
  const ways: string[] = [];
  const single = dtype === "float32" ? 4 : 8;
  const pair = 2 * single * shape.reduce((product, n) => product * n, 1);
  const kept = history - Math.ceil((bytes - MOST_BYTES) / pair);
  if (kept >= 1 && kept < history) ways.push(`a history of ${kept} steps instead of ${history} (historySize)`);
  if (dtype === "float64" && bytes / 2 < SHARE * MOST_BYTES) ways.push("float32 instead of float64");
  const [batch] = shape;
  const members = Math.floor((SHARE * MOST_BYTES * batch) / bytes);
  if (shape.length === 4 && batch > 1 && members >= 1) ways.push(`a batch of ${members} instead of ${batch} images`);
  if (shape.length >= 2) {
    const scale = Math.sqrt((SHARE * MOST_BYTES) / bytes);
    const sides = shape.slice(-2).map((n) => Math.floor((n * scale) / STEP) * STEP);
    if (Math.min(...sides) > 0) ways.push(`a smaller image, of about ${sides.join(" x ")} pixels`);
  }
  const last = ways.pop();
  if (last === undefined) return "Use a smaller image.";
  return ways.length === 0 ? `What would do: ${last}.` : `What would do: ${ways.join("; ")}; or ${last}.`;
}
