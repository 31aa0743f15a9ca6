// How far a sweep is, by the files of its results alone.

import { readOutcome } from "./outcome.ts";
import { jobStates, type Sweep } from "./sweepFolder.ts";

export interface SweepStatus {
  readonly jobs: number;
  readonly done: number;
  readonly failed: readonly { readonly name: string; readonly log: string }[];
  readonly left: number;
  /** How many there are of each verdict. */
  readonly verdicts: ReadonlyMap<string, number>;
}

export function sweepStatus(sweep: Sweep): SweepStatus {
  const verdicts = new Map<string, number>();
  const failed: { name: string; log: string }[] = [];
  let done = 0;
  for (const { job, results, failure } of jobStates(sweep)) {
    if (failure !== null) failed.push({ name: job.name, log: failure });
    if (results === null) continue;
    done++;
    const verdict = readOutcome(results)?.verdict ?? "not known";
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  const { length } = sweep.jobs;
  return { jobs: length, done, failed, left: length - done - failed.length, verdicts };
}
