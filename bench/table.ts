// Tables as text: columns as wide as their longest entry, numbers to the right.

/** @param rows the first one is the head; all have as many entries */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const isNumber = (column: number): boolean => rows.slice(1).every((row) => /^[-\d.]*$/.test(row[column]));
  const right = widths.map((_, column) => isNumber(column));
  return rows
    .map((row) =>
      row
        .map((text, column) => (right[column] ? text.padStart(widths[column]) : text.padEnd(widths[column])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
