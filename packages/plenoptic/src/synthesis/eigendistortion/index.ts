// Eigendistortions.

export { Eigendistortion, type EigendistortionFingerprints } from "./eigendistortion.ts";
export type {
  DistortionEffect,
  EigendistortionSummaryOptions,
  EigendistortionVerdict,
} from "./eigendistortionVerdict.ts";
export type { EigendistortionMethod, EigendistortionOptions } from "./options.ts";
export type { EigendistortionSummary } from "./summary.ts";
export type { EigendistortionProgress } from "./turn.ts";
export type { EigenGroup, Verdict } from "./verdict.ts";
