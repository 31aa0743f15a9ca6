// @plenoptic-js/cli: the command `plenoptic` as a function of its arguments, for programs that run it inside themselves.

export { runCommand } from "./program.ts";
export type { Terminal } from "./terminal.ts";
