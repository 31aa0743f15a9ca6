// The one error that reading and writing files gives.

/**
 * - `not-found`: no such file, folder or address
 * - `not-a-file`: a folder, or something else that cannot be read as a file
 * - `no-permission`: the system refuses access
 * - `unreadable`: any other failure while reading
 * - `too-big`: above a limit of bytes or pixels
 * - `unsupported`: a sound file of a kind that is not read here
 * - `damaged`: not what it says it is: truncated, altered or made up
 * - `not-written`: writing failed; the old file, if any, is untouched
 */
export type FileErrorCode =
  | "not-found"
  | "not-a-file"
  | "no-permission"
  | "unreadable"
  | "too-big"
  | "unsupported"
  | "damaged"
  | "not-written";

/** Something is wrong with a file. The message reads `SOURCE: what is wrong and what to do`. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: FileErrorCode;
  /** The path, address or name of what was read or written. */
  readonly source: string;

  constructor(code: FileErrorCode, source: string, problem: string, options?: ErrorOptions) {
    super(`${source}: ${problem}`, options);
    this.code = code;
    this.source = source;
  }
}
