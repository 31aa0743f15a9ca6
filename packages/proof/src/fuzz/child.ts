// A process that reads damaged inputs: it may hang, crash or take too much, and whoever started it sees that.
// Arguments: the file to note progress in, and the runs as JSON. Prints the tally of each run as a line of JSON.

import { openSync, writeSync } from "node:fs";
import type { Run } from "./campaign.ts";
import { readers } from "./readers/index.ts";
import { tryInputs } from "./tries.ts";

async function main([progress, runs]: readonly string[]): Promise<void> {
  const file = openSync(progress, "w");
  const note = new Int32Array(2);
  for (const [number, { reader: name, seed, from, to }] of (JSON.parse(runs) as Run[]).entries()) {
    const reader = readers.find((one) => one.name === name);
    if (reader === undefined) throw new Error(`there is no reader ${name}`);
    const tally = await tryInputs(reader, seed, from, to, (index) => {
      note.set([number, index]);
      writeSync(file, note, 0, note.byteLength, 0);
    });
    console.log(JSON.stringify(tally));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
