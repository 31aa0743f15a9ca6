// What all commands with long work do around it: progress, warnings, Ctrl-C, and at the end all files or none.

import { LoadError } from "plenoptic-js";
import { counted } from "plenoptic-js/engine";
import type { Checkpoints } from "./checkpoints.ts";
import { Interrupted, UserError } from "./failure.ts";
import { type Ear, interruptible, whatIsKept } from "./interrupt.ts";
import { Progress, type ProgressWords } from "./progress.ts";
import { type FolderChoice, fromHere, type ResultFiles, writeResults } from "./resultFolder.ts";
import type { Terminal } from "./terminal.ts";
import { printWarnings } from "./warnings.ts";

export interface Work {
  /** Aborts when the person wants it to end. */
  readonly signal: AbortSignal;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Tells what is done before the first step. */
  readonly onBeginning: (stage: string) => void;
  /** Tells that `done` steps are done, the number that tells how it goes, and the stage of the work. */
  readonly onStep: (done: number, value: number | null, stage?: string) => void;
  /** Tells that all steps are done, and what was found is yet to be looked at and written. Throws when it was to end. */
  readonly onReport: () => Promise<void>;
}

/** What the work gives. */
export interface Done {
  /** null where they are in the folder already, of a run that was ended after it had written them. */
  readonly files: ResultFiles | null;
  /** What is printed at the end. */
  summary(seconds: number, folder: string): string;
}

/**
 * Does the work, writes its files, and prints its summary.
 *
 * @param steps at most
 * @param checkpoints keep what was done; the caller clears them away
 * @throws what the work throws, and Interrupted; nothing is written then
 */
export async function doLongWork(
  terminal: Terminal,
  folder: FolderChoice,
  steps: number,
  work: (tools: Work) => Promise<Done>,
  words: ProgressWords = { unit: "iteration", measure: "loss" },
  checkpoints: Checkpoints | null = null,
): Promise<void> {
  const progress = new Progress(terminal.err, steps, undefined, words);
  const say = (text: string): void => {
    progress.clear();
    terminal.err.write(`${text}\n`);
  };
  const quiet = printWarnings(say);
  let isKept = false;
  const stopped = (): string =>
    `Stopped ${progress.reached}. ${isKept && checkpoints !== null ? checkpoints.way : whatIsKept()}`;
  const ofWork = async ({ signal, stepping, stepped }: Ear): Promise<void> => {
    const start = performance.now();
    if (checkpoints !== null) tellOf(checkpoints, say, progress, stepping);
    const done = await work({
      signal,
      say,
      onBeginning: (stage) => progress.update(0, null, stage),
      onStep: (step, value, stage) => {
        stepping();
        progress.update(step, value, stage);
      },
      onReport: async () => {
        await stepped();
        say("Making the report and the files ...");
      },
    });
    progress.clear();
    const seconds = (performance.now() - start) / 1000;
    if (checkpoints !== null) say(`${checkpoints.cost(seconds)}.`);
    if (done.files === null) say(`note: the results are there already, in ${fromHere(folder.path)}`);
    const path = done.files === null ? folder.path : await writeResults(folder, done.files, signal, say);
    terminal.out.write(done.summary(seconds, path));
  };
  try {
    await interruptible(say, stopped, ofWork, checkpoints !== null);
  } catch (error) {
    // Only now is known what is kept.
    isKept = (await checkpoints?.hasSome()) === true;
    if (error instanceof Interrupted) throw new Interrupted(stopped(), error.exitCode);
    if (checkpoints === null) throw error;
    if (error instanceof LoadError) throw new UserError(checkpoints.refusal(error.message), { cause: error });
    if (isKept) say(`note: ${checkpoints.way}`);
    throw error;
  } finally {
    progress.clear();
    quiet();
  }
}

/** Tells what the run goes on from. */
function tellOf(checkpoints: Checkpoints, say: (line: string) => void, progress: Progress, stepping: () => void): void {
  checkpoints.onNews = (name, { kind, iteration }) => {
    if (kind === "nothing") say(`note: there is nothing to go on from for ${name}; it starts anew`);
    if (kind !== "resumed") return;
    say(`Going on with ${name} after ${counted(iteration, "iteration")}`);
    progress.update(iteration, null);
    stepping();
  };
}
