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

/** Whether a line that stands there can be drawn anew: on a terminal, but not on one that calls itself dumb. */
export function canRedraw(stream: TextStream, term: string | undefined = process.env.TERM): boolean {
  return stream.isTTY === true && term !== "dumb";
}
