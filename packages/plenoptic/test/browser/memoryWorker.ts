// A module worker that runs many syntheses (test/memory/scenario.ts). Whenever it asks for a look at memory, the page answers.

import { type Memory, type Report, runScenario, type Size } from "../memory/scenario.ts";

export type FromMemoryWorker = { readonly look: true } | { readonly report: Report };
export type ToMemoryWorker = { readonly size: Size } | { readonly memory: Memory };

let answered: (memory: Memory) => void;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function look(): Promise<Memory> {
  // What is collected in one turn is given back in the next ones.
  for (let i = 0; i < 5; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await sleep(200);
  }
  return new Promise((resolve) => {
    answered = resolve;
    self.postMessage({ look: true } satisfies FromMemoryWorker);
  });
}

self.onmessage = ({ data }: MessageEvent<ToMemoryWorker>) => {
  if ("memory" in data) answered(data.memory);
  else {
    runScenario(data.size, look).then((report) => self.postMessage({ report } satisfies FromMemoryWorker), reportError);
  }
};
