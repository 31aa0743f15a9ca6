// A module worker that computes the table of promised results with the number of threads it is sent.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import { runShared } from "@plenoptic-js/proof/hashes/shared";
import { availableThreads } from "@plenoptic-js/tensor";
import { piecesHelped } from "../../../tensor/src/wasm/threads/pool.ts";

export interface WorkerQuestion {
  readonly threads: number;
  /** Whether work is cut so fine that helpers do some of it in every case. */
  readonly fine: boolean;
}

export interface WorkerAnswer {
  readonly available: number;
  /** Pieces of work that helper threads did. */
  readonly helped: number;
  /** Cases to be shared in which they did none. */
  readonly alone: readonly string[];
  readonly hashes: Record<string, Record<string, string>>;
}

async function answer({ threads, fine }: WorkerQuestion): Promise<WorkerAnswer> {
  const hashes: Record<string, Record<string, string>> = {};
  const alone: string[] = [];
  for (const hashCase of cases) {
    const { name, run } = hashCase;
    if (fine) {
      const shared = await runShared(hashCase, threads);
      hashes[name] = shared.hashes;
      if (hashCase.alone !== true && shared.helped === 0) alone.push(name);
    } else hashes[name] = await run(threads);
  }
  return { available: availableThreads(), helped: piecesHelped(), alone, hashes };
}

self.onmessage = ({ data }: MessageEvent<WorkerQuestion>) => {
  answer(data).then((answered) => self.postMessage(answered), reportError);
};
