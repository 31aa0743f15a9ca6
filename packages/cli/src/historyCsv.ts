// The history of a synthesis as CSV: one line an iteration, and one for the final image, which no step was taken from.

import type { HistorySource } from "plenoptic-js/engine";

/** A column of a method's own: a value for each iteration, and perhaps one for the final image. */
export interface OwnColumn {
  readonly name: string;
  readonly values: ArrayLike<number | string>;
}

/**
 * `loss` is the objective without the weighted penalty, of methods that have one.
 *
 * All digits that are needed to read the same numbers back. Columns that end before the final image are empty
 * there.
 */
export function historyCsv(
  { losses, penalties, gradientNorm, pixelChangeNorm }: HistorySource,
  own: readonly OwnColumn[] = [],
  loss?: ArrayLike<number>,
): string {
  const columns: readonly OwnColumn[] = [
    { name: "objective", values: losses },
    ...(loss === undefined ? [] : [{ name: "loss", values: loss }]),
    { name: "penalty", values: penalties },
    { name: "gradient_norm", values: gradientNorm },
    { name: "pixel_change_norm", values: pixelChangeNorm },
    ...own,
  ];
  const lines = Array.from(losses, (_, i) => [i, ...columns.map(({ values }) => values[i] ?? "")].join(","));
  return `${["iteration", ...columns.map(({ name }) => name)].join(",")}\n${lines.join("\n")}\n`;
}
