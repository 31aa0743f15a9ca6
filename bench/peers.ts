// `npm run bench:peers -- --python PYTHON`: the workloads here and with Python's plenoptic, in turns, minima of both. PYTHON
// must be able to import torch and plenoptic. Options: --only TEXT (workloads whose name holds it), --rounds N (turns of
// each, default 7), --threads 1,2, --json FILE. Exit code: 0 everything was timed, 1 Python could not do some of it, 2 it
// could not be run.

import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Peer, PeerError, RequestError } from "@plenoptic-js/proof/peer/peer";
import { chosen, positive, threadCounts, UsageError } from "./options.ts";
import type { Float } from "./programs.ts";
import { lines } from "./table.ts";
import { target } from "./targets.ts";
import { turn, WARM_UP_MS } from "./timing.ts";
import type { Workload } from "./workloads.ts";

interface Ratio {
  readonly workload: string;
  readonly dtype: Float;
  readonly threads: number;
  readonly ours_ms: number;
  readonly peer_ms: number;
  readonly ratio: number;
}

/** Threads that have just worked go on looking for work for a while; with several of them it would be ours that suffers. */
const REST_MS = 250;

async function race(peer: Peer, workload: Workload, dtype: Float, threads: number, rounds: number): Promise<Ratio> {
  const { name, units = 1 } = workload;
  const ask = async (): Promise<number> => {
    const { ms } = await peer.ask({ run: name, dtype, threads });
    if (typeof ms === "number" && ms > 0) return ms;
    throw new PeerError(`Python answered ${JSON.stringify(ms)} for the time of ${JSON.stringify(name)}`);
  };
  // The first turn prepares and warms up; what it cannot do is known before ours is prepared.
  await ask();
  const run = await workload.prepare(dtype, threads);
  await turn(run, WARM_UP_MS);
  let ours = Number.POSITIVE_INFINITY;
  let theirs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    theirs = Math.min(theirs, await ask());
    if (threads > 1) await sleep(REST_MS);
    ours = Math.min(ours, await turn(run));
  }
  return { workload: name, dtype, threads, ours_ms: ours / units, peer_ms: theirs / units, ratio: ours / theirs };
}

function row({ workload, dtype, threads, ours_ms, peer_ms, ratio }: Ratio): readonly string[] {
  const must = target(workload, dtype, threads);
  const verdict = must === null ? "" : ratio <= must ? "met" : "MISSED";
  const numbers = [ours_ms.toFixed(3), peer_ms.toFixed(3), ratio.toPrecision(2), must === null ? "" : String(must)];
  return [workload, dtype, String(threads), ...numbers, verdict];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      python: { type: "string" },
      only: { type: "string", default: "" },
      rounds: { type: "string", default: "7" },
      threads: { type: "string", default: "1,2" },
      json: { type: "string" },
    },
  });
  if (values.python === undefined) {
    throw new UsageError(
      "Usage: npm run bench:peers -- --python PYTHON [--only TEXT] [--rounds N] [--threads 1,2] [--json FILE]\n" +
        "PYTHON must be able to import torch and plenoptic. Without one, npm run bench times our side alone.",
    );
  }
  const workloads = chosen(values.only).filter((workload) => workload.isOurs !== true);
  const rounds = positive("rounds", values.rounds);
  const threads = threadCounts(values.threads);
  const peer = await Peer.start(values.python, fileURLToPath(new URL("./peers.py", import.meta.url)));
  try {
    console.log(`Node ${process.version}; ${peer}; minima of ${rounds} turns each, in turn\n`);
    const line = lines(workloads);
    console.log(line(["workload", "dtype", "threads", "ours ms", "peer ms", "ratio", "must"]));
    const ratios: Ratio[] = [];
    const failures: string[] = [];
    for (const workload of workloads) {
      for (const dtype of ["float64", "float32"] as const) {
        for (const n of threads) {
          try {
            const ratio = await race(peer, workload, dtype, n, rounds);
            ratios.push(ratio);
            console.log(line(row(ratio)));
          } catch (error) {
            if (!(error instanceof RequestError)) throw error;
            failures.push(`${workload.name}, ${dtype}, threads: ${n}: Python says ${error.message}`);
          }
        }
      }
    }
    for (const failure of failures) console.log(`\nNot timed: ${failure}`);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(ratios, null, 2)}\n`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    peer.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof PeerError) && !(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
