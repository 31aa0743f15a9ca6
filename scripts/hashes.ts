// `npm run hashes`: recomputes the table of promised results in Node at 1, 2 and 4 threads and compares it with the
// committed one. `npm run hashes -- --update` writes the table anew, with new cases. It refuses to change what is promised
// under the present NUMERICS_VERSION.

import { readFileSync, writeFileSync } from "node:fs";
import { cases } from "@plenoptic-js/proof/hashes/cases";
import { runShared } from "@plenoptic-js/proof/hashes/shared";
import { type HashTable, updatedTable } from "@plenoptic-js/proof/hashes/update";
import { NUMERICS_VERSION } from "@plenoptic-js/tensor";

const TABLE = new URL("../packages/proof/src/hashes/table.json", import.meta.url);
const THREADS = [1, 2, 4];
/** The number at which work is cut so fine that helpers do some of it in every case. At 4 it is cut as users have it. */
const SHARED = 2;

const update = process.argv.includes("--update");
const committed = JSON.parse(readFileSync(TABLE, "utf8")) as HashTable;
/** What is compared with: the committed table, or, where that is written anew, what one thread finds. */
const hashes: Record<string, Readonly<Record<string, string>>> = update ? {} : { ...committed.hashes };

let passed = 0;
const failures: string[] = [];
const expectSame = (what: string, expected: string | undefined, found: string): void => {
  if (expected === found) passed++;
  else failures.push(`${what}: expected ${expected ?? "(not in the table)"}, found ${found}`);
};

if (!update) expectSame("numerics version", String(committed.numericsVersion), String(NUMERICS_VERSION));
for (const hashCase of cases) {
  const { name, run } = hashCase;
  for (const threads of THREADS) {
    let found: Record<string, string>;
    if (threads === SHARED) {
      const shared = await runShared(hashCase, threads);
      found = shared.hashes;
      if (hashCase.alone !== true)
        expectSame(`${name}, work done by helpers`, "some", shared.helped > 0 ? "some" : "none");
    } else found = await run(threads);
    if (update && threads === 1) hashes[name] = found;
    for (const [result, hash] of Object.entries(found)) {
      expectSame(`${name}, ${result}, ${threads} threads`, hashes[name]?.[result], hash);
    }
  }
}
const known = new Set(cases.map((c) => c.name));
for (const name of Object.keys(hashes)) {
  if (!known.has(name)) failures.push(`${name}: in the table, but no case computes it`);
}

for (const failure of failures) console.log(failure);
if (update && failures.length === 0) {
  const table = updatedTable(committed, hashes, NUMERICS_VERSION);
  writeFileSync(TABLE, `${JSON.stringify(table, null, 2)}\n`);
}
console.log(`hashes: ${passed} equal, ${failures.length} different`);
process.exitCode = failures.length === 0 ? 0 : 1;
