// @plenoptic-js/runs: sweeps of stimuli. A plan becomes jobs, which are recipes; jobs become folders of results, made by processes of this
// machine; and these a table and a page. What a plan may say, and how a job is made, is told by the command.

export { type Collection, collect } from "./collect.ts";
export { hashOf, type JobRecipe, jobId, settledHash } from "./jobId.ts";
export { type Describe, type Described, type Job, type Planned, type PlannedJob, planJobs } from "./jobs.ts";
export {
  type FromWorker,
  fitting,
  type LocalProgress,
  type LocalRun,
  runLocally,
  type ToWorker,
} from "./localProcesses.ts";
export { OUTCOME_FILE, type Outcome, readOutcome } from "./outcome.ts";
export { type Cell, type Plan, readPlan, type Word } from "./plan.ts";
export { planSchema } from "./planSchema.ts";
export { type Place, PlanError } from "./planText.ts";
export {
  checkpointFile,
  forgetFailures,
  isDone,
  isSweep,
  type JobState,
  jobFile,
  jobStates,
  publishResults,
  readJob,
  readSweep,
  recordFailure,
  type Sweep,
  SweepError,
  writeSweep,
} from "./sweepFolder.ts";
export { type SweepStatus, sweepStatus } from "./sweepStatus.ts";
export type { Accepts, PlanGroup, PlanMethod, PlanOption, Vocabulary } from "./vocabulary.ts";
