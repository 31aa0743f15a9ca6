// Checkpoints: while a run goes on, its state is kept in files in a folder beside that of the results. When the results are there, that
// folder is cleared away. A run that was ended in the middle, by whatever, goes on with --resume.

import { copyFile, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { systemCode, writeFileAtomic } from "@plenoptic-js/formats";
import type { Command as PlainCommand } from "commander";
import type { CheckpointNews, CheckpointOptions } from "plenoptic-js";
import { counted, significant } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { type FolderChoice, fromHere, hasFiles, makeFolder } from "./resultFolder.ts";
import { blaming, type UserFile } from "./userCode.ts";
import { inFlags } from "./wording.ts";

// Types of flags are no interfaces: options of a command must be records, which interfaces are not.
export type CheckpointFlags = {
  readonly checkpoint?: NonNullable<CheckpointOptions["every"]> | true | undefined;
  readonly resume?: true | undefined;
};

/** What the help of a command says of them. */
export const CHECKPOINT_HELP = `
With --checkpoint, what was done is kept in the folder of the results with ".checkpoint" behind its name, until the results are there. After a crash, or
Ctrl-C, the same command with --resume goes on from there, to the same bits. Where the results are there already, it says so.`;

/** The command with the options of `CheckpointFlags`. */
export function withCheckpointFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & CheckpointFlags> {
  (command as unknown as PlainCommand)
    .option(
      "--checkpoint [when]",
      "keep what was done, every n steps (50) or so many seconds (30s); default: so seldom that it takes at most 5 % of the time",
      whenToKeep,
    )
    .option("--resume", "go on where the same command was ended; keeps what was done, as --checkpoint does");
  return command;
}

/** `50`: every 50 steps; `30s`: every 30 seconds. */
function whenToKeep(text: string): NonNullable<CheckpointOptions["every"]> {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(s?)$/.exec(text) ?? [];
  const value = Number(digits);
  if (unit === "s" && value > 0) return { seconds: value };
  if (unit === "" && Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("It must be a number of steps, such as 50, or of seconds, such as 30s.");
}

const TOLD_FILE = "results.txt";

/**
 * Whether a run that is to go on has all its results in the folder: it was ended after it had written them, or is given once more.
 * What was saved there is then held against the run as a checkpoint is.
 */
export async function hasEnded(
  { resume }: CheckpointFlags,
  { path, numbered, overwrite }: FolderChoice,
  names: readonly string[],
): Promise<boolean> {
  return resume === true && !numbered && !overwrite && (await hasFiles(path, names));
}

export class Checkpoints {
  /** The folder that they are in. */
  readonly path: string;
  readonly #resumes: boolean;
  readonly #every: CheckpointOptions["every"];
  /** Those that are copies of results. */
  #copies: readonly string[] = [];
  #written = 0;
  #seconds = 0;
  #onNews: ((name: string, news: CheckpointNews) => void) | null = null;

  private constructor(path: string, resumes: boolean, every: CheckpointOptions["every"]) {
    this.path = path;
    this.#resumes = resumes;
    this.#every = every;
  }

  /**
   * The checkpoints that the options ask for; null where they ask for none. Makes their folder.
   *
   * @param ended by the names of their checkpoints, saved syntheses among the results, to go on from where nothing else is kept
   * @throws UserError where there are some already and nobody said --resume, and where none can be written
   */
  static async begin(
    { checkpoint, resume }: CheckpointFlags,
    results: FolderChoice,
    ended: ReadonlyMap<string, string> = new Map(),
  ): Promise<Checkpoints | null> {
    if (checkpoint === undefined && resume === undefined) return null;
    const path = `${results.path}.checkpoint`;
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && !there.isDirectory()) {
      throw new UserError(
        `${path} is a file, and checkpoints would be kept in a folder of this name; choose another --out`,
      );
    }
    if (there !== undefined && resume === undefined && (await filesIn(path)).length > 0) {
      throw new UserError(
        `${fromHere(path)} has what was kept of an earlier run, or of one that is at work; go on from it with --resume, choose another --out, or ` +
          "remove that folder",
      );
    }
    await makeFolder(path);
    const checkpoints = new Checkpoints(path, resume === true, checkpoint === true ? undefined : checkpoint);
    const kept = await filesIn(path);
    const copied = [...ended].filter(([name]) => !kept.includes(`${name}.pt`));
    checkpoints.#copies = copied.map(([name]) => join(path, `${name}.pt`));
    for (const [name, file] of copied) await copyFile(file, join(path, `${name}.pt`));
    return checkpoints;
  }

  /** Whether it may go on from what is there. */
  get resumes(): boolean {
    return this.#resumes;
  }

  /** Who is told of them. */
  set onNews(listener: (name: string, news: CheckpointNews) => void) {
    this.#onNews = listener;
  }

  /** The options of a call that is kept under this name. */
  of(name: string): CheckpointOptions {
    return {
      path: join(this.path, `${name}.pt`),
      ...(this.#every !== undefined && { every: this.#every }),
      resume: this.#resumes,
      onCheckpoint: (news) => {
        if (news.kind === "written" || news.kind === "failed") {
          this.#written += Number(news.kind === "written");
          this.#seconds += news.seconds;
        }
        this.#onNews?.(name, news);
      },
    };
  }

  /** Notes the folder of the results, where it is made before all is done; or gives the one that was noted. */
  async resultsAt(path: string): Promise<string> {
    const file = join(this.path, TOLD_FILE);
    const told = this.#resumes ? await readFile(file, "utf8").catch(() => "") : "";
    const name = basename(told.trim());
    if (name !== "") return join(dirname(path), name);
    await writeFileAtomic(file, new TextEncoder().encode(`${basename(path)}\n`));
    return path;
  }

  /** What they took of so many seconds, in a sentence. */
  cost(seconds: number): string {
    const share = seconds > 0 ? `, ${significant((100 * this.#seconds) / seconds, 2)} % of the time` : "";
    return `${counted(this.#written, "checkpoint")} took ${significant(this.#seconds, 2)} s${share}`;
  }

  /** Whether anything is kept. */
  async hasSome(): Promise<boolean> {
    return (await filesIn(this.path)).some((name) => name.endsWith(".pt"));
  }

  /** The way to go on, in a sentence. */
  get way(): string {
    return `What was done is kept in ${fromHere(this.path)}: the same command with --resume goes on.`;
  }

  /** Why the run does not go on from what is kept, with the options of the command. */
  refusal(message: string): string {
    const words = inFlags(message)
      .replace(/state of the generators is .*$/, "state of the generators is another one: give the same --seed")
      .replace("choose another path", "choose another --out");
    return `${words}, or remove ${fromHere(this.path)}`;
  }

  /** The results are there. What another process writes there meanwhile stays: it is told that they are there. */
  async clear(): Promise<void> {
    await rm(this.path, { recursive: true, force: true }).catch((error) => {
      if (systemCode(error) !== "ENOTEMPTY") throw error;
    });
  }

  /** Removes the folder where nothing was kept in it. */
  async release(): Promise<void> {
    for (const copy of this.#copies) await rm(copy, { force: true });
    if (await this.hasSome()) return;
    await rm(join(this.path, TOLD_FILE), { force: true }).catch(() => {});
    await rmdir(this.path).catch((error) => {
      if (!["ENOENT", "ENOTEMPTY", "EROFS", "EACCES"].includes(systemCode(error))) throw error;
    });
  }
}

/** Does the work of a run, of whose end the checkpoints are told: they are cleared away when it is done. */
export async function keeping(
  checkpoints: Checkpoints | null,
  files: readonly (UserFile | undefined)[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await blaming(files, work);
    await checkpoints?.clear();
  } finally {
    await checkpoints?.release();
  }
}

/** What is in a folder, but for files that are not whole. */
async function filesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  return names.filter((name) => !/^\..*\.tmp$/.test(name) && name !== TOLD_FILE);
}
