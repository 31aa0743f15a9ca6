// The samples of a page (README, docs) are right: a test takes them out, runs them as they are, and compares what they print
// with what the page says they print.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";

/** Inside the project, so that imports are found; folders of this name are not committed. */
const FOLDER = fileURLToPath(new URL("../../dist/", import.meta.url));

/** The blocks of TypeScript on a page, in its order. */
export function samplesOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
}

/** What a sample says it prints, where the page keeps to this: its comments that have lines of their own. */
export function linesSaid(code: string): string[] {
  return [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line);
}

/**
 * What a page says that its lines print: `console.log(x); // 0.3649...`. The text before the dots; null for a line that prints and
 * has no such comment.
 */
export function beginningsSaid(code: string): (string | null)[] {
  const said = code.matchAll(/^ *console\.log\(.*\);(?: *\/\/ (-?\d+\.\d+)\.\.\.)?/gm);
  return [...said].map(([, beginning = null]) => beginning);
}

/**
 * The samples of a page as one program, for a page whose samples use what stood in those before: each is a block inside the one
 * before, so that it sees their names and may give them anew. Imports stand before all.
 */
export function oneProgram(samples: readonly string[]): string {
  const isImport = /^import [^;]*;\n/gm;
  const imports = new Set(samples.flatMap((code) => code.match(isImport) ?? []));
  const blocks = samples.map((code) => `{\n${code.replace(isImport, "")}`);
  return `${[...imports].join("")}${blocks.join("")}${"}\n".repeat(blocks.length)}`;
}

/** Runs a program of its own name and gives the lines that it prints. */
export async function printedBy(code: string): Promise<string[]> {
  await mkdir(FOLDER, { recursive: true });
  const folder = await mkdtemp(join(FOLDER, "sample-"));
  const file = join(folder, "sample.ts");
  const lines: string[] = [];
  const log = console.log;
  try {
    await writeFile(file, code);
    console.log = (...values: unknown[]) => void lines.push(format(...values));
    await import(/* @vite-ignore */ file);
    return lines;
  } finally {
    console.log = log;
    await rm(folder, { recursive: true });
  }
}
