// A few numbers that tell what an array holds.

export interface Summary {
  /** How many values there are; NaN are not counted. */
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** Count, mean and range of the values that are not NaN. Without any, the others are NaN. */
export function summarize(values: ArrayLike<number>): Summary {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (count === 0) return { count, mean: Number.NaN, min: Number.NaN, max: Number.NaN };
  return { count, mean: sum / count, min, max };
}
