// The error of networks that are whole files, and yet cannot be used.

/**
 * - `model`: it does not hold together: sizes that do not fit, a value that nothing makes
 * - `unsupported`: sound, but of a kind that is not computed here
 * - `limits`: larger than what is computed here
 * - `external`: weights in other files that are not there, or not to be read
 */
export type OnnxErrorCode = "model" | "unsupported" | "limits" | "external";

/** Something is wrong with a network. The message reads `FILE: what is wrong and what to do`. Broken files give a FileError. */
export class OnnxError extends Error {
  override readonly name = "OnnxError";
  readonly code: OnnxErrorCode;
  /** The file, as messages call it. */
  readonly source: string;
  /** What is wrong, without the name of the file. */
  readonly problem: string;

  constructor(code: OnnxErrorCode, source: string, problem: string, options?: ErrorOptions) {
    super(`${source}: ${problem}`, options);
    this.code = code;
    this.source = source;
    this.problem = problem;
  }
}
