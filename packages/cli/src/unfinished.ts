// Code of the user's that ends the process, waits for what never comes, or throws where nobody waits for it. Node then ends
// without a word, or with too many; these words are said instead, and the exit code is 1.

import { writeSync } from "node:fs";
import { errorText, lineOf, place } from "./userCode.ts";

/** What of the user's runs. */
interface Activity {
  readonly path: string;
  /** `its makeModel` */
  readonly what: string;
}

/** What runs now. */
const activities: Activity[] = [];
/** All that ever ran. */
const paths = new Set<string>();

/** Does something of the user's, known as what runs until it is done. */
export function during<T>(activity: Activity, work: () => T): T {
  paths.add(activity.path);
  activities.push(activity);
  const end = (): void => {
    activities.splice(activities.lastIndexOf(activity), 1);
  };
  let result: T;
  try {
    result = work();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as T;
  end();
  return result;
}

let stopWatching = (): void => {};

/** Ends the process at once, by will. */
export function endNow(code: number): never {
  stopWatching();
  process.exit(code);
}

/**
 * Speaks up, on standard error, where the process ends before it was told that all is done, or where something is thrown that
 * nobody waits for.
 *
 * @returns a function that tells that all is done
 */
export function watchForSilentEnd(): () => void {
  let waits = false;
  const onIdle = (): void => {
    waits = true;
  };
  const onExit = (): void => {
    process.exitCode = 1;
    const activity = activities.at(-1);
    if (waits) {
      const who = activity === undefined ? "the command" : `${activity.path}: ${activity.what}`;
      say(`${who} waits for a promise that nothing will ever resolve; nothing was written`);
      return;
    }
    const [path, line] = whereIn(callStack());
    const who = path === undefined ? "the process was ended" : `${place(path, line)}: process.exit() ended the process`;
    say(`${who} before the command was done; nothing was written. Throw an error instead, which says what is wrong.`);
  };
  const onFault = (error: unknown): void => {
    stopWatching();
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    const [path, line] = whereIn(stack);
    if (path !== undefined) say(`${place(path, line)}: ${errorText(error)} (in code that nobody waits for)`);
    else
      say(
        `${stack || String(error)}\nThis is a fault of plenoptic, not yours. Please report it, with the lines above.`,
      );
    process.exit(1);
  };
  process.on("beforeExit", onIdle);
  process.on("exit", onExit);
  process.on("uncaughtException", onFault);
  stopWatching = () => {
    process.off("beforeExit", onIdle);
    process.off("exit", onExit);
    process.off("uncaughtException", onFault);
  };
  return stopWatching;
}

function callStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const { stack = "" } = new Error("here");
  Error.stackTraceLimit = limit;
  return stack;
}

/** The file of the user's that stands in a stack, and its line; else the one that runs. */
function whereIn(stack: string): [path: string | undefined, line?: number] {
  for (const path of paths) {
    const line = lineOf(path, { stack });
    if (line !== undefined) return [path, line];
  }
  return [activities.at(-1)?.path];
}

/** At once: the process may end with this. */
function say(text: string): void {
  writeSync(2, `error: ${text}\n`);
}
