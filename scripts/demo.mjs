// `npm run demo`: installs and builds what is missing, then makes a metamer of a shipped texture.
// More arguments go to the command: `npm run demo -- --iterations 200`.

import { availableParallelism } from "node:os";
import { ensureBuilt, ensureInstalled, runNode } from "./setup.mjs";

ensureInstalled();
ensureBuilt();

// Ctrl-C is for the command, which then says how far it came.
process.on("SIGINT", () => {});

const threads = Math.min(2, availableParallelism());
const demo =
  "metamer gravel --preset texture --iterations 60 --stop off --seed 0 --dtype float64 " +
  `--threads ${threads} --out demo-output --overwrite`;
process.exit(runNode(["packages/cli/bin/plenoptic.js", ...demo.split(" "), ...process.argv.slice(2)]));
