#!/usr/bin/env node
// The command `plenoptic`.

import { runCommand } from "./program.ts";
import { watchForSilentEnd } from "./unfinished.ts";

// A reader that has seen enough (`plenoptic models | head -1`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// No await at this level: Node has words of its own for one that never ends.
const finish = watchForSilentEnd();
void runCommand(process.argv.slice(2), { out: process.stdout, err: process.stderr }).then((code) => {
  finish();
  process.exitCode = code;
});
