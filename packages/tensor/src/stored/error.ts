// What reading a stored graph can refuse.

/** A stored graph is damaged, too large, or of another release. */
export class StoredGraphError extends Error {
  override readonly name = "StoredGraphError";
  /** Of one that is too large, the limit that it is above; else null. */
  readonly limit: string | null;

  constructor(problem: string, { limit = null, ...options }: ErrorOptions & { readonly limit?: string | null } = {}) {
    super(`the stored graph cannot be read: ${problem}`, options);
    this.limit = limit;
  }
}
