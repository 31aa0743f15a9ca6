// `npm run bench:sizes`: a texture metamer by the preset at several sizes, each in a process of its own: seconds until it is set up, the
// shortest iteration of 10 evaluations, and the largest part of memory that the process had. Options: --only TEXT (such as 1024 or
// float32), --iterations N (default 2), --threads 1,2 (default 1), --svg FILE (a chart of the times). At 2048x2048 it takes minutes and up
// to 11 GB.

import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setThreads } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { chartPanel } from "../packages/plenoptic/src/plot/chart.ts";
import { figureOf } from "../packages/plenoptic/src/plot/panel.ts";
import { SERIES } from "../packages/plenoptic/src/plot/style.ts";
import { coordinate, element } from "../packages/plenoptic/src/plot/svg.ts";
import { begin, positive, threadCounts, UsageError } from "./options.ts";
import type { Float } from "./programs.ts";

interface Case {
  readonly height: number;
  readonly width: number;
  readonly dtype: Float;
}

const square = (side: number, dtype: Float): Case => ({ height: side, width: side, dtype });

const cases: readonly Case[] = [
  ...[256, 512, 1024, 2048].flatMap((side) => [square(side, "float64"), square(side, "float32")]),
  { height: 2592, width: 2048, dtype: "float32" },
];

const nameOf = ({ height, width, dtype }: Case): string => `${height}x${width} ${dtype}`;

/** What a child tells. */
interface Found {
  readonly ready: number;
  readonly iteration: number;
  readonly bytes: number;
  readonly losses: readonly number[];
}

async function measure({ height, width, dtype }: Case, iterations: number, threads: number): Promise<Found> {
  setThreads(threads);
  po.setSeed(0);
  const photograph = await po.data.sheep({ dtype: "float64" });
  const image = po.process.resize(photograph, [height, width]).cast(dtype).detach();
  const start = performance.now();
  const metamer = await po.presets.texture(image);
  const ready = (performance.now() - start) / 1000;
  let iteration = Number.POSITIVE_INFINITY;
  for (let i = 0; i < iterations; i++) {
    const before = performance.now();
    await metamer.synthesize({ maxIter: 1, stopCriterion: -1 });
    iteration = Math.min(iteration, (performance.now() - before) / 1000);
  }
  // In units of 1024 bytes.
  const bytes = process.resourceUsage().maxRSS * 1024;
  return { ready, iteration, bytes, losses: Array.from(metamer.losses) };
}

const inChild = (index: number, iterations: number, threads: number): Promise<Found> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(index), String(iterations), String(threads)], {
      env: { ...process.env, BENCH_SIZES_CHILD: "1" },
    });
    child.once("message", (found) => resolve(found as Found));
    child.once("exit", (code) => reject(new Error(`${nameOf(cases[index])}: its process ended with ${code}`)));
  });

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      iterations: { type: "string", default: "2" },
      threads: { type: "string", default: "1" },
      svg: { type: "string" },
    },
  });
  const iterations = positive("iterations", values.iterations);
  const threads = threadCounts(values.threads);
  const wanted = cases.flatMap((each, i) => (nameOf(each).includes(values.only) ? [i] : []));
  if (wanted.length === 0) throw new UsageError(`--only ${values.only}: there are ${cases.map(nameOf).join(", ")}`);
  console.log("| size, dtype | threads | ready, s | iteration, s | largest, GB | losses |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  const times: Time[] = [];
  for (const i of wanted) {
    for (const n of threads) {
      const { ready, iteration, bytes, losses } = await inChild(i, iterations, n);
      const shown = losses.map((loss) => loss.toPrecision(3)).join(", ");
      const cells = [nameOf(cases[i]), n, ready.toFixed(1), iteration.toFixed(2), (bytes / 1e9).toFixed(2), shown];
      console.log(`| ${cells.join(" | ")} |`);
      times.push({ ...cases[i], threads: n, iteration });
      if (values.svg !== undefined) writeFileSync(values.svg, chartOf(times));
    }
  }
}

interface Time extends Case {
  readonly threads: number;
  readonly iteration: number;
}

/** Seconds of an iteration over the side of a square of as many pixels: a line for each precision and number of threads. */
function chartOf(times: readonly Time[]): string {
  const lineOf = ({ dtype, threads }: Time): string => `${dtype}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  const sideOf = ({ height, width }: Time): number => Math.sqrt(height * width);
  const names = [...new Set(times.map(lineOf))];
  const [sides, seconds] = [times.map(sideOf), times.map(({ iteration }) => iteration)];
  const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const panel = chartPanel({
    title: "A texture metamer: time of an iteration of 10 evaluations",
    summary: "Seconds of an iteration over the side of the image, both on logarithmic axes.",
    width: 520,
    height: 340,
    x: { kind: "log", domain: range(sides), label: "side of the image, pixels" },
    y: { kind: "log", domain: range(seconds), label: "seconds" },
    legend: names.map((label, i) => ({ mark: "line", colour: SERIES[i % SERIES.length], label })),
    draw: (x, y) =>
      names
        .map((name, i) => {
          const places = times.filter((time) => lineOf(time) === name);
          const points = places.map((time) => `${coordinate(x(sideOf(time)))},${coordinate(y(time.iteration))}`);
          const stroke = SERIES[i % SERIES.length];
          return element("polyline", { points: points.join(" "), fill: "none", stroke, "stroke-width": 2 });
        })
        .join(""),
  });
  return figureOf([panel], 1).svg;
}

if (process.env.BENCH_SIZES_CHILD === undefined) await begin(main);
else {
  const [index, iterations, threads] = process.argv.slice(2).map(Number);
  const found = await measure(cases[index], iterations, threads);
  process.send?.(found, () => process.exit(0));
}
