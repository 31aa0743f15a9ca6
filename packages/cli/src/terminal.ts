// Where the command writes: results to `out`, everything else (progress, warnings, errors) to `err`.

/** A stream that may be a terminal. */
export interface TextStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Terminal {
  readonly out: TextStream;
  readonly err: TextStream;
}
