// What a reproduced result leaves: its numbers as a table, and its pictures.

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { roundAndClip, writePng } from "@plenoptic-js/formats";
import type { Tensor } from "../../src/index.ts";

const FOLDER = fileURLToPath(new URL("../../../../literature-output/", import.meta.url));

const GAP = 8;

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

  /** Images of one size in rows, on white, 0 being black and 1 white. */
  picture(name: string, rows: readonly (readonly Tensor[])[]): void {
    const [height, width] = rows[0][0].shape.slice(-2);
    const [down, across] = [height + GAP, width + GAP];
    const whole = across * Math.max(...rows.map((row) => row.length)) - GAP;
    const data = new Uint8Array((down * rows.length - GAP) * whole).fill(255);
    for (const [r, row] of rows.entries()) {
      for (const [c, image] of row.entries()) {
        const pixels = roundAndClip(image.dataSync(), 255).data;
        for (let y = 0; y < height; y++) {
          data.set(pixels.subarray(y * width, (y + 1) * width), (r * down + y) * whole + c * across);
        }
      }
    }
    const picture = { width: whole, height: down * rows.length - GAP, channels: 1, maxValue: 255, data } as const;
    writeFileSync(`${FOLDER}${this.#name}-${name}.png`, writePng(picture));
  }
}
