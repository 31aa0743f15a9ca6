// Synthesis methods.

export { type CoarseToFineOptions, MetamerCTF, type MetamerCTFOptions } from "./coarseToFine/metamerCtf.ts";
export type { CoarseToFine } from "./coarseToFine/scaleQueue.ts";
export type { SynthesisSummary } from "./frame/iterations.ts";
export { NonFiniteError } from "./frame/nonFinite.ts";
export type { GetProgressOptions, IterationSelection, Moment } from "./frame/progress.ts";
export type { Progress, SynthesizeOptions } from "./frame/synthesizeOptions.ts";
export {
  MADCompetition,
  type MADCompetitionOptions,
  type MADFingerprints,
  type MADProgress,
  type MADSetupOptions,
  type MinMax,
} from "./mad/madCompetition.ts";
export {
  Metamer,
  type MetamerFingerprints,
  type MetamerOptions,
  type MetamerProgress,
  type MetamerSetupOptions,
} from "./metamer.ts";
export { LoadError } from "./saving/loading/checks.ts";
export type { LoadOptions } from "./saving/loading/options.ts";
