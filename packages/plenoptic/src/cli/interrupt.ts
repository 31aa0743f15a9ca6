// Ctrl-C: the first asks the work to stop when it next can, the second ends the process at once.

import { Interrupted } from "./failure.ts";

/** 128 and the number of the signal, as shells have it. */
const EXIT_CODE = 130;

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
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODE);
    controller.abort(new Interrupted(summary(), EXIT_CODE));
    say("Stopping ... (Ctrl-C again stops at once)");
  };
  process.on("SIGINT", onSignal);
  try {
    await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal);
  }
}
