// Tells V8 to optimise later. A command is over, or busy in WebAssembly, before the optimising compiler's work on our JavaScript is worth
// its time: of a texture synthesis up to its first step it took a quarter. What runs for long is still optimised, some milliseconds later.

import { setFlagsFromString } from "node:v8";
import { engineVersion } from "./engineVersion.ts";

/** Bytes of bytecode that a function runs before V8 looks whether to optimise it; six times its default. */
const BUDGET = 400_000;

/** Versions of Node whose V8 is known to have the flag: others would say on the screen that they have not. */
const [OLDEST, NEWEST] = [20, 24];

/** For the command's own process, at its start. */
export function optimiseLater(): void {
  const { node } = engineVersion();
  const major = Number.parseInt(node ?? "", 10);
  if (major >= OLDEST && major <= NEWEST) setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
