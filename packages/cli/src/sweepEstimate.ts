// How long a sweep takes, and how much memory: a few steps of one job of each kind are made and measured, in a process of its own.

import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FromWorker, type Planned, type PlannedJob, type ToWorker, writeSweep } from "@plenoptic-js/runs";
import { counted, significant } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { duration } from "./progress.ts";
import { textTable } from "./table.ts";
import type { TextStream } from "./terminal.ts";

/** Kinds that are measured; the time of others is that of the slowest of these. */
const MOST_KINDS = 20;

/** A table of kinds, and the sum. */
export async function estimate(
  planned: Planned,
  processes: number,
  start: (folder: string) => ChildProcess,
  err: TextStream,
): Promise<string> {
  const kinds = new Map<string, PlannedJob[]>();
  for (const job of planned.jobs) kinds.set(job.kind, [...(kinds.get(job.kind) ?? []), job]);
  const measured = [...kinds.values()].slice(0, MOST_KINDS);
  err.write(`Measuring a step of ${counted(measured.length, "kind")} of jobs ...\n`);
  const folder = await mkdtemp(join(tmpdir(), "plenoptic-sweep-"));
  try {
    writeSweep(folder, "", { ...planned, jobs: measured.map(([job]) => job) });
    let seconds = 0;
    let memory = 0;
    let slowest = 0;
    const rows: string[][] = [["job", "jobs", "seconds a step", "memory", "time of each"]];
    for (const jobs of measured) {
      const [{ name }] = jobs;
      const { step, beginning, memory: taken } = await measure(start(folder), name);
      const each = jobs.reduce((sum, { steps }) => sum + beginning + step * (steps ?? 1), 0);
      seconds += each;
      memory = Math.max(memory, taken);
      slowest = Math.max(slowest, each / jobs.length);
      const time = duration(each / jobs.length);
      rows.push([name, String(jobs.length), significant(step), megabytes(taken), time]);
    }
    const others = [...kinds.values()].slice(MOST_KINDS).reduce((sum, { length }) => sum + length, 0);
    seconds += others * slowest;
    const all = `${counted(planned.jobs.length, "job")}, about ${duration(seconds / processes)} with ${processes} at once, each on a core of its own, `;
    return `${textTable(rows)}\n${all}${megabytes(processes * memory)} of memory; verdicts and files come to that\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

function measure(child: ChildProcess, job: string): Promise<Extract<FromWorker, { tells: "measured" }>> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.on("error", reject);
    child.on("message", (message: FromWorker) => {
      if (message.tells === "ready") child.send({ measure: job } satisfies ToWorker);
      else if (message.tells === "measured") {
        child.send({ stop: true } satisfies ToWorker);
        resolve(message);
      } else if (message.tells === "failed") {
        child.send({ stop: true } satisfies ToWorker);
        reject(new UserError(`${job} cannot be made: ${message.why.replace(/^error: /, "")}`));
      }
    });
    child.on("close", (code) => {
      reject(new UserError(`${job} cannot be made: the process ended with exit code ${code}. ${printed}`));
    });
  });
}
