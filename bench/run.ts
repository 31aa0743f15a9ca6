// `npm run bench`: times the workloads, minima of many interleaved runs, beside this machine's ceilings. Options: --only TEXT
// (workloads whose name holds it), --seconds N (in all, about; default 100), --threads 1,2, --json FILE.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Compiled, watchCompilations } from "../packages/tensor/src/compile/counts.ts";
import { layoutOf } from "../packages/tensor/src/wasm/layout.ts";
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
  /** Bytes moved in a run, where they are known. */
  readonly bytes: number | null;
}

const timed = <T extends { readonly run: Run }>(what: T): T & Timed => ({ ...what, best: Number.POSITIVE_INFINITY });

/** What a workload compiles while it is prepared: bytes that its steps read and write in a run. null where it has several entries. */
function bytesOf(programs: readonly Compiled[]): number | null {
  const entries = programs.length === 1 ? programs[0].plans.slice(1) : [];
  if (entries.length !== 1) return null;
  const [{ steps, loops }] = entries;
  const arrays = steps.flatMap(({ reads, writes }, i) =>
    [...reads, ...writes].map((node) => ({ ...node, times: loops[i]?.images ?? 1 })),
  );
  return arrays.reduce((sum, { shape, dtype, times }) => sum + times * layoutOf(shape, dtype).bytes, 0);
}

/** Prepares a workload, and tells what it moves. */
async function prepared({ prepare }: Workload, dtype: Float, threads: number): Promise<Pick<Row, "run" | "bytes">> {
  const programs: Compiled[] = [];
  watchCompilations((compiled) => programs.push(compiled));
  try {
    return { run: await prepare(dtype, threads), bytes: bytesOf(programs) };
  } finally {
    watchCompilations();
  }
}

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
  const rows: Row[] = [];

  for (const [i, workload] of workloads.entries()) {
    const share = (end - performance.now()) / (workloads.length - i);
    const deadline = performance.now() + share;
    console.error(workload.name);
    const group: Row[] = [];
    for (const dtype of DTYPES) {
      for (const n of threads) {
        group.push(timed({ workload, dtype, threads: n, ...(await prepared(workload, dtype, n)) }));
      }
    }
    await interleave([...group, ...limits.map(([arithmetic]) => arithmetic)], deadline);
    rows.push(...group);
  }

  console.log(`Node ${process.version}, minima of interleaved runs. Ceilings of one thread:`);
  for (const one of limits.flat())
    console.log(`  ${one.dtype} ${one.name}: ${rate(one).toFixed(1)} ${UNITS[one.unit]}`);
  console.log(
    "\nG/s: the workload's least additions and multiplications in a second. floor: their time at the rate in registers on each thread, or that of " +
      "what its steps read and write at the rate of the second cache, whichever is longer; of: the floor as a part of the time. Neither knows " +
      "of square roots and divisions, nor of what waits for the third cache and for memory.\n",
  );
  const line = lines(workloads);
  console.log(line(["workload", "dtype", "threads", "ms", "G/s", "floor", "of"]));
  for (const { workload, dtype, threads: n, best, bytes } of rows) {
    const { name, units = 1, operations = null } = workload;
    const [arithmetic, ...others] = limits[DTYPES.indexOf(dtype)];
    const cache = others.find((one) => one.name.includes("L2")) as Ceiling & Timed;
    const ms = best / units;
    const times = [
      ...(operations === null ? [] : [operations / 1e6 / rate(arithmetic) / n]),
      ...(bytes === null ? [] : [bytes / 1e6 / rate(cache) / n]),
    ];
    const floor = times.length === 0 ? null : Math.max(...times);
    console.log(
      line([
        name,
        dtype,
        String(n),
        ms.toFixed(3),
        operations === null ? "" : (operations / 1e6 / ms).toFixed(1),
        floor === null ? "" : floor.toFixed(3),
        floor === null ? "" : `${((100 * floor) / ms).toFixed(0)} %`,
      ]),
    );
  }
  if (values.json !== undefined) {
    const told = rows.map(({ workload: { name, units = 1 }, dtype, threads: n, best }) => {
      return { workload: name, dtype, threads: n, ours_ms: best / units };
    });
    writeFileSync(values.json, `${JSON.stringify(told, null, 2)}\n`);
  }
}

await begin(main);
