// Tables for the terminal: columns that line up.

/**
 * Rows of cells as lines of text, two spaces between columns. The first row is the head. Columns whose cells below it are
 * numbers are set flush right, all others flush left.
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const [head] = rows;
  const columns = head.map((_, c) => {
    const cells = rows.map((row) => row[c]);
    const isNumeric = cells.slice(1).every((cell) => /^-?(\d|Infinity$)|^(NaN)?$/.test(cell));
    return { width: Math.max(...cells.map((cell) => cell.length)), isNumeric };
  });
  const lines = rows.map((row) =>
    row.map((cell, c) => (columns[c].isNumeric ? cell.padStart(columns[c].width) : cell.padEnd(columns[c].width))),
  );
  return lines.map((cells) => `${cells.join("  ").trimEnd()}\n`).join("");
}
