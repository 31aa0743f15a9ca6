// The same code in a worker, where a cross-origin isolated page has threads: the committed bits at every number of them.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import table from "@plenoptic-js/proof/hashes/table.json" with { type: "json" };
import { expect, it } from "vitest";
import type { WorkerAnswer, WorkerQuestion } from "./hashWorker.ts";

/** Cases of one worker. A page has addresses for some hundred shared memories only, and gets them back when a worker ends. */
const PART = 12;

async function askFor(question: WorkerQuestion): Promise<WorkerAnswer> {
  const worker = new Worker(new URL("./hashWorker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(question);
    });
  } finally {
    worker.terminate();
  }
}

it("the page is cross-origin isolated", () => {
  expect(crossOriginIsolated).toBe(true);
});

for (const threads of [1, 2, 4]) {
  it(`a worker gives the committed bits with ${threads} threads`, async () => {
    let helped = 0;
    const hashes: WorkerAnswer["hashes"] = {};
    for (let from = 0; from < cases.length; from += PART) {
      const part = await askFor({ threads, from, to: from + PART });
      expect(part.available).toBe(navigator.hardwareConcurrency);
      helped += part.helped;
      Object.assign(hashes, part.hashes);
    }
    expect(hashes).toEqual(table.hashes);
    expect(helped > 0).toBe(threads > 1);
  });
}
