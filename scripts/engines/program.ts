// The table of hashes, recomputed on one thread in whatever engine runs this. Says how it went as the last line it prints, and, in a
// page, as its title.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import table from "@plenoptic-js/proof/hashes/table.json" with { type: "json" };

const page = (globalThis as { document?: { title: string } }).document;

async function differences(): Promise<string[]> {
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> = table.hashes;
  const found: string[] = [];
  for (const { name, run } of cases) {
    const hashes = await run(1);
    for (const result of new Set([...Object.keys(known[name]), ...Object.keys(hashes)])) {
      if (known[name][result] !== hashes[result]) found.push(`${name}, ${result}: ${hashes[result]}`);
    }
  }
  return found;
}

function say(words: string): void {
  console.log(words);
  if (page !== undefined) page.title = words;
}

differences().then(
  (found) => say(found.length === 0 ? `same bits in ${cases.length} cases` : `other bits: ${found.join("; ")}`),
  (error: unknown) => say(`failed: ${error instanceof Error ? error.stack : String(error)}`),
);
