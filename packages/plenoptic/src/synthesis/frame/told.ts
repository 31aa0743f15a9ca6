// Telling a caller how far long work is.

/** A function that is told of progress. A promise that it returns is awaited before the work goes on; one that rejects ends it. */
export type ProgressListener<T> = (progress: T) => unknown;

/** Tells it. What is to be awaited where it returned a promise; undefined where not, so that nothing waits for nothing. */
export function told<T>(listener: ProgressListener<T> | undefined, progress: T): Promise<void> | undefined {
  const answer = listener?.(progress);
  const isPromise = typeof (answer as { readonly then?: unknown } | undefined | null)?.then === "function";
  return isPromise ? Promise.resolve(answer as PromiseLike<void>) : undefined;
}
