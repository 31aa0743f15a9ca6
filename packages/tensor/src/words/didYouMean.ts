// The nearest of some names to a mistyped one, for error messages. (The formats and the tensor package have this file each, as neither
// may know the other; a test holds them to be the same.)
// Distance: insertions, deletions, changes and swaps of neighbours (optimal string alignment; Damerau 1964).

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
