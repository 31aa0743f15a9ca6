// `npm run demo`: installs and builds what is missing, then makes a metamer of a shipped photograph.
// More arguments go to the command: `npm run demo -- --iterations 1000`.

import { ensureBuilt, ensureInstalled, runNode } from "./setup.mjs";

ensureInstalled();
ensureBuilt();

const demo = "metamer house --model gaussian --iterations 600 --stop 0 --seed 0 --dtype float64 --out demo-output";
process.exit(runNode(["packages/plenoptic/dist/cli/main.js", ...demo.split(" "), ...process.argv.slice(2)]));
