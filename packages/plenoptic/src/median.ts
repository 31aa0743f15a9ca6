// The median, of the few numbers that summaries and pages have.

/** The middle one, or the mean of the middle two; NaN of none. */
export function median(numbers: Iterable<number>): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const { length } = sorted;
  if (length === 0) return Number.NaN;
  return (sorted[Math.floor((length - 1) / 2)] + sorted[Math.floor(length / 2)]) / 2;
}
