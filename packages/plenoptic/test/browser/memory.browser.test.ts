// Many syntheses in a worker with threads: a page has addresses for some hundred memories, and they do not run out.

import { expect, it } from "vitest";
import { commands } from "vitest/browser";
import type { Memory, Report } from "../memory/scenario.ts";
import type { FromMemoryWorker, ToMemoryWorker } from "./memoryWorker.ts";

declare module "vitest/browser" {
  interface BrowserCommands {
    /** Of rendererMemory.ts. */
    rendererMemory: () => Promise<Memory | null>;
  }
}

const UNKNOWN: Memory = { resident: 0, reserved: 0 };

function runInWorker(worker: Worker, question: ToMemoryWorker): Promise<Report> {
  return new Promise((resolve, reject) => {
    const send = (message: ToMemoryWorker): void => worker.postMessage(message);
    worker.onmessage = ({ data }: MessageEvent<FromMemoryWorker>) => {
      if ("report" in data) resolve(data.report);
      else commands.rendererMemory().then((memory) => send({ memory: memory ?? UNKNOWN }), reject);
    };
    worker.onerror = (event) => reject(new Error(event.message));
    send(question);
  });
}

it("150 alive, and 150 in a row take no more memory than 50, 2 threads", async () => {
  const worker = new Worker(new URL("./memoryWorker.ts", import.meta.url), { type: "module" });
  try {
    const report = await runInWorker(worker, { size: { threads: 2, alive: 150, small: 144, large: 6 } });
    console.log(JSON.stringify(report, (_, x: unknown) => (typeof x === "number" ? Math.round(x) : x)));
    expect(report.last.resident - report.early.resident).toBeLessThan(64);
    // One memory reserves some 10 GiB.
    expect(report.last.reserved - report.early.reserved).toBeLessThan(4096);
    expect(report.last.reserved - report.alive.reserved).toBeLessThan(4096);
  } finally {
    worker.terminate();
  }
});
