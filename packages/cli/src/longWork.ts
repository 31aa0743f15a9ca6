// What all commands with long work do around it: progress, warnings, Ctrl-C, and at the end all files or none.

import { interruptible, whatIsKept } from "./interrupt.ts";
import { Progress, type ProgressWords } from "./progress.ts";
import { type FolderChoice, type ResultFiles, writeResults } from "./resultFolder.ts";
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
  readonly files: ResultFiles;
  /** What is printed at the end. */
  summary(seconds: number, folder: string): string;
}

/**
 * Does the work, writes its files, and prints its summary.
 *
 * @param steps at most
 * @throws what the work throws, and Interrupted; nothing is written then
 */
export async function doLongWork(
  terminal: Terminal,
  folder: FolderChoice,
  steps: number,
  work: (tools: Work) => Promise<Done>,
  words: ProgressWords = { unit: "iteration", measure: "loss" },
): Promise<void> {
  const progress = new Progress(terminal.err, steps, undefined, words);
  const say = (text: string): void => {
    progress.clear();
    terminal.err.write(`${text}\n`);
  };
  const quiet = printWarnings(say);
  const stopped = (): string => `Stopped ${progress.reached}. ${whatIsKept()}`;
  try {
    await interruptible(say, stopped, async ({ signal, stepping, stepped }) => {
      const start = performance.now();
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
      const path = await writeResults(folder, done.files, signal, say);
      terminal.out.write(done.summary(seconds, path));
    });
  } finally {
    progress.clear();
    quiet();
  }
}
