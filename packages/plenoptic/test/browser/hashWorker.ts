// A module worker that computes the cases of the table of promised results with the number of threads it is sent.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import { runShared } from "@plenoptic-js/proof/hashes/shared";
import { availableThreads } from "@plenoptic-js/tensor";

export interface WorkerAnswer {
  readonly available: number;
  /** Cases of which helpers did nothing, although they can be shared. */
  readonly unshared: readonly string[];
  readonly hashes: Record<string, Record<string, string>>;
}

async function answer(threads: number): Promise<WorkerAnswer> {
  const unshared: string[] = [];
  const hashes: Record<string, Record<string, string>> = {};
  for (const hashCase of cases) {
    const found = await runShared(threads === 1 ? { ...hashCase, alone: true } : hashCase, threads);
    hashes[hashCase.name] = found.hashes;
    if (found.helped === 0 && hashCase.alone !== true) unshared.push(hashCase.name);
  }
  return { available: availableThreads(), unshared, hashes };
}

self.onmessage = ({ data }: MessageEvent<number>) => {
  answer(data).then((answered) => self.postMessage(answered), reportError);
};
