// How many threads there are where a browser's policy forbids workers made from text: it refuses them late, by an event.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

class RefusedWorker {
  static made: RefusedWorker[] = [];
  onerror: ((event: { preventDefault(): void }) => void) | null = null;
  constructor() {
    RefusedWorker.made.push(this);
  }
  postMessage(): void {}
}

const { process } = globalThis;

/** A function's result in a browser's worker, as far as threads go. */
function inBrowser<T>(work: () => T): T {
  vi.stubGlobal("process", undefined);
  try {
    return work();
  } finally {
    vi.stubGlobal("process", process);
  }
}

beforeEach(() => {
  vi.resetModules();
  RefusedWorker.made = [];
  vi.stubGlobal("navigator", { hardwareConcurrency: 8 });
});
afterEach(() => vi.unstubAllGlobals());

test("there is one as soon as the browser has refused a worker, and no other is asked for", async () => {
  vi.stubGlobal("Worker", RefusedWorker);
  const { availableThreads } = await import("../src/threadCount.ts");
  expect(inBrowser(availableThreads)).toBe(8);
  const preventDefault = vi.fn();
  RefusedWorker.made[0].onerror?.({ preventDefault });
  expect(preventDefault).toHaveBeenCalledOnce();
  expect(inBrowser(availableThreads)).toBe(1);
  expect(inBrowser(availableThreads)).toBe(1);
  expect(RefusedWorker.made).toHaveLength(1);
});

test("there is one where a worker is refused at once, or there are none", async () => {
  vi.stubGlobal(
    "Worker",
    class {
      constructor() {
        throw new Error("SecurityError");
      }
    },
  );
  const { availableThreads } = await import("../src/threadCount.ts");
  expect(inBrowser(availableThreads)).toBe(1);
  vi.resetModules();
  vi.stubGlobal("Worker", undefined);
  const again = await import("../src/threadCount.ts");
  expect(inBrowser(again.availableThreads)).toBe(1);
});
