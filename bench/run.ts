// `npm run bench`: times the workloads, minima of many interleaved runs, beside this machine's ceilings. Options: --only TEXT
// (workloads whose name holds it), --seconds N (in all, about; default 100), --threads 1,2, --json FILE.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Ceiling, ceilings } from "./ceilings.ts";
import { begin, chosen, positive, threadCounts } from "./options.ts";
import type { Float, Run } from "./programs.ts";
import { lines } from "./table.ts";
import { turn } from "./timing.ts";
import type { Workload } from "./workloads.ts";

const DTYPES: readonly Float[] = ["float64", "float32"];

/** Turns that each row has at least, however long they take. */
const LEAST_ROUNDS = 3;

interface Timed {
  readonly run: Run;
  best: number;
}

interface Row extends Timed {
  readonly workload: Workload;
  readonly dtype: Float;
  readonly threads: number;
}

const timed = <T extends { readonly run: Run }>(what: T): T & Timed => ({ ...what, best: Number.POSITIVE_INFINITY });

/** Gives everything its turns until the deadline. */
async function interleave(all: readonly Timed[], deadline: number): Promise<void> {
  for (let round = 0; round < LEAST_ROUNDS || performance.now() < deadline; round++) {
    for (const one of all) one.best = Math.min(one.best, await turn(one.run));
  }
}

const UNITS = { operations: "G additions and multiplications/s", bytes: "GB/s read and written" } as const;

/** Work in a second, in thousand millions. */
const rate = ({ amount, best }: Ceiling & Timed): number => amount / best / 1e6;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      seconds: { type: "string", default: "100" },
      threads: { type: "string", default: "1,2" },
      json: { type: "string" },
    },
  });
  const workloads = chosen(values.only);
  const threads = threadCounts(values.threads);
  const end = performance.now() + positive("seconds", values.seconds) * 1000;
  const limits = DTYPES.map((dtype) => ceilings(dtype).map(timed));
  // The first of each takes turns with all workloads.
  await interleave(
    limits.flatMap(([, ...others]) => others),
    0,
  );
  const rows: { workload: string; dtype: Float; threads: number; ours_ms: number; operations: number | null }[] = [];

  for (const [i, workload] of workloads.entries()) {
    const share = (end - performance.now()) / (workloads.length - i);
    const deadline = performance.now() + share;
    console.error(workload.name);
    const group: Row[] = [];
    for (const dtype of DTYPES) {
      for (const n of threads) {
        group.push(timed({ workload, dtype, threads: n, run: await workload.prepare(dtype, n) }));
      }
    }
    await interleave([...group, ...limits.map(([arithmetic]) => arithmetic)], deadline);
    for (const { dtype, threads: n, best } of group) {
      const { name, units = 1, operations = null } = workload;
      rows.push({ workload: name, dtype, threads: n, ours_ms: best / units, operations });
    }
  }

  console.log(`Node ${process.version}, minima of interleaved runs. Ceilings of one thread:`);
  for (const one of limits.flat())
    console.log(`  ${one.dtype} ${one.name}: ${rate(one).toFixed(1)} ${UNITS[one.unit]}`);
  console.log(
    "\nfloor: the workload's least work at the rate in registers on each thread; it leaves out what waits for memory, square roots and divisions.\n",
  );
  const line = lines(workloads);
  console.log(line(["workload", "dtype", "threads", "ms", "floor"]));
  for (const { workload, dtype, threads: n, ours_ms, operations } of rows) {
    const [arithmetic] = limits[DTYPES.indexOf(dtype)];
    const floor = operations === null ? "" : (operations / 1e6 / rate(arithmetic) / n).toFixed(3);
    console.log(line([workload, dtype, String(n), ours_ms.toFixed(3), floor]));
  }
  if (values.json !== undefined) {
    const told = rows.map(({ workload, dtype, threads: n, ours_ms }) => ({ workload, dtype, threads: n, ours_ms }));
    writeFileSync(values.json, `${JSON.stringify(told, null, 2)}\n`);
  }
}

await begin(main);
