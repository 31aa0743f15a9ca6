// All results of a sweep in one place: a table, the recipes, and a page to look at.

import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import type { JsonObject } from "@plenoptic-js/formats";
import { stringify } from "csv-stringify/sync";
import { type Collected, contactSheet } from "./contactSheet.ts";
import type { JobRecipe } from "./jobId.ts";
import { readOutcome, readRecipe } from "./outcome.ts";
import { jobStates, readJob, replaceFile, type Sweep } from "./sweepFolder.ts";

export interface Collection {
  readonly made: readonly Collected[];
  /** Jobs of which there is nothing yet. */
  readonly missing: number;
  /** The files that were written. */
  readonly files: readonly string[];
}

const TABLE = "stimuli.csv";
const MANIFEST = "manifest.json";
const SHEET = "contact-sheet.html";

/** Writes the table, the manifest and the contact sheet of what there is by now. */
export function collect(sweep: Sweep, title: string): Collection {
  const { folder } = sweep;
  const made = jobStates(sweep).flatMap(({ job, results }): Collected[] => {
    const outcome = results === null ? null : readOutcome(results);
    // A folder of a name that only looks like the job's is another's.
    if (results === null || outcome === null || outcome.job !== job.id) return [];
    return [{ job, outcome, folder: relative(folder, results).split(sep).join("/") }];
  });
  const recipes = writeManifest(sweep, made);
  replaceFile(join(folder, TABLE), tableOf(sweep, made, recipes));
  replaceFile(join(folder, SHEET), contactSheet(title, sweep, made));
  const missing = sweep.jobs.length - made.length;
  return { made, missing, files: [TABLE, MANIFEST, SHEET].map((name) => join(folder, name)) };
}

/** What the table takes from a recipe. */
interface Hashes {
  readonly image: string;
  readonly model: string | null;
}

/** Every recipe, one a line: they are read one by one, as all of them together may not fit. */
function writeManifest({ folder }: Sweep, made: readonly Collected[]): readonly Hashes[] {
  const path = join(folder, MANIFEST);
  const beside = `${path}.tmp-${process.pid}-${basename(folder)}`;
  const hashes: Hashes[] = [];
  const file = openSync(beside, "w");
  try {
    writeSync(file, '{"manifest":1,"stimuli":[');
    for (const [i, { job, folder: results }] of made.entries()) {
      const planned = readJob({ folder }, job);
      const recipe = readRecipe(join(folder, results)) ?? (planned as unknown as JsonObject);
      const { image, model } = recipe as unknown as Pick<JobRecipe, "image" | "model">;
      hashes.push({ image: image.sha256, model: model?.fingerprint ?? null });
      // The states of the generators, 10,000 letters, follow from the seed where the job says that alone.
      const short = { ...recipe, random: planned.random };
      const text = JSON.stringify({ id: job.id, folder: results, parameters: job.parameters, recipe: short });
      writeSync(file, `${i === 0 ? "" : ","}\n${text}`);
    }
    writeSync(file, "\n]}\n");
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  return hashes;
}

function tableOf({ varying }: Sweep, made: readonly Collected[], hashes: readonly Hashes[]): string {
  const names = [...new Set(made.flatMap(({ job }) => Object.keys(job.parameters)))];
  const ordered = [
    ...varying.filter((name) => names.includes(name)),
    ...names.filter((name) => !varying.includes(name)),
  ];
  const rows = made.map(({ job, outcome, folder }, i) => [
    folder,
    ...ordered.map((name) => job.parameters[name] ?? ""),
    ...(names.includes("seed") ? [] : [job.seed]),
    job.sharesStart,
    outcome.verdict,
    outcome.firstLoss,
    outcome.loss,
    outcome.quantisedLoss,
    outcome.iterations,
    outcome.stopReason,
    outcome.clipped,
    outcome.seconds,
    outcome.host,
    job.id,
    outcome.sha256,
    hashes[i].image,
    hashes[i].model,
  ]);
  const header = [
    "folder",
    ...ordered,
    ...(names.includes("seed") ? [] : ["seed"]),
    "shares_start",
    "verdict",
    "first_loss",
    "loss",
    "loss_after_quantising",
    "steps_made",
    "stopped_by",
    "clipped_values",
    "seconds",
    "host",
    "job",
    "sha256",
    "image_sha256",
    "model_fingerprint",
  ];
  return stringify([header, ...rows], { cast: { boolean: (value) => (value ? "yes" : "no") } });
}
