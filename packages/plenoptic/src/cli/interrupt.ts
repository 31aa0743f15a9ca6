// Ctrl-C: the first asks the work to stop when it next can, the second ends the process at once.

import { Interrupted } from "./failure.ts";
import type { TextStream } from "./terminal.ts";

const EXIT_CODE = 130;

/**
 * Runs some work with a signal that Ctrl-C aborts. Work that heeds it rejects with `Interrupted`.
 *
 * @param leftovers removed when the process ends at once
 */
export async function interruptible<T>(err: TextStream, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODE);
    err.write("\nStopping after this iteration; Ctrl-C again stops at once.\n");
    controller.abort(new Interrupted("Stopped. Nothing was written.", EXIT_CODE));
  };
  process.on("SIGINT", onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal);
  }
}
