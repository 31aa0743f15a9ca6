// `npm run bench:tuning`: the tuned numbers of the compiler, each beside others in its place. Every variant runs in a process of
// its own, they take turns, and the shortest run counts: the processor's time on one thread, the clock's on more. Options:
// --only TEXT (constants whose name or file holds it), --seconds N (for each row, about; default 8).

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { begin, positive, UsageError } from "./options.ts";
import { type Tuned, tuned, valuesOf } from "./tuning/constants.ts";
import { buildVariant, numberIn } from "./tuning/variant.ts";

const TURN_MS = 100;
const WARM_UP_MS = 300;
const LEAST_ROUNDS = 5;

const SOURCE = new URL("../packages/tensor/src/", import.meta.url);

interface Variant {
  readonly value: number;
  readonly child: ChildProcess;
  readonly hash: string;
  best: number;
}

/** What a child says next; an error where it ends instead. */
function said<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a worker ended with exit code ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as T);
    });
  });
}

function turn(child: ChildProcess, milliseconds: number): Promise<number> {
  child.send(milliseconds);
  return said<number>(child);
}

/** The shortest run with every file, in the order given; an error where one computes other bits. */
async function compare(
  files: readonly (readonly [value: number, file: string])[],
  work: string,
  threads: number,
  seconds: number,
): Promise<readonly Variant[]> {
  const variants: Variant[] = [];
  try {
    for (const [value, file] of files) {
      const child = fork(file, [work, String(threads)], { execArgv: [] });
      variants.push({ value, child, hash: await said<string>(child), best: Number.POSITIVE_INFINITY });
    }
    const other = variants.find(({ hash }) => hash !== variants[0].hash);
    if (other) throw new Error(`${work}: ${other.value} gives other bits than ${variants[0].value}`);
    for (const { child } of variants) await turn(child, WARM_UP_MS);
    const deadline = performance.now() + seconds * 1000;
    for (let round = 0; round < LEAST_ROUNDS || performance.now() < deadline; round++) {
      for (const variant of variants) variant.best = Math.min(variant.best, await turn(variant.child, TURN_MS));
    }
    return variants;
  } finally {
    for (const { child } of variants) if (child.connected) child.disconnect();
  }
}

async function tune({ name, file, works, factors }: Tuned, seconds: number): Promise<void> {
  const today = numberIn(readFileSync(new URL(file, SOURCE), "utf8"), { name, file });
  const values = valuesOf(today, factors);
  const folder = mkdtempSync(join(tmpdir(), "tuning-"));
  try {
    const files: [number, string][] = [];
    for (const value of values) {
      files.push([value, await buildVariant({ name, file }, value, join(folder, String(value)))]);
    }
    for (const [work, threads] of works) {
      const variants = await compare(files, work, threads, seconds);
      const base = variants.find(({ value }) => value === today)?.best ?? Number.NaN;
      const cells = variants.map(({ value, best }) =>
        value === today ? `**${value}**` : `${Number(value.toPrecision(4))}: ${(best / base).toFixed(2)}`,
      );
      console.log(`| \`${name}\` ${file} | ${work} | ${threads} | ${(base / 1000).toFixed(3)} | ${cells.join(", ")} |`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, seconds: { type: "string", default: "8" } },
  });
  const seconds = positive("seconds", values.seconds);
  const chosen = tuned.filter(({ name, file }) => `${name} ${file}`.includes(values.only));
  if (chosen.length === 0) throw new UsageError(`--only ${values.only}: no constant's name or file holds it`);
  const load = (): string => loadavg()[0].toFixed(1);
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}; load ${load()}\n`);
  console.log("| constant | work | threads | ms with today's | another number: its time / today's |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const one of chosen) await tune(one, seconds);
  console.log(`\nload ${load()}`);
}

await begin(main);
