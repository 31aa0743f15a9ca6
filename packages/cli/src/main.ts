#!/usr/bin/env node
// The command `plenoptic`.

import { optimiseLater } from "./engineFlags.ts";
import { runCommand } from "./program.ts";
import { watchForSilentEnd } from "./unfinished.ts";

optimiseLater();

// A reader that has seen enough (`plenoptic models | head -1`) is no error. A full disk is.
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") return;
  process.stderr.write(`error: what was to be printed cannot be written: ${message}\n`);
  process.exit(2);
});

/** When what was written before has left. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write("", () => resolve()));

// No await at this level: Node has words of its own for one that never ends.
const finish = watchForSilentEnd();
void runCommand(process.argv.slice(2), { out: process.stdout, err: process.stderr }).then(async (code) => {
  finish();
  await Promise.all([written(process.stdout), written(process.stderr)]);
  // The user's module may have left timers behind, which would keep the process.
  process.exit(code);
});
