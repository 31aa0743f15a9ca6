// `npm run bench`: times the workloads, minima of many interleaved runs, beside this machine's ceilings. Options: --only TEXT
// (workloads whose name holds it), --seconds N (per table, default 20), --threads 1,2, --json FILE.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ceilings } from "./ceilings.ts";
import { type Float, workloads } from "./workloads.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seconds: { type: "string", default: "20" },
    threads: { type: "string", default: "1,2" },
    json: { type: "string" },
  },
});

interface Timed {
  readonly run: () => void;
  best: number;
}

/** Runs everything in turn until the time is up; keeps the shortest time of each, in milliseconds. */
function interleave(timed: readonly Timed[], seconds: number): void {
  const end = performance.now() + seconds * 1000;
  do {
    for (const t of timed) {
      const start = performance.now();
      t.run();
      t.best = Math.min(t.best, performance.now() - start);
    }
  } while (performance.now() < end);
}

const seconds = Number(values.seconds);
const threads = values.threads.split(",").map(Number);
const dtypes: readonly Float[] = ["float64", "float32"];
const rows = workloads
  .filter((w) => w.name.includes(values.only))
  .flatMap((w) =>
    dtypes.flatMap((dtype) =>
      threads.map((n) => ({
        workload: w.name,
        dtype,
        threads: n,
        run: w.prepare(dtype, n),
        best: Number.POSITIVE_INFINITY,
      })),
    ),
  );
const limits = ceilings().map((c) => ({ ...c, best: Number.POSITIVE_INFINITY }));
interleave([...rows, ...limits], seconds);

console.log(`Node ${process.version}, minima of interleaved runs over ${seconds} s\n`);
for (const { name, unit, amount, best } of limits)
  console.log(`${name.padEnd(28)} ${((amount / best) * 1000).toFixed(2)} ${unit}`);
console.log(`\n${"workload".padEnd(52)} dtype    threads      ms`);
for (const { workload, dtype, threads: n, best } of rows) {
  console.log(`${workload.padEnd(52)} ${dtype}  ${String(n).padStart(6)}  ${best.toFixed(3).padStart(8)}`);
}
if (values.json) {
  const table = rows.map(({ workload, dtype, threads: n, best }) => ({ workload, dtype, threads: n, ours_ms: best }));
  writeFileSync(values.json, `${JSON.stringify(table, null, 2)}\n`);
}
process.exit(0);
