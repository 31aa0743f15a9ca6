// `plenoptic sweep PLAN`: many stimuli, by a plan. Each is a job, which is a recipe; processes of this machine make them, and what is done
// stays done.

import { fork } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "@commander-js/extra-typings";
import {
  forgetFailures,
  type JobState,
  jobStates,
  type Planned,
  planJobs,
  planSchema,
  readPlan,
  readSweep,
  recordFailure,
  runLocally,
  type Sweep,
  sweepStatus,
  writeSweep,
} from "@plenoptic-js/runs";
import { counted } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { interruptible } from "./interrupt.ts";
import { folderName, wholeNumber } from "./options.ts";
import { Progress } from "./progress.ts";
import { fromHere } from "./resultFolder.ts";
import { pathWord } from "./runFlags.ts";
import { estimate } from "./sweepEstimate.ts";
import { SweepRecipes } from "./sweepRecipes.ts";
import { sweepVocabulary } from "./sweepVocabulary.ts";
import { work } from "./sweepWorker.ts";
import { textTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const MOST_PROCESSES = 1024;
/** Of the memory that is free, what all processes may take. */
const SHARE_OF_MEMORY = 0.85;
/** Jobs that a listing shows; of more it says how many there are. */
const MOST_LISTED = 40;

const WHAT = `
The smallest plan:
  method: metamer
  images: [house, photos/*.png]
  model: { name: gaussian, std: [2, 4] }
  iterations: 600
  seeds: [0, 1]

A plan names a method (metamer, mad, eigendistortion), images (files, folders, patterns, pictures that ship), and options of that command, by
their names without dashes. A list of values makes a grid; zip: [std, iterations] lets lists go side by side; exclude: [{ image: house, std: 2 }]
leaves some out. Options of a model, an optimizer or a scheduler stand beside its name. seed: per-job, the default, derives a seed from image,
model, options and replicate, so that no two stimuli share their start; replicates: 4 makes four of each. Paths begin at the plan's folder.

Written to the folder:
  plan.yaml, sweep.json   the plan, and its jobs
  jobs/                   each job as a recipe, which plenoptic run makes, too
  results/                for each job a folder, named by what varies, with the files of plenoptic run, and outcome.json
  failed/                 why a job failed, if one did

What is done stays done: run the same command again after Ctrl-C, or with a plan that was changed, and only what is missing is made. The results
are those of the single commands with the same options, to the bit. docs/sweeps.md tells more.

Examples:
  plenoptic sweep plan.yaml --dry-run       jobs, and about how long they take
  plenoptic sweep plan.yaml --jobs 4
  plenoptic sweep plan.yaml --retry         what failed once more
  plenoptic sweep status plan               how far it is
  plenoptic collect plan                    a table, all recipes, and a page to look at
  plenoptic verify plan --share 0.1         a random tenth of it, made again
  plenoptic sweep --schema > plan.schema.json`;

export function sweepCommand(terminal: Terminal) {
  const command = new Command("sweep")
    .description("make many stimuli, by a plan")
    .argument("[plan]", "a plan, in YAML")
    .helpOption("-h, --help", "print this help")
    .option("--out <folder>", "the folder of all (default: the name of the plan, beside it)", folderName)
    .option(
      "--jobs <n>",
      "processes at once, of one thread each (default: the cores, or as many as fit into memory)",
      wholeNumber(1, MOST_PROCESSES),
    )
    .option("--dry-run", "say what there is to do, and about how long it takes; write nothing")
    .option("--retry", "try again what has failed before")
    .option("--schema", "print the JSON schema of plans, for editors")
    .addHelpText("after", WHAT)
    .action((plan, options) => sweep(plan, options, terminal));
  command
    .command("status")
    .description("how far a sweep is, by the files of its results")
    .argument("<folder>", "the folder of a sweep")
    .helpOption("-h, --help", "print this help")
    .action((folder) => tellStatus(folder, terminal));
  command
    .command("work", { hidden: true })
    .argument("<folder>")
    .action((folder) => work(folder, terminal));
  return command;
}

interface SweepFlags {
  readonly out?: string | undefined;
  readonly jobs?: number | undefined;
  readonly dryRun?: true | undefined;
  readonly retry?: true | undefined;
  readonly schema?: true | undefined;
}

async function sweep(file: string | undefined, options: SweepFlags, terminal: Terminal): Promise<void> {
  const vocabulary = sweepVocabulary(terminal);
  if (options.schema === true) {
    terminal.out.write(`${JSON.stringify(planSchema(vocabulary), null, 2)}\n`);
    return;
  }
  if (file === undefined) throw new UserError("which plan? plenoptic sweep PLAN.yaml; plenoptic help sweep shows one");
  const path = await realpath(file).catch(() => {
    throw new UserError(`there is no plan ${file}`);
  });
  const text = await readFile(path, "utf8");
  const plan = await readPlan(text, file, dirname(path), vocabulary);
  const planned = await planJobs(plan, new SweepRecipes(terminal).describe);
  const folder = resolve(options.out ?? join(dirname(path), basename(path, extname(path))));
  for (const line of notesOn(planned)) terminal.err.write(`note: ${line}\n`);
  if (options.dryRun === true) {
    terminal.out.write(listing(planned));
    terminal.out.write(await estimate(planned, processesOf(options, planned.jobs.length), starter, terminal.err));
    return;
  }
  const written = writeSweep(folder, text, planned);
  if (options.retry === true) forgetFailures(written);
  const states = jobStates(written);
  const left = states.filter(({ results, failure }) => results === null && failure === null).map(({ job }) => job.name);
  terminal.err.write(`${headline(states)}, in ${fromHere(folder)}\n`);
  if (left.length > 0) await makeAll(written, left, options, terminal);
  tellEnd(written, file, terminal);
}

/** How many processes there may be. */
function processesOf({ jobs }: SweepFlags, count: number): number {
  return Math.max(1, Math.min(jobs ?? availableParallelism(), count));
}

/** Starts a process that works on a sweep. The source, in tests, needs what runs it. */
function starter(folder: string) {
  const isSource = import.meta.url.endsWith(".ts");
  const main = fileURLToPath(new URL(isSource ? "./main.ts" : "./main.js", import.meta.url));
  const execArgv = isSource
    ? ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")]
    : process.execArgv;
  return fork(main, ["sweep", "work", folder], { execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
}

async function makeAll(sweep: Sweep, left: readonly string[], options: SweepFlags, { err }: Terminal): Promise<void> {
  const { folder } = sweep;
  const progress = new Progress(err, left.length, undefined, { unit: "job", measure: "" });
  const say = (line: string): void => {
    progress.clear();
    err.write(`${line}\n`);
  };
  let ended = 0;
  const stopped = (): string =>
    `Stopped. ${ended} of ${counted(left.length, "job")} done in this run; the same command goes on.`;
  await interruptible(say, stopped, async ({ signal, stepping }) => {
    const tick = setInterval(stepping, 250);
    stepping();
    try {
      await runLocally({
        jobs: left,
        start: () => starter(folder),
        processes: processesOf(options, left.length),
        room: options.jobs === undefined ? SHARE_OF_MEMORY * freeMemory() : null,
        signal,
        onDone: () => {},
        onFailed: (name, log) => {
          recordFailure(sweep, { name }, log);
          say(`failed: ${name}: ${firstLine(log)}`);
        },
        onProgress: (made) => {
          ended = made.ended;
          progress.update(Number(made.share.toFixed(2)), null, `${made.processes} at once`);
        },
      });
      signal.throwIfAborted();
    } finally {
      clearInterval(tick);
      progress.clear();
    }
  });
}

/** Bytes that processes can have now, also where a group of processes has a limit. */
function freeMemory(): number {
  return process.availableMemory?.() ?? freemem();
}

const firstLine = (log: string): string =>
  log
    .trim()
    .split("\n", 1)[0]
    .replace(/^error: /, "");

function notesOn({ jobs, repeated }: Planned): string[] {
  const shared = jobs.filter(({ sharesStart }) => sharesStart).length;
  const ofSets = jobs.some(({ parameters }) => parameters.stimulus !== undefined);
  return [
    ...(shared === 0
      ? []
      : ofSets
        ? [
            `${shared} of ${counted(jobs.length, "job")} share their start with others: the images of a competition begin as one`,
          ]
        : [
            `${shared} of ${counted(jobs.length, "job")} share their start with others, as they have the same seed; seed: per-job gives each its own`,
          ]),
    ...(repeated === 0 ? [] : [`${repeated} of the plan are another one of it once more, and are made once`]),
  ];
}

function listing({ jobs, varying }: Planned): string {
  const names = varying.length === 0 ? ["image"] : varying;
  const header = [...names, ...(names.includes("seed") ? [] : ["seed"]), "steps", "job", ""];
  const rows = jobs
    .slice(0, MOST_LISTED)
    .map(({ parameters, seed, steps, id, sharesStart }) => [
      ...names.map((name) => parameters[name] ?? ""),
      ...(names.includes("seed") ? [] : [String(seed)]),
      steps === null ? "" : String(steps),
      id.slice(0, 12),
      sharesStart ? "shared start" : "",
    ]);
  const more = jobs.length - rows.length;
  return `${textTable([header, ...rows])}${more === 0 ? "" : `... and ${more} more\n`}\n`;
}

function headline(states: readonly JobState[]): string {
  const done = states.filter(({ results }) => results !== null).length;
  const failed = states.filter(({ failure }) => failure !== null).length;
  const parts = [
    counted(states.length, "job"),
    ...(done === 0 ? [] : [`${done} done`]),
    ...(failed === 0 ? [] : [`${failed} failed before (--retry tries again)`]),
  ];
  return parts.join(", ");
}

function tellEnd(sweep: Sweep, file: string, { out }: Terminal): void {
  const { jobs, done, failed, verdicts } = sweepStatus(sweep);
  const folder = fromHere(sweep.folder);
  out.write(`${done === jobs ? "Done" : "Not all done"}: ${done} of ${counted(jobs, "job")}\n`);
  for (const [verdict, count] of verdicts) out.write(`  ${verdict}  ${count}\n`);
  out.write(`  folder   ${folder}\n  collect  plenoptic collect ${pathWord(folder)}\n`);
  if (failed.length === 0) return;
  throw new UserError(
    `${counted(failed.length, "job")} failed (${fromHere(failed[0].log)}); plenoptic sweep ${pathWord(file)} --retry tries again`,
  );
}

function tellStatus(folder: string, { out }: Terminal): void {
  const { jobs, done, failed, left, verdicts } = sweepStatus(readSweep(resolve(folder)));
  out.write(`${done} of ${counted(jobs, "job")} done, ${failed.length} failed, ${left} left\n`);
  for (const [verdict, count] of verdicts) out.write(`  ${verdict}  ${count}\n`);
  for (const { name, log } of failed.slice(0, MOST_LISTED)) out.write(`  failed: ${name} (${fromHere(log)})\n`);
}
