// Jobs in processes of this machine, one thread each. A process makes one job after the other, so that what is compiled once serves all.
// One that ends with a job in hand has failed that job, and no other; another takes its place.

import type { ChildProcess } from "node:child_process";

/** What a process is told. */
export type ToWorker = { readonly job: string } | { readonly measure: string } | { readonly stop: true };

/** What a process tells. */
export type FromWorker =
  | { readonly tells: "ready" }
  /** How much of the job is done, from 0 to 1, and the most memory that the process has had, in bytes. */
  | { readonly tells: "share"; readonly share: number; readonly memory: number }
  | { readonly tells: "done"; readonly memory: number }
  | { readonly tells: "failed"; readonly why: string }
  /** Of a job to be measured: seconds before its first step and of a step. */
  | { readonly tells: "measured"; readonly beginning: number; readonly step: number; readonly memory: number }
  /** It has stopped, and kept what it had of the job. */
  | { readonly tells: "stopped" };

export interface LocalRun {
  /** Names of jobs, in the order in which they are begun. */
  readonly jobs: readonly string[];
  /** Starts a process with a channel for messages and its standard error piped. */
  start(): ChildProcess;
  /** Processes at most. */
  readonly processes: number;
  /** Bytes that all may take together; null: `processes` is what was asked for, and holds. */
  readonly room: number | null;
  /** Aborts when the person wants it to end. */
  readonly signal: AbortSignal;
  onDone(job: string): void;
  onFailed(job: string, log: string): void;
  onProgress(progress: LocalProgress): void;
}

export interface LocalProgress {
  /** Jobs that have come to an end, done or failed. */
  readonly ended: number;
  /** The same, with the shares of those at work. */
  readonly share: number;
  readonly processes: number;
}

/** The last letters of what a process has printed that a log keeps. */
const LONGEST_LOG = 20_000;

interface Worker {
  readonly child: ChildProcess;
  job: string | null;
  share: number;
  printed: string;
}

/** How many processes fit, by what the largest one has taken; one at least. */
export const fitting = (room: number, largest: number): number =>
  largest === 0 ? 1 : Math.max(1, Math.floor(room / largest));

/** Makes the jobs. Resolves when all have come to an end, or all processes have after a stop. */
export function runLocally(run: LocalRun): Promise<void> {
  const { jobs, signal, onDone, onFailed, onProgress } = run;
  const workers = new Set<Worker>();
  let next = 0;
  let ended = 0;
  /** Of one process at most, so far. */
  let largest = 0;

  return new Promise((resolve, reject) => {
    const allowed = (): number => {
      const most = Math.min(run.processes, jobs.length);
      // How much one takes is known when the first has made a step.
      return run.room === null ? most : Math.min(most, fitting(run.room, largest));
    };
    const report = (): void => {
      let share = ended;
      for (const worker of workers) if (worker.job !== null) share += worker.share;
      onProgress({ ended, share, processes: workers.size });
    };
    const fill = (): void => {
      while (!signal.aborted && next < jobs.length && workers.size < allowed()) startOne();
      if (workers.size === 0 && (signal.aborted || next >= jobs.length)) finish();
    };
    const finish = (): void => {
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const give = (worker: Worker): void => {
      const isOver = workers.size > allowed();
      if (signal.aborted || next >= jobs.length || isOver) {
        worker.child.send({ stop: true } satisfies ToWorker, ignore);
        return;
      }
      worker.job = jobs[next++];
      worker.share = 0;
      worker.child.send({ job: worker.job } satisfies ToWorker, ignore);
    };
    const end = (worker: Worker, log: string | null): void => {
      const { job } = worker;
      if (job === null) return;
      worker.job = null;
      ended++;
      if (log === null) onDone(job);
      else onFailed(job, log);
      report();
    };
    const startOne = (): void => {
      let child: ChildProcess;
      try {
        child = run.start();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      const worker: Worker = { child, job: null, share: 0, printed: "" };
      workers.add(worker);
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        worker.printed = (worker.printed + text).slice(-LONGEST_LOG);
      });
      child.on("message", (message: FromWorker) => {
        if (message.tells === "share" || message.tells === "done") largest = Math.max(largest, message.memory);
        if (message.tells === "ready") give(worker);
        else if (message.tells === "share") {
          worker.share = message.share;
          report();
        } else if (message.tells === "stopped") worker.job = null;
        else {
          end(worker, message.tells === "failed" ? `${message.why}\n\n${worker.printed}` : null);
          worker.printed = "";
          give(worker);
        }
        fill();
      });
      child.on("error", reject);
      child.on("close", (code, signalName) => {
        workers.delete(worker);
        // After a stop, what was in hand is neither done nor failed.
        if (signal.aborted) worker.job = null;
        else end(worker, `${endWords(code, signalName)}\n\n${worker.printed}`);
        fill();
      });
    };
    const stop = (): void => {
      for (const { child } of workers) child.send({ stop: true } satisfies ToWorker, ignore);
      fill();
    };
    signal.addEventListener("abort", stop);
    fill();
  });
}

/** A process that has ended by now hears nothing more. */
const ignore = (): void => {};

function endWords(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === "SIGKILL") {
    return "the process was ended by the system (SIGKILL): perhaps there was no memory left; try fewer --jobs";
  }
  return signal === null ? `the process ended with exit code ${code}` : `the process was ended by ${signal}`;
}
