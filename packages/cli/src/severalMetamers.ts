// `plenoptic metamer --seeds`: a metamer for each seed, one after the other, each in a folder of its own with the files of a single run.
// A folder is there as soon as its metamer is done, whatever becomes of the later ones. At the end comes a page that compares all.

import { basename, join } from "node:path";
import type { Tensor } from "@plenoptic-js/tensor";
import { NonFiniteError } from "plenoptic-js";
import { counted } from "plenoptic-js/engine";
import { type CheckpointFlags, type Checkpoints, hasEnded } from "./checkpoints.ts";
import { UserError } from "./failure.ts";
import { clearFolders } from "./folderRecord.ts";
import { keptSoFar } from "./interrupt.ts";
import { type Done, doLongWork, type Work } from "./longWork.ts";
import { METAMER_FILES } from "./metamerFiles.ts";
import { checkFolder, type FolderChoice, freeFolder, fromHere, hasResult, writeResults } from "./resultFolder.ts";
import { pathWord } from "./runFlags.ts";
import { seedsText, seedWords } from "./seedList.ts";
import { type MemberOfSeveral, severalPage } from "./severalPage.ts";
import type { Terminal } from "./terminal.ts";

const PAGE_FILE = "report.html";

/** A metamer of several. */
export interface MadeOfSeed {
  readonly done: Done;
  readonly told: Omit<MemberOfSeveral, "seed">;
}

export interface SeveralWork {
  readonly seeds: readonly number[];
  /** The folder of all. */
  readonly folder: FolderChoice;
  /** What the page is called. */
  readonly title: string;
  readonly target: Tensor;
  /** Steps of each at most. */
  readonly steps: number;
  readonly checkpoints: Checkpoints | null;
  /** Makes one. */
  work(seed: number, tools: Work): Promise<MadeOfSeed>;
}

const SEED_FOLDER = /^seed-\d+$/;
const folderOf = (path: string, seed: number): string => join(path, `seed-${seed}`);

/** Refuses, before anything is computed, folders that the results could not be written to. */
export async function checkSeveralFolders(
  seeds: readonly number[],
  folder: FolderChoice,
  { resume }: CheckpointFlags,
): Promise<void> {
  // Of a run that goes on, some are there already, and the page of all may be.
  if (!(await hasEnded({ resume }, folder, [PAGE_FILE]))) await checkFolder(folder, [PAGE_FILE]);
  if (folder.numbered || resume === true) return;
  for (const seed of seeds) {
    await checkFolder({ ...folder, path: folderOf(folder.path, seed) }, METAMER_FILES);
  }
}

/**
 * Makes them all. One whose numbers do not stay finite is left out, and the others are made.
 *
 * @throws UserError where some were left out, when the others are done
 */
export async function makeSeveral(terminal: Terminal, several: SeveralWork): Promise<void> {
  const { seeds, folder, steps, checkpoints } = several;
  const free = await freeFolder(folder);
  const path = (await checkpoints?.resultsAt(free)) ?? free;
  const members: MemberOfSeveral[] = [];
  const failed: string[] = [];
  const release = keptSoFar(() => {
    const made = members.map(({ seed }) => seed);
    if (made.length === 0) return "Nothing was written.";
    const left = seeds.filter((seed) => !made.includes(seed));
    // The same command would be refused for the folders that are there, but that it may go on.
    const rest =
      left.length === 0 || checkpoints !== null
        ? ""
        : `For the rest, give --seeds ${seedsText(left)} and --out ${pathWord(fromHere(path))}. `;
    return `${rest}Done: ${seedWords(made)}, in ${fromHere(path)}.`;
  });
  try {
    for (const [i, seed] of seeds.entries()) {
      const own: FolderChoice = { path: folderOf(path, seed), numbered: false, overwrite: folder.overwrite };
      let member: MemberOfSeveral | undefined;
      const work = async (tools: Work): Promise<Done> => {
        const { done, told } = await several.work(seed, tools);
        member = { seed, ...told };
        const isThere = checkpoints?.resumes === true && (await hasResult(own.path, told.sha256));
        return isThere ? { ...done, files: null } : done;
      };
      const whose = `seed ${seed} (${i + 1} of ${seeds.length})`;
      try {
        await doLongWork(terminal, own, steps, work, { unit: "iteration", measure: "loss", whose }, checkpoints);
        // Only now are its files there.
        if (member !== undefined) members.push(member);
      } catch (error) {
        if (!(error instanceof Error && error.cause instanceof NonFiniteError)) throw error;
        const words = `seed ${seed}: ${error.message.replace("Nothing was written.", "Nothing of it was written.")}`;
        failed.push(words);
        terminal.err.write(`warning: ${words}\n`);
      }
    }
    if (folder.overwrite) {
      const made = new Set(members.map(({ seed }) => basename(folderOf(path, seed))));
      await clearFolders(path, (name) => SEED_FOLDER.test(name) && !made.has(name));
    }
    if (members.length > 0) {
      const page = await severalPage({ ...several, members, failed });
      const files = new Map([[PAGE_FILE, new TextEncoder().encode(page)]]);
      // A page that is there already is of the same run, which is made anew.
      const where = { path, numbered: false, overwrite: folder.overwrite || checkpoints?.resumes === true };
      await writeResults(where, files, new AbortController().signal, (line) => terminal.err.write(`${line}\n`));
      terminal.out.write(
        `${seedWords(members.map(({ seed }) => seed))}, compared\n  report   ${fromHere(join(path, PAGE_FILE))}\n`,
      );
    }
  } finally {
    release();
  }
  if (failed.length === 0) return;
  throw new UserError(`${counted(failed.length, "seed")} of ${seeds.length} gave no metamer: ${failed[0]}`);
}
