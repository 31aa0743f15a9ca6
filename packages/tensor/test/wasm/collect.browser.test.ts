// What nobody knows any more is collected in Chromium too, when it is asked for.

import { expect, it } from "vitest";
import { collectNow } from "../../src/wasm/memory/collect.ts";

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it("collects shared memory that nobody knows any more", async () => {
  const make = (): WeakRef<WebAssembly.Memory> =>
    new WeakRef(new WebAssembly.Memory({ initial: 16, maximum: 64, shared: true }));
  const lost = make();
  await nextTask();
  expect(lost.deref()).toBeDefined();
  await nextTask();
  collectNow();
  await nextTask();
  expect(lost.deref()).toBeUndefined();
});
