// `npm run growth`: how large what is compiled for the standard workloads is, beside the committed table. Prints what has changed, and
// fails where a number has grown. `npm run growth -- --update` writes the table anew: say in the commit why something grew.

import { readFileSync, writeFileSync } from "node:fs";
import { compareGrowth, type GrowthTable, measureGrowth } from "@plenoptic-js/proof/growth/measure";

const TABLE = new URL("../packages/proof/src/growth/table.json", import.meta.url);

const found = await measureGrowth();
const update = process.argv.includes("--update");
const known: GrowthTable = JSON.parse(readFileSync(TABLE, "utf8")) as GrowthTable;
const { lines, hasGrown } = compareGrowth(known, found);
for (const line of lines) console.log(line);
if (update) writeFileSync(TABLE, `${JSON.stringify(found, null, 2)}\n`);
console.log(lines.length === 0 ? "growth: nothing has changed" : `growth: ${lines.length} numbers have changed`);
if (hasGrown && !update) process.exitCode = 1;
