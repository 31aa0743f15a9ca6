// Recipes run again: making, verifying and comparing results; the namespace `po.replay` (docs/reproducibility.md).

export type { FileFunctions } from "../stored/fileFunctions.ts";
export { type CannotReason, CannotReplay } from "./cannotReplay.ts";
export { type Comparison, compare } from "./compare.ts";
export type { Parting } from "./course.ts";
export { type ReadPixels, type ReadResult, type ReadSeries, read } from "./readResult.ts";
export type { ReplayGiven } from "./remake.ts";
export type { ReplayStep, ReplayWork, RerunOptions, Synthesis } from "./rerun.ts";
export { type RunOptions, run } from "./run.ts";
export { type Verification, type VerifyOptions, verify } from "./verify.ts";
