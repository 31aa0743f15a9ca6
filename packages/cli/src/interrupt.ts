// Signals: the first asks the work to stop when it next can, the second ends the process at once. Before and after the work the
// first does. Work that computes for long without a pause hears no signal; so once one was heard, the next is left to the system,
// which ends the process whatever it does. Only while files are written it waits to be heard, so that they are cleared away.

import { Interrupted } from "./failure.ts";
import type { TextStream } from "./terminal.ts";
import { endNow } from "./unfinished.ts";

/** Exit codes: 128 and the number of the signal, as shells have it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof EXIT_CODES;
const signals = Object.keys(EXIT_CODES) as Signal[];

/** What takes a signal now. */
let onSignal: ((signal: Signal) => void) | undefined;
/** Leaves further signals to the system. */
let stopListening = (): void => {};
/** Whether files are written now. */
let isWriting = false;

/** Ends the process with a word when a signal comes and no work is under way. Gives a function that ends that. */
export function endOnSignals(err: TextStream): () => void {
  const listen = (signal: Signal): void => {
    if (onSignal !== undefined) {
      onSignal(signal);
      return;
    }
    err.write("Stopped. Nothing was written.\n");
    endNow(EXIT_CODES[signal]);
  };
  for (const signal of signals) process.on(signal, listen);
  stopListening = () => {
    for (const signal of signals) process.off(signal, listen);
  };
  return stopListening;
}

/**
 * Runs some work with a signal that Ctrl-C aborts. Work that heeds the signal rejects with its reason, `Interrupted`.
 *
 * @param say prints a line
 * @param summary what there is to say when the work has stopped
 */
export async function interruptible(
  say: (text: string) => void,
  summary: () => string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const before = onSignal;
  onSignal = (signal) => {
    if (controller.signal.aborted) {
      say("Stopped at once. Nothing was written.");
      endNow(EXIT_CODES[signal]);
    }
    controller.abort(new Interrupted(summary(), EXIT_CODES[signal]));
    say("Stopping ... (Ctrl-C again stops at once)");
    if (!isWriting) stopListening();
  };
  try {
    await work(controller.signal);
  } finally {
    onSignal = before;
  }
}

/** Writes files, which a second signal still clears away. */
export async function whileWriting<T>(signal: AbortSignal, write: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  isWriting = true;
  try {
    return await write();
  } finally {
    isWriting = false;
  }
}
