// The same code in a worker, where a cross-origin isolated page has threads: the committed bits at every number of them.

import table from "@plenoptic-js/proof/hashes/table.json" with { type: "json" };
import { expect, it } from "vitest";
import type { WorkerAnswer, WorkerQuestion } from "./hashWorker.ts";

/** The number at which work is cut so fine that helpers do some of it in every case. At 4 it is cut as users have it. */
const SHARED = 2;

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
  it(`a worker gives the committed bits with ${threads} threads`, { timeout: 300_000 }, async () => {
    const { available, helped, alone, hashes } = await askFor({ threads, fine: threads === SHARED });
    expect(available).toBe(navigator.hardwareConcurrency);
    expect(hashes).toEqual(table.hashes);
    expect(helped > 0).toBe(threads > 1);
    expect(alone).toEqual([]);
  });
}
