// A process that makes jobs of a sweep, one after the other, as it is told (packages/runs/src/localProcesses.ts). Ctrl-C on a terminal reaches it too,
// and is left to the process that started it.

import { type FromWorker, readSweep, type ToWorker } from "@plenoptic-js/runs";
import { setThreads } from "@plenoptic-js/tensor";
import { explain, UserError } from "./failure.ts";
import { makeJob, measureJob } from "./sweepJob.ts";
import type { Terminal, TextStream } from "./terminal.ts";
import { printWarnings } from "./warnings.ts";

/** Milliseconds from one report to the next. */
const REPORT = 200;

/** The most memory that this process has had, in bytes. */
const memory = (): number => 1024 * process.resourceUsage().maxRSS;

/** Works until it is told to stop, or until nobody is there to tell. */
export async function work(folder: string, { err }: Terminal): Promise<void> {
  const send = process.send?.bind(process);
  if (send === undefined) throw new UserError("plenoptic sweep work is for plenoptic sweep, which starts it; use that");
  setThreads(1);
  const sweep = readSweep(folder);
  const jobs = new Map(sweep.jobs.map((job) => [job.name, job]));
  const tell = (message: FromWorker): void => {
    if (process.connected) send(message);
  };
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  const quiet = printWarnings((line) => err.write(`${line}\n`));
  let stopping: AbortController | null = null;
  await new Promise<void>((resolve) => {
    const leave = (): void => {
      if (stopping === null) resolve();
      else stopping.abort(new Stopped());
    };
    const make = async (name: string, isMeasured: boolean): Promise<void> => {
      const job = jobs.get(name)!;
      stopping = new AbortController();
      let told = performance.now();
      let isFirst = true;
      try {
        if (isMeasured) {
          tell({ tells: "measured", memory: memory(), ...(await measureJob(sweep, job)) });
          return;
        }
        await makeJob(sweep, job, {
          signal: stopping.signal,
          onShare: (share) => {
            const now = performance.now();
            if (!isFirst && now - told < REPORT) return;
            isFirst = false;
            told = now;
            tell({ tells: "share", share, memory: memory() });
          },
        });
        tell({ tells: "done", memory: memory() });
      } catch (error) {
        if (error instanceof Stopped) {
          tell({ tells: "stopped" });
          resolve();
        } else tell({ tells: "failed", why: wordsOf(error) });
      } finally {
        stopping = null;
      }
    };
    process.on("disconnect", leave);
    process.on("message", (message: ToWorker) => {
      if ("stop" in message) leave();
      else void make("job" in message ? message.job : message.measure, "measure" in message);
    });
    tell({ tells: "ready" });
  });
  quiet();
}

class Stopped extends Error {
  override readonly name = "Stopped";
}

/** What the command would say of a failure, with the lines that a report of a fault needs. */
function wordsOf(error: unknown): string {
  const lines: string[] = [];
  const err = { write: (text: string) => lines.push(text) } as unknown as TextStream;
  explain(error, true, err);
  return lines.join("");
}
