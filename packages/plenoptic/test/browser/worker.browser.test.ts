// The same code in a worker, where a cross-origin isolated page has threads: the committed bits at every number of them.

import { cases } from "@plenoptic-js/proof/hashes/cases";
import table from "@plenoptic-js/proof/hashes/table.json" with { type: "json" };
import { afterAll, expect, it } from "vitest";
import type { WorkerAnswer } from "./hashWorker.ts";

const worker = new Worker(new URL("./hashWorker.ts", import.meta.url), { type: "module" });

afterAll(() => {
  worker.terminate();
});

function askFor(threads: number): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(threads);
  });
}

it("the page is cross-origin isolated", () => {
  expect(crossOriginIsolated).toBe(true);
});

for (const threads of [1, 2, 4]) {
  it(`a worker gives the committed bits with ${threads} threads`, async () => {
    const { available, unshared, hashes } = await askFor(threads);
    expect(hashes).toEqual(table.hashes);
    expect(available).toBe(navigator.hardwareConcurrency);
    // Of every case that can be shared, helpers do a part; alone, none.
    const shareable = cases.filter(({ alone }) => alone !== true).map(({ name }) => name);
    expect(unshared).toEqual(threads === 1 ? shareable : []);
  });
}
