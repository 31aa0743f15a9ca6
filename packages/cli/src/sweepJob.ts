// A job of a sweep, made: its recipe is run, and its folder appears as a whole. Whoever makes jobs, here or on a cluster, calls this.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, type JsonObject } from "@plenoptic-js/formats";
import {
  checkpointFile,
  isDone,
  type Job,
  jobFile,
  OUTCOME_FILE,
  publishResults,
  type Sweep,
} from "@plenoptic-js/runs";
import { replay } from "plenoptic-js";
import { hashFile, RECORD_FILE, recordOf } from "./folderRecord.ts";
import { givenBy, type ReplayFlags } from "./replayFlags.ts";
import { resizeOption } from "./resize.ts";
import { type FileChoice, runFiles } from "./runFiles.ts";
import { outcomeOf } from "./sweepOutcome.ts";
import { blaming } from "./userCode.ts";

export interface JobEar {
  readonly signal: AbortSignal;
  /** Told how much of it is done, from 0 to 1, after every step. */
  onShare(share: number): void;
}

/** What a job needs besides its recipe, as the options of `plenoptic run` have it. */
export function replayFlagsOf({ given }: Pick<Job, "given">): ReplayFlags {
  const { image, resize, model, optimized, reference } = given;
  return { image, model, optimized, reference, ...(resize !== undefined && { resize: resizeOption(resize) }) };
}

/** How the files of a job are made, as the plan says; it decides nothing of the result. */
function filesOf({ given: { alpha, encoding, ...more } }: Pick<Job, "given">): FileChoice {
  const degree = more["pixels-per-degree"];
  return {
    alpha: alpha === undefined ? null : Number(alpha),
    stimuli: {
      encoding: encoding === "srgb" ? "srgb" : "linear",
      colourChunk: more["colour-chunk"] !== undefined,
      pixelsPerDegree: degree === undefined ? null : Number(degree),
    },
    withModel: more["with-model"] !== undefined,
  };
}

/** Makes a job, unless somebody has by now. Rejects with the signal's reason when it aborts; what was done is kept then. */
export async function makeJob(sweep: Pick<Sweep, "folder">, job: Job, { signal, onShare }: JobEar): Promise<void> {
  if (isDone(sweep, job)) return;
  const begun = performance.now();
  const file = jobFile(sweep, job);
  const read = await replay.read(file);
  const { given, files: own } = await givenBy(replayFlagsOf(job), read);
  const steps = job.steps ?? 1;
  await blaming(own, async () => {
    const synthesis = await replay.run(file, {
      ...given,
      signal,
      checkpoint: job.steps === null ? null : { path: checkpointFile(sweep, job), resume: true },
      onProgress: ({ step, numbers, share }) => onShare(numbers === null ? Math.min(share, 1) : step / steps),
    });
    const { result, recipe, files } = await runFiles(read, synthesis, read.recipe.command ?? "", 1, filesOf(job));
    const picture = [...files.keys()].find((name) => name.endsWith(".png")) ?? null;
    const seconds = (performance.now() - begun) / 1000;
    const outcome = await outcomeOf(job.id, { synthesis, result, exports: recipe.exports, picture, seconds, signal });
    const all = new Map([
      ...files,
      [OUTCOME_FILE, new TextEncoder().encode(`${canonicalJson(outcome as unknown as JsonObject)}\n`)] as const,
    ]);
    await publishResults(sweep, job, async (folder) => {
      const hashes = new Map<string, string>();
      for (const [name, file] of all) {
        const path = join(folder, name);
        await (typeof file === "function" ? file(path) : writeFile(path, file));
        hashes.set(name, await hashFile(path));
      }
      await writeFile(join(folder, RECORD_FILE), recordOf(hashes));
    });
  });
}

/** What a step of a job takes, and what comes before the first. */
export interface Measured {
  readonly beginning: number;
  /** Seconds of a step; of a search, of all of it, at most. */
  readonly step: number;
}

/** Makes a few steps of a job and nothing more. */
export async function measureJob(sweep: Pick<Sweep, "folder">, job: Job): Promise<Measured> {
  const file = jobFile(sweep, job);
  const { given } = await givenBy(replayFlagsOf(job), await replay.read(file));
  const ending = new AbortController();
  const begun = performance.now();
  let first: number | null = null;
  let measured: Measured | null = null;
  try {
    await replay.run(file, {
      ...given,
      signal: ending.signal,
      onProgress: ({ numbers, share }) => {
        const now = performance.now();
        if (numbers === null && share > 0) {
          measured ??= { beginning: 0, step: (now - begun) / 1000 / Math.min(share, 1) };
          ending.abort(new Enough());
        } else if (first === null) first = now;
        else {
          measured ??= { beginning: (first - begun) / 1000, step: (now - first) / 1000 };
          ending.abort(new Enough());
        }
      },
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  const all = (performance.now() - begun) / 1000;
  return measured ?? { beginning: 0, step: all / (job.steps ?? 1) };
}

class Enough extends Error {}
