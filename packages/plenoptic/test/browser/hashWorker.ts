// A module worker that computes cases of the table of promised results with the number of threads it is sent.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import { availableThreads } from "@plenoptic-js/tensor";
import { piecesHelped } from "../../../tensor/src/wasm/threads/pool.ts";

export interface WorkerQuestion {
  readonly threads: number;
  /** Which cases, of all. */
  readonly from: number;
  readonly to: number;
}

export interface WorkerAnswer {
  readonly available: number;
  /** Pieces of work that helper threads did. */
  readonly helped: number;
  readonly hashes: Record<string, Record<string, string>>;
}

async function answer({ threads, from, to }: WorkerQuestion): Promise<WorkerAnswer> {
  const hashes: Record<string, Record<string, string>> = {};
  for (const hashCase of cases.slice(from, to)) hashes[hashCase.name] = await hashCase.run(threads);
  return { available: availableThreads(), helped: piecesHelped(), hashes };
}

self.onmessage = ({ data }: MessageEvent<WorkerQuestion>) => {
  answer(data).then((answered) => self.postMessage(answered), reportError);
};
