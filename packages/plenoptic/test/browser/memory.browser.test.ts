// Many syntheses in a worker with threads: a page has addresses for some hundred memories, and they never run out.

import { commands } from "vitest/browser";
import { expect, it } from "vitest";
import type { Memory, Report } from "../memory/scenario.ts";
import type { FromMemoryWorker, ToMemoryWorker } from "./memoryWorker.ts";

it("300 alive and 200 in a row, 2 threads", { timeout: 300_000 }, async () => {
  const worker = new Worker(new URL("./memoryWorker.ts", import.meta.url), { type: "module" });
  const send = (message: ToMemoryWorker): void => worker.postMessage(message);
  try {
    const report = await new Promise<Report>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<FromMemoryWorker>) => {
        if ("report" in data) resolve(data.report);
        else commands.largestRenderer().then((memory: Memory) => send({ memory }), reject);
      };
      worker.onerror = (event) => reject(new Error(event.message));
      send({ size: { threads: 2, alive: 300, small: 190, large: 10 } });
    });
    console.log(JSON.stringify(report));
    expect(report.last.resident).toBeGreaterThan(0);
  } finally {
    worker.terminate();
  }
});
