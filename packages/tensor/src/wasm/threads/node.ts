// Helper threads in Node. Its modules are asked for at run time and never imported, so that bundles for a browser load.

import type { Worker } from "node:worker_threads";

const PLATFORM = `const { parentPort } = require("node:worker_threads");
const onMessage = (handler) => parentPort.on("message", handler);`;

/** A helper as its platform has it. */
export interface Port {
  postMessage(message: unknown): void;
  /** Ends it as soon as it does not compute. */
  terminate(): unknown;
}

/**
 * Starts a helper whose source `source` makes from the platform's part. It never keeps the process alive. Calls `ended`
 * when it is no more. Undefined where there is no Node, or no right to start threads.
 */
export function startNodeWorker(source: (platform: string) => string, ended: () => void): Port | undefined {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function") return undefined;
  const threads = process.getBuiltinModule("node:worker_threads");
  let worker: Worker;
  try {
    // Without the loaders and options of this process: the helper needs none of them.
    worker = new threads.Worker(source(PLATFORM), { eval: true, execArgv: [], env: {}, name: "plenoptic helper" });
  } catch {
    return undefined;
  }
  worker.on("error", ended);
  worker.on("exit", ended);
  worker.unref();
  return worker;
}
