// How the command ends when something goes wrong.
//
// Exit codes: 0 done; 1 a fault of this program; 2 something the person can put right; 128 + n stopped by signal n.

import { CommanderError } from "@commander-js/extra-typings";
import type { TextStream } from "./terminal.ts";

/** Something the person at the keyboard can put right. Its message is one line that says what and how. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The command was asked to stop, and did. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** 128 plus the number of the signal, as shells have it. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Errors by which the packages refuse what they are given. Any other error is a fault. */
const refusals = ["UserError", "FileError", "ValidationError", "ShapeError", "DTypeError", "TraceError", "MemoryError"];

/** Prints what went wrong, one line if the person can help it, and gives the exit code. */
export function explain(error: unknown, debug: boolean, err: TextStream): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (error instanceof Interrupted) {
    err.write(`${error.message}\n`);
    return error.exitCode;
  }
  const isRefusal = error instanceof Error && (refusals.includes(error.name) || isSystemError(error));
  err.write(`error: ${oneLine(error instanceof Error ? error.message : String(error))}\n`);
  if (!isRefusal) {
    const details = debug ? "with the lines below" : "with what it prints when you add --debug";
    err.write(`This is a fault of plenoptic, not yours. Please report it, ${details}.\n`);
  }
  if (debug) err.write(`${stack(error)}\n`);
  return isRefusal ? 2 : 1;
}

/** Whether the system refused something: no space, no permission, a broken disk. Node's message says what. */
function isSystemError(error: Error): boolean {
  return "syscall" in error && "code" in error;
}

export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

function stack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stack(error.cause)}`;
  return (error.stack ?? error.message) + cause;
}
