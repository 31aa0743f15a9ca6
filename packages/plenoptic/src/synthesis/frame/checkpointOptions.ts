// What a caller says of a checkpoint: where it is, how often it is written, whether to go on from it.

import { checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { checkListener } from "./callbacks.ts";

/** Something that happened to a checkpoint. */
export interface CheckpointNews {
  /** The run goes on from the file; there was none, or none that is farther than this run; it was written; it could not be. */
  readonly kind: "resumed" | "nothing" | "written" | "failed";
  /** Iterations of this call that the file has. */
  readonly iteration: number;
  /** How long that took. */
  readonly seconds: number;
}

export interface CheckpointOptions {
  /** A .pt file in a folder that is there. It is always whole: the one before, or the new one. */
  readonly path: string;
  /**
   * When it is written: every n iterations, or every so many seconds. Default: so seldom that it takes no more than 5 % of the time,
   * and no more often than every 10 seconds. It decides no bit of any result.
   */
  readonly every?: number | { readonly seconds: number };
  /**
   * Go on from the file, where there is one: it must be of the same synthesis, with the same settings. Default false: a file that is
   * there is refused, so that nothing is lost.
   */
  readonly resume?: boolean;
  /** Told whenever the file was written, or gone on from. */
  readonly onCheckpoint?: (news: CheckpointNews) => void;
}

/** When a checkpoint is written; null: as seldom as the share of time asks for. */
export type Every = { readonly steps: number } | { readonly seconds: number } | null;

export interface CheckedCheckpoint {
  readonly path: string;
  readonly every: Every;
  readonly resume: boolean;
  readonly tell: (news: CheckpointNews) => void;
}

/** null where no checkpoint is asked for. */
export function checkCheckpoint(given: CheckpointOptions | null | undefined): CheckedCheckpoint | null {
  if (given === null || given === undefined) return null;
  checkOptions("synthesize(): checkpoint", given, ["path", "every", "resume", "onCheckpoint"]);
  const { path, every, resume = false, onCheckpoint } = given;
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`synthesize: checkpoint.path is ${shown(path)}; it must be the path of a .pt file`);
  }
  if (typeof resume !== "boolean") {
    throw new TypeError(`synthesize: checkpoint.resume is ${shown(resume)}; it must be true or false`);
  }
  checkListener("synthesize", onCheckpoint);
  return { path, every: checkEvery(every), resume, tell: (news) => onCheckpoint?.(news) };
}

function checkEvery(every: CheckpointOptions["every"]): Every {
  if (every === undefined) return null;
  if (typeof every === "number" && Number.isInteger(every) && every >= 1) return { steps: every };
  const seconds = typeof every === "object" && every !== null ? every.seconds : undefined;
  if (typeof seconds === "number" && seconds > 0 && Object.keys(every).length === 1) return { seconds };
  throw new RangeError(
    `synthesize: checkpoint.every is ${shown(every)}; it must be a whole number of iterations, 1 or more, or { seconds }, above 0`,
  );
}
