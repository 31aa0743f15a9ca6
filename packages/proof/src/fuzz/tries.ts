// Reads damaged inputs one after the other, in the process it is called in, and notes how each went.

import { damagedInput, type Where } from "./inputs.ts";
import type { FuzzReader } from "./reader.ts";

/** What was found wrong with one input. */
export interface Finding {
  readonly reader: string;
  readonly seed: number;
  readonly index: number;
  readonly problem: string;
}

/** Of the inputs of one reader: how many were refused at each stage, and how many were accepted. */
export interface Tally {
  readonly reader: string;
  readonly refused: Record<Where, Record<string, number>>;
  readonly accepted: Record<Where, number>;
  readonly findings: Finding[];
  /** Milliseconds that the slowest input took, and its number. */
  slowest: number;
  slowestIndex: number;
  /** Bytes by which the most memory this process ever had grew, and after which input it grew most. */
  grown: number;
  grownAt: number;
}

/** Longer than any input may take, also on a machine that has much else to do. */
const MAX_MILLISECONDS = 10_000;
/** More findings are of the same kind. */
const MOST_FINDINGS = 20;

const peak = (): number => 1024 * process.resourceUsage().maxRSS;

/**
 * @param from,to numbers of the inputs
 * @param before is told the number of an input before it is read, so that one after which nothing comes is known
 */
export async function tryInputs(
  reader: FuzzReader,
  seed: number,
  from: number,
  to: number,
  before: (index: number) => void,
): Promise<Tally> {
  const files = reader.files();
  // What the engine needs for itself is there before anything is measured.
  for (const file of files) {
    const problem = await outcomeOf(reader, file);
    if (problem.found !== undefined) throw new Error(`${reader.name}: a sound file: ${problem.found}`);
  }
  const stages = (): Record<string, number> => Object.fromEntries(reader.stages.map(([name]) => [name, 0]));
  const tally: Tally = {
    reader: reader.name,
    refused: { anywhere: stages(), within: stages() },
    accepted: { anywhere: 0, within: 0 },
    findings: [],
    slowest: 0,
    slowestIndex: -1,
    grown: 0,
    grownAt: -1,
  };
  const start = peak();
  let most = 0;
  for (let index = from; index < to && tally.findings.length < MOST_FINDINGS; index++) {
    before(index);
    const { bytes, where } = damagedInput(reader, files, seed, index);
    const began = performance.now();
    const outcome = await outcomeOf(reader, bytes);
    const took = performance.now() - began;
    if (took > tally.slowest) [tally.slowest, tally.slowestIndex] = [took, index];
    const grown = peak() - start;
    if (grown - tally.grown > most) [most, tally.grownAt] = [grown - tally.grown, index];
    tally.grown = grown;
    const found = took > MAX_MILLISECONDS ? `it took ${Math.round(took)} ms` : outcome.found;
    if (found !== undefined) tally.findings.push({ reader: reader.name, seed, index, problem: found });
    else if (outcome.stage === undefined) tally.accepted[where]++;
    else tally.refused[where][outcome.stage]++;
  }
  return tally;
}

/** At which stage an input was refused, or what is wrong; neither where it was rightly accepted. */
async function outcomeOf(reader: FuzzReader, bytes: Uint8Array): Promise<{ stage?: string; found?: string }> {
  let value: unknown;
  try {
    value = await reader.read(bytes);
  } catch (error) {
    if (!reader.isRefusal(error))
      return { found: `no refusal: ${error instanceof Error ? error.stack : String(error)}` };
    const stage = reader.stages.find(([, message]) => message.test(error.message))?.[0];
    return stage === undefined ? { found: `a refusal of no stage: ${error.message}` } : { stage };
  }
  try {
    const problem = reader.check(bytes, value as never);
    return problem === undefined ? {} : { found: `accepted, but: ${problem}` };
  } catch (error) {
    return { found: `the check failed: ${error instanceof Error ? error.stack : String(error)}` };
  }
}
