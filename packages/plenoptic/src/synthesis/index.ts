// Synthesis methods.

export type { StoredModelSize } from "../stored/form.ts";
export { type CoarseToFineOptions, MetamerCTF, type MetamerCTFOptions } from "./coarseToFine/metamerCtf.ts";
export type { CoarseToFine } from "./coarseToFine/scaleQueue.ts";
export * from "./eigendistortion/index.ts";
export type { CheckpointNews, CheckpointOptions } from "./frame/checkpointOptions.ts";
export type { SynthesisSummary } from "./frame/iterations.ts";
export { NonFiniteError } from "./frame/nonFinite.ts";
export type { GetProgressOptions, IterationSelection, Moment } from "./frame/progress.ts";
export type { Progress, SynthesizeOptions } from "./frame/synthesizeOptions.ts";
export { MADCompetition, type MADFingerprints, type MADFour } from "./mad/madCompetition.ts";
export type {
  MADAllOptions,
  MADCompetitionOptions,
  MADName,
  MADProgress,
  MADSetupOptions,
  MinMax,
} from "./mad/madOptions.ts";
export type {
  AtBounds,
  MADFourVerdict,
  MADGap,
  MADLimits,
  MADSummaryOptions,
  MADVerdict,
  MetricChange,
} from "./mad/madVerdict.ts";
export {
  Metamer,
  type MetamerFingerprints,
  type MetamerOptions,
  type MetamerProgress,
  type MetamerSetupOptions,
} from "./metamer.ts";
export { LoadError } from "./saving/loading/checks.ts";
export type { LoadOptions } from "./saving/loading/options.ts";
export type { SaveOptions } from "./saving/options.ts";
export { type Iterating, type OfSeed, type Several, type SeveralOptions, several } from "./several.ts";
export type {
  GroupNearness,
  MetamerVerdict,
  Nearness,
  SummaryLimits,
  SummaryOptions,
} from "./verdict/metamerVerdict.ts";
export type { AbsoluteRule, Settling } from "./verdict/settling.ts";
export type { Stopping } from "./verdict/stopping.ts";
