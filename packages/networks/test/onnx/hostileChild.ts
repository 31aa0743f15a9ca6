// Reads every file that must be refused, in a process of its own, and prints how much memory the process took at most.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { refusalOf } from "@plenoptic-js/proof/conformance/onnx";

const [folder] = process.argv.slice(2);
const { hostile } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { hostile: { file: string }[] };
global.gc?.();
// The largest so far, in kB: what the process takes before it has read any.
const idle = process.resourceUsage().maxRSS * 1024;
let files = 0;
for (const { file } of hostile) if ((await refusalOf(join(folder, file))) !== undefined) files++;
console.log(JSON.stringify({ idle, most: process.resourceUsage().maxRSS * 1024, files }));
