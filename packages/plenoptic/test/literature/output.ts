// What a reproduced result leaves: its numbers as a table, and its pictures.

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Figure } from "../../src/plot/index.ts";

const FOLDER = fileURLToPath(new URL("../../../../literature-output/", import.meta.url));

/** Rows of a table, and pictures, in `literature-output/`. */
export class Output {
  readonly #name: string;
  readonly #lines: string[] = [];

  /** @param name of the files; `columns` are the heads of the table */
  constructor(name: string, columns: readonly string[]) {
    this.#name = name;
    mkdirSync(FOLDER, { recursive: true });
    this.row(columns);
    this.row(columns.map(() => "---"));
  }

  /** Adds a row, and writes all there are. Numbers have four digits. */
  row(cells: readonly (string | number)[]): void {
    const words = cells.map((cell) => (typeof cell === "number" ? Number(cell.toPrecision(4)).toString() : cell));
    this.#lines.push(`| ${words.join(" | ")} |`);
    writeFileSync(`${FOLDER}${this.#name}.md`, `${this.#lines.join("\n")}\n`);
  }

  async picture(name: string, figure: Figure): Promise<void> {
    await figure.save(`${FOLDER}${this.#name}-${name}.svg`);
  }
}
