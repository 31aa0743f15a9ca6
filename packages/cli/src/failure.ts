// How the command ends when something goes wrong.
//
// Exit codes: 0 done; 1 a fault in code, of this program or of a file of the person's own; 2 something else that the person can
// put right; 3 a result differs from what its recipe makes; 4 that cannot be known here; 128 + n stopped by signal n.

import { CommanderError } from "@commander-js/extra-typings";
import { MemoryError } from "@plenoptic-js/tensor";
import type { TextStream } from "./terminal.ts";
import { memoryWords } from "./wording.ts";

/** Something the person at the keyboard can put right. Its message is one line that says what and how. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Code of the person's own, in a file named on the command line, is wrong. The message begins with the file. */
export class UserCodeError extends Error {
  override readonly name = "UserCodeError";
  /** Lines of code that would do, or none. */
  readonly example: readonly string[];

  constructor(message: string, options: ErrorOptions & { readonly example?: readonly string[] } = {}) {
    const { example = [], ...rest } = options;
    super(message, rest);
    this.example = example;
  }
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

/** What was asked for was done, and found what the exit code tells: 3 something differs, 4 it cannot be known here. All is said already. */
export class Found extends Error {
  override readonly name = "Found";
  readonly exitCode: 3 | 4;

  constructor(exitCode: 3 | 4) {
    super(exitCode === 3 ? "something differs" : "it cannot be known here");
    this.exitCode = exitCode;
  }
}

/** Errors by which the packages refuse what they are given. Any other error is a fault. */
const refusals = [
  "UserError",
  "PlanError",
  "SweepError",
  "FileError",
  "OnnxError",
  "ValidationError",
  "ShapeError",
  "DTypeError",
  "TraceError",
  "MemoryError",
];

/** Prints what went wrong, one line if the person can help it, and gives the exit code. */
export function explain(error: unknown, debug: boolean, err: TextStream): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  if (error instanceof Found) return error.exitCode;
  if (error instanceof Interrupted) {
    err.write(`${error.message}\n`);
    return error.exitCode;
  }
  const ofTheirs = userCodeErrorIn(error);
  const text = ofTheirs?.message ?? (error instanceof Error ? (systemWords(error) ?? ownWords(error)) : String(error));
  err.write(`error: ${oneLine(text)}\n`);
  if (ofTheirs !== undefined && ofTheirs.example.length > 0) {
    err.write(`For example:\n${ofTheirs.example.map((line) => `  ${line}\n`).join("")}`);
  }
  const isRefusal = error instanceof Error && (refusals.includes(error.name) || isSystemError(error));
  const isFault = ofTheirs === undefined && !isRefusal;
  if (isFault) {
    const details = debug ? "with the lines below" : "with what it prints when you add --debug";
    err.write(`This is a fault of plenoptic, not yours. Please report it, ${details}.\n`);
  }
  if (debug) err.write(`${stack(error)}\n`);
  return isFault || ofTheirs !== undefined ? 1 : 2;
}

function ownWords(error: Error): string {
  return error instanceof MemoryError ? memoryWords(error) : error.message;
}

/** What code of the person's threw, however the packages wrapped it. */
export function userCodeErrorIn(error: unknown): UserCodeError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof UserCodeError) return at;
  return undefined;
}

/** Whether the system refused something: no space, no permission, a broken disk. Node's message says what. */
function isSystemError(error: Error): boolean {
  return "syscall" in error && "code" in error;
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: "you are not allowed to use it",
  EPERM: "you are not allowed to use it",
  EROFS: "the disk there cannot be written to",
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is full",
  ENOENT: "it is not there",
  ENOTDIR: "a part of the path before it is no folder",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "it is a link that leads in a circle",
  EMFILE: "too many files are open",
  EIO: "the disk could not be read or written",
};

/** Why the system refused something, in words; undefined for other errors. */
export function systemReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !isSystemError(error)) return undefined;
  const { code = "", message } = error as NodeJS.ErrnoException;
  return SYSTEM_WORDS[code] ?? message;
}

function systemWords(error: unknown): string | undefined {
  const reason = systemReason(error);
  const { path } = error as NodeJS.ErrnoException;
  return reason === undefined || path === undefined ? reason : `${path}: ${reason}`;
}

export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

function stack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stack(error.cause)}`;
  return (error.stack ?? error.message) + cause;
}
