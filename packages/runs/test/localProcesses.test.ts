// Jobs in processes: one that fails takes no other with it, memory bounds how many there are, and a stop is heard.

import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fitting, type LocalProgress, runLocally } from "../src/index.ts";

/** Does what the name of a job says. */
const WORKER = `
process.on("message", (message) => {
  if (message.stop) { process.send({ tells: "stopped" }, () => process.exit(0)); return; }
  const { job } = message;
  process.send({ tells: "share", share: 0.5, memory: 1000 });
  if (job.startsWith("exit")) { console.error("about to end"); process.exit(7); }
  else if (job.startsWith("kill")) process.kill(process.pid, "SIGKILL");
  else if (job.startsWith("fail")) process.send({ tells: "failed", why: "error: it is wrong" });
  else if (!job.startsWith("wait")) setTimeout(() => process.send({ tells: "done", memory: 1000 }), 20);
});
process.send({ tells: "ready" });
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plenoptic-local-"));
  await writeFile(join(folder, "worker.mjs"), WORKER);
});
afterAll(() => rm(folder, { recursive: true }));

interface Told {
  readonly done: string[];
  readonly failed: Map<string, string>;
  readonly progress: LocalProgress[];
  readonly started: ChildProcess[];
}

async function ran(
  jobs: readonly string[],
  { processes = 2, room = null as number | null, stopAt = "" } = {},
): Promise<Told> {
  const told: Told = { done: [], failed: new Map(), progress: [], started: [] };
  const stopping = new AbortController();
  await runLocally({
    jobs,
    processes,
    room,
    signal: stopping.signal,
    start: () => {
      const child = fork(join(folder, "worker.mjs"), { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
      told.started.push(child);
      return child;
    },
    onDone: (job) => {
      told.done.push(job);
      if (job === stopAt) stopping.abort();
    },
    onFailed: (job, log) => told.failed.set(job, log),
    onProgress: (progress) => told.progress.push(progress),
  });
  expect(told.started.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)).toBe(true);
  return told;
}

test("all jobs come to an end, each once", async () => {
  const jobs = Array.from({ length: 9 }, (_, i) => `job${i}`);
  const { done, failed, started, progress } = await ran(jobs);
  expect(done.toString().split(",").sort()).toEqual(jobs);
  expect(failed.size).toBe(0);
  expect(started).toHaveLength(2);
  expect(progress.at(-1)).toMatchObject({ ended: 9 });
});

test("a job that ends its process, or fails, takes no other with it", async () => {
  const { done, failed } = await ran(["a", "exit", "b", "kill", "c", "fail", "d", "exit2"]);
  expect(done.sort()).toEqual(["a", "b", "c", "d"]);
  expect([...failed.keys()].sort()).toEqual(["exit", "exit2", "fail", "kill"]);
  expect(failed.get("exit")).toMatch(/^the process ended with exit code 7\n\nabout to end/);
  expect(failed.get("kill")).toMatch(/SIGKILL.*perhaps there was no memory left/);
  expect(failed.get("fail")).toMatch(/^error: it is wrong/);
});

test("as many processes as fit, and one until that is known", async () => {
  const jobs = Array.from({ length: 6 }, (_, i) => `job${i}`);
  expect((await ran(jobs, { processes: 4, room: 1500 })).started).toHaveLength(1);
  expect((await ran(jobs, { processes: 4, room: 3500 })).started).toHaveLength(3);
  expect((await ran(jobs, { processes: 4, room: 10 })).done).toHaveLength(6);
  expect([fitting(10, 0), fitting(10, 3), fitting(2, 3)]).toEqual([1, 3, 1]);
});

test("a stop begins nothing new; what was in hand is neither done nor failed", async () => {
  const { done, failed } = await ran(["a", "wait", "b", "c", "d", "e", "f"], { stopAt: "c" });
  expect(done).toEqual(["a", "b", "c"]);
  expect(failed.size).toBe(0);
});
