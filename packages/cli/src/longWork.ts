// What all commands with long work do around it: progress, warnings, Ctrl-C, and at the end all files or none.

import { interruptible, whileWriting } from "./interrupt.ts";
import { Progress, type ProgressWords } from "./progress.ts";
import { type FolderChoice, type ResultFiles, writeResults } from "./resultFolder.ts";
import type { Terminal } from "./terminal.ts";
import { printWarnings } from "./warnings.ts";

export interface Work {
  /** Aborts when the person wants it to end. */
  readonly signal: AbortSignal;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Tells that `done` steps are done, the number that tells how it goes, and the stage of the work. */
  readonly onStep: (done: number, value: number | null, stage?: string) => void;
}

/** What is said when the work is done, and what it found is yet to be looked at and written. */
export const REPORTING = "Making the report and the files ...";

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
  const stopped = (): string => `Stopped after ${progress.done} of ${steps} ${words.unit}s. Nothing was written.`;
  try {
    await interruptible(say, stopped, async (signal) => {
      const start = performance.now();
      const done = await work({ signal, say, onStep: (step, value, stage) => progress.update(step, value, stage) });
      progress.clear();
      const seconds = (performance.now() - start) / 1000;
      const path = await whileWriting(signal, () => writeResults(folder, done.files, signal, say));
      terminal.out.write(done.summary(seconds, path));
    });
  } finally {
    progress.clear();
    quiet();
  }
}
