// The folder of a sweep. Nothing in it is locked, and no clocks are compared: files and folders appear whole, by exclusive creation and
// renaming, and of two that make the same the later one is dropped. So any number of workers may share it, over a network, too.
//
//   plan.yaml            the plan, as it was
//   sweep.json           its jobs: ids, names, parameters, and what each needs
//   jobs/NAME.json       each as a recipe, which `plenoptic run` makes
//   results/NAME/        what was made of it; NAME ends in the first digits of the id
//   failed/NAME.log      why it was not
//   checkpoints/NAME.pt  how far it is

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "@plenoptic-js/formats";
import { ID_DIGITS, type JobRecipe } from "./jobId.ts";
import type { Job, Planned } from "./jobs.ts";

/** The form of sweep.json written today. */
const SWEEP_VERSION = 1;
const SWEEP_FILE = "sweep.json";
const RESULTS = "results";
const TEMPORARY = ".tmp-";

/** A sweep as its folder has it. */
export interface Sweep {
  readonly folder: string;
  readonly jobs: readonly Job[];
  readonly varying: readonly string[];
}

/** A folder is no sweep, or one of a version that is not known here. */
export class SweepError extends Error {
  override readonly name = "SweepError";
}

export const isSweep = (folder: string): boolean => existsSync(join(folder, SWEEP_FILE));

/** Writes what was planned. What an earlier plan made stays, and counts where the ids are the same. */
export function writeSweep(folder: string, planText: string, { jobs, varying }: Planned): Sweep {
  mkdirSync(join(folder, RESULTS), { recursive: true });
  writeJobs(folder, jobs);
  const all = jobs.map(({ id, name, parameters, seed, sharesStart, given, steps }): Job => {
    return { id, name, parameters, seed, sharesStart, given, steps };
  });
  replaceFile(join(folder, "plan.yaml"), planText);
  const text = all.map((job) => JSON.stringify(job)).join(",\n");
  replaceFile(
    join(folder, SWEEP_FILE),
    `{"sweep":${SWEEP_VERSION},"varying":${JSON.stringify(varying)},"jobs":[\n${text}\n]}\n`,
  );
  return { folder, jobs: all, varying };
}

/** Jobs as files. All that are new appear at once where there were none before. */
function writeJobs(folder: string, jobs: Planned["jobs"]): void {
  const home = join(folder, "jobs");
  const there = new Set(listed(home));
  const missing = jobs.filter(({ name }) => !there.has(`${name}.json`));
  if (missing.length === 0) return;
  const staging = join(folder, `${TEMPORARY}${randomUUID()}`);
  mkdirSync(staging);
  try {
    for (const { name, recipe } of missing) writeFileSync(join(staging, `${name}.json`), `${JSON.stringify(recipe)}\n`);
    if (there.size === 0 && moveNew(staging, home)) return;
    for (const { name } of missing) renameSync(join(staging, `${name}.json`), join(home, `${name}.json`));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @throws SweepError for a folder without a sweep that is known here */
export function readSweep(folder: string): Sweep {
  let text: string;
  try {
    text = readFileSync(join(folder, SWEEP_FILE), "utf8");
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT" && systemCode(cause) !== "ENOTDIR") throw cause;
    throw new SweepError(`${folder} is not the folder of a sweep: there is no ${SWEEP_FILE} in it`, { cause });
  }
  const { sweep, varying, jobs } = JSON.parse(text) as Sweep & { readonly sweep: unknown };
  if (sweep !== SWEEP_VERSION) {
    throw new SweepError(`${folder} is a sweep of form ${String(sweep)}, and this version knows form ${SWEEP_VERSION}`);
  }
  return { folder, jobs, varying };
}

export const jobFile = ({ folder }: Pick<Sweep, "folder">, { name }: Pick<Job, "name">): string =>
  join(folder, "jobs", `${name}.json`);

export function readJob(sweep: Pick<Sweep, "folder">, job: Pick<Job, "name">): JobRecipe {
  return JSON.parse(readFileSync(jobFile(sweep, job), "utf8")) as JobRecipe;
}

/** Results by the first digits of their ids. A changed plan may call a job otherwise than its folder. */
function resultsById(folder: string): Map<string, string> {
  const names = listed(join(folder, RESULTS)).filter((name) => !name.startsWith("."));
  return new Map(names.sort().map((name) => [name.slice(-ID_DIGITS), name]));
}

/** Where a job of a sweep stands. */
export interface JobState {
  readonly job: Job;
  /** The folder of its results; null where there are none. */
  readonly results: string | null;
  /** The file that says why it failed; null where it has not. */
  readonly failure: string | null;
}

/** All jobs, by what is in the folder now. */
export function jobStates({ folder, jobs }: Sweep): JobState[] {
  const done = resultsById(folder);
  const failed = new Set(listed(join(folder, "failed")));
  return jobs.map((job): JobState => {
    const name = done.get(job.id.slice(0, ID_DIGITS));
    const results = name === undefined ? null : join(folder, RESULTS, name);
    const log = `${job.name}.log`;
    const failure = results === null && failed.has(log) ? join(folder, "failed", log) : null;
    return { job, results, failure };
  });
}

/** Whether somebody has made it by now. */
export const isDone = ({ folder }: Pick<Sweep, "folder">, { name }: Pick<Job, "name">): boolean =>
  existsSync(join(folder, RESULTS, name));

/** The file in which a job is kept while it runs, in a folder that is there. */
export function checkpointFile({ folder }: Pick<Sweep, "folder">, { name }: Pick<Job, "name">): string {
  mkdirSync(join(folder, "checkpoints"), { recursive: true });
  return join(folder, "checkpoints", `${name}.pt`);
}

/**
 * Makes a folder of results appear as a whole.
 *
 * @param write writes all files to the folder that it is given
 * @returns whether it is ours; false where somebody else's was there first, with the same bits
 */
export async function publishResults(
  { folder }: Pick<Sweep, "folder">,
  job: Pick<Job, "name">,
  write: (folder: string) => Promise<void>,
): Promise<boolean> {
  const staging = join(folder, RESULTS, `${TEMPORARY}${randomUUID()}`);
  const clear = (): void => rmSync(staging, { recursive: true, force: true });
  process.on("exit", clear);
  try {
    mkdirSync(staging, { recursive: true });
    await write(staging);
    const isOurs = moveNew(staging, join(folder, RESULTS, job.name));
    rmSync(join(folder, "failed", `${job.name}.log`), { force: true });
    rmSync(join(folder, "checkpoints", `${job.name}.pt`), { force: true });
    return isOurs;
  } finally {
    clear();
    process.off("exit", clear);
  }
}

/** A folder with something in it is not replaced by renaming. */
function moveNew(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(systemCode(error) ?? "") && existsSync(to)) return false;
    throw error;
  }
}

/** Keeps why a job failed. */
export function recordFailure({ folder }: Pick<Sweep, "folder">, { name }: Pick<Job, "name">, log: string): void {
  mkdirSync(join(folder, "failed"), { recursive: true });
  replaceFile(join(folder, "failed", `${name}.log`), log);
}

/** What failed is to be tried again. */
export function forgetFailures(sweep: Sweep): void {
  for (const { failure } of jobStates(sweep)) if (failure !== null) rmSync(failure, { force: true });
}

/** A file that appears whole, in the place of another. */
export function replaceFile(path: string, text: string): void {
  const beside = `${path}${TEMPORARY}${randomUUID()}`;
  try {
    writeFileSync(beside, text, { flag: "wx" });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
