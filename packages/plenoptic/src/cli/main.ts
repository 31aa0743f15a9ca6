#!/usr/bin/env node
// The command `plenoptic`.

import { runCommand } from "./program.ts";

// A reader that has seen enough (`plenoptic models | head -1`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await runCommand(process.argv.slice(2), { out: process.stdout, err: process.stderr });
