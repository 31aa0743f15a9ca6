// Synthesis methods.

export * from "./eigendistortion/index.ts";
export {
  Metamer,
  type MetamerFingerprints,
  type MetamerOptions,
  type MetamerProgress,
  type MetamerSetupOptions,
} from "./metamer.ts";
export { NonFiniteError } from "./nonFinite.ts";
export type { GetProgressOptions, IterationSelection, Moment } from "./progress.ts";
export { LoadError } from "./saving/checks.ts";
export type { LoadOptions } from "./saving/options.ts";
export type { Progress, SynthesisSummary, SynthesizeOptions } from "./synthesize.ts";
