// The nearest of some names to a mistyped one, for error messages.
// Distance: insertions, deletions, changes and swaps of neighbours (optimal string alignment; Damerau 1964).

import { InvalidArgumentError } from "@commander-js/extra-typings";

/** `kind "typed"; did you mean "name"? (all the names)` */
export function unknownName(kind: string, typed: string, names: readonly string[], others = ""): string {
  return `${kind} "${typed}"${didYouMean(typed, names)} (${names.join(", ")}${others})`;
}

/** An option that takes one of some names. Like commander's own choices, but a mistyped one is told the nearest. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found =
      names.find((name) => name === text) ?? names.find((name) => name.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    const nearest = didYouMean(text, names).replace(/^; d/, " D");
    throw new InvalidArgumentError(`It must be one of ${names.join(", ")}.${nearest}`);
  };
}

/** `; did you mean "name"?` for the nearest name if it is near enough, else "". */
export function didYouMean(typed: string, names: readonly string[]): string {
  const word = typed.toLowerCase();
  let best = "";
  let least = Math.min(3, Math.floor(word.length / 2)) + 1;
  for (const name of names) {
    const d = distance(word, name.toLowerCase());
    if (d < least) [best, least] = [name, d];
  }
  return best === "" ? "" : `; did you mean "${best}"?`;
}

function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
