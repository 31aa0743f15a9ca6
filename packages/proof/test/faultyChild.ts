// A process that goes wrong at its fourth input, as its run says.

import { writeFileSync } from "node:fs";

const [progress, runs] = process.argv.slice(2);
writeFileSync(progress, new Int32Array([0, 3]));

const [{ reader: what }] = JSON.parse(runs) as [{ reader: string }];
if (what === "ends") {
  console.error("gone");
  process.exit(9);
}
// 16 GiB, which nobody needs to have: it is the room for them that is refused.
if (what === "takes much") for (const held = []; held.length < 128; ) held.push(new Uint8Array(1 << 27));
for (;;);
