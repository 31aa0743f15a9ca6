// A module worker that computes the cases of the table of promised results with the number of threads it is sent.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import { availableThreads, Tensor } from "@plenoptic-js/tensor";
import { inputLeaf, Program } from "@plenoptic-js/tensor/engine";

/** Pieces of work that helpers did in a program large enough to be shared, once they have had time to start. */
async function piecesHelped(threads: number): Promise<number> {
  const x = inputLeaf([512, 512], "float64");
  const y = new Tensor(x).mul(3).exp().sin();
  const program = new Program({ buffers: { x }, entries: { main: { outputs: { y: y.node } } } }, { threads });
  for (let i = 0; i < 500 && program.helped === 0; i++) {
    program.run("main");
    if (threads === 1) break;
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  return program.helped;
}

export interface WorkerAnswer {
  readonly available: number;
  readonly helped: number;
  readonly hashes: Record<string, Record<string, string>>;
}

async function answer(threads: number): Promise<WorkerAnswer> {
  const helped = await piecesHelped(threads);
  const hashes: Record<string, Record<string, string>> = {};
  for (const { name, run } of cases) hashes[name] = await run(threads);
  return { available: availableThreads(), helped, hashes };
}

self.onmessage = ({ data }: MessageEvent<number>) => {
  answer(data).then((answered) => self.postMessage(answered), reportError);
};
