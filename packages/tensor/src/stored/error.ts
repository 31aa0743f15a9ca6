// What reading a stored graph can refuse.

/** A stored graph is damaged, too large, or of another release. */
export class StoredGraphError extends Error {
  override readonly name = "StoredGraphError";

  constructor(problem: string, options?: ErrorOptions) {
    super(`the stored graph cannot be read: ${problem}`, options);
  }
}
