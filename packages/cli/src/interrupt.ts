// Signals. A process that computes hears none before it pauses, and a model may be compiled for many seconds without a pause. So
// signals are left to the system, which ends the process at once whatever it does, wherever nothing is to be said or cleared away:
// at the beginning, where steps take long, and while a report is made. They are listened to from step to step where steps are short:
// the first signal asks the work to stop when it next can, and the next is left to the system again. Work that keeps what it has done
// is asked from its first step on, however long steps are: it stops after one evaluation. And signals are listened to while files are
// written, so that they are cleared away.

import { Interrupted } from "./failure.ts";
import { endNow } from "./unfinished.ts";

/** Exit codes: 128 and the number of the signal, as shells have it for what the system ends, too. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof EXIT_CODES;
const signals = Object.keys(EXIT_CODES) as Signal[];

/** Milliseconds from one step to the next in which a signal is heard soon enough. */
const SOON = 1000;

const nothing = (): string => "Nothing was written.";
/** What there is of results when the work ends now, in a sentence. */
let kept = nothing;

/** What was written so far, in a sentence. */
export const whatIsKept = (): string => kept();

/** From now on the work is one of several, of which some may be done. Gives what ends that. */
export function keptSoFar(words: () => string): () => void {
  kept = words;
  return () => {
    kept = nothing;
  };
}

/** What is done about a signal that is heard: a work's own way, or this. */
const endAtOnce = (signal: Signal): void => {
  process.stderr.write(`Stopped. ${kept()}\n`);
  endNow(EXIT_CODES[signal]);
};
let onSignal = endAtOnce;
let isListening = false;
const hear = (signal: Signal): void => onSignal(signal);

function listen(wanted: boolean): void {
  if (isListening === wanted) return;
  isListening = wanted;
  for (const signal of signals) {
    if (wanted) process.on(signal, hear);
    else process.off(signal, hear);
  }
}

/** What a work tells of itself. */
export interface Ear {
  /** Aborts at the first signal that is heard. */
  readonly signal: AbortSignal;
  /** A step is done, and the next begins. Signals are listened to where the one that is done was short. */
  stepping(): void;
  /** Steps are done. Signals that came before are heard by now. */
  stepped(): Promise<void>;
}

/**
 * Runs some work with a signal that Ctrl-C aborts. Work that heeds the signal rejects with its reason, `Interrupted`.
 *
 * @param say prints a line
 * @param summary what there is to say when the work has stopped
 * @param keeps whether the work keeps what it has done when it is asked to stop: then it is asked, however long its steps are
 */
export async function interruptible(
  say: (text: string) => void,
  summary: () => string,
  work: (ear: Ear) => Promise<void>,
  keeps = false,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  onSignal = (name) => {
    if (signal.aborted) {
      say(`Stopped at once. ${kept()}`);
      endNow(EXIT_CODES[name]);
    }
    controller.abort(new Interrupted(summary(), EXIT_CODES[name]));
    say("Stopping ... (Ctrl-C again stops at once)");
    if (!isWriting) listen(false);
  };
  let lastStep = performance.now();
  try {
    await work({
      signal,
      stepping: () => {
        const now = performance.now();
        listen(!signal.aborted && (keeps || now - lastStep < SOON));
        lastStep = now;
      },
      stepped: async () => {
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
        signal.throwIfAborted();
        listen(false);
      },
    });
  } finally {
    listen(false);
    onSignal = endAtOnce;
  }
}

/** Whether files are written now. */
let isWriting = false;

/** Writes files. Signals are heard meanwhile, a second one too, so that what is half written is cleared away. */
export async function whileWriting<T>(write: () => Promise<T>): Promise<T> {
  isWriting = true;
  listen(true);
  try {
    return await write();
  } finally {
    listen(false);
    isWriting = false;
  }
}
