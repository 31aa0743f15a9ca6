// Helper threads in a browser: workers made from text, so that a bundler or a CDN import works. A worker may start them;
// a page may not wait for them, so it has none (pool.ts).

import type { Port } from "./node.ts";

const PLATFORM = `const onMessage = (handler) => {
  self.onmessage = (event) => handler(event.data);
};`;

/** The address of a helper's source, the same for all. */
let address: string | undefined;
/** Whether the browser would not run one: then it is not asked again. */
let refused = false;

/**
 * Starts a helper whose source `source` makes from the platform's part. It ends with the page. Calls `ended` when it is
 * no more, or was refused late. Undefined where there are no workers, or the page's Content-Security-Policy refuses them.
 */
export function startBrowserWorker(source: (platform: string) => string, ended: () => void): Port | undefined {
  if (typeof Worker !== "function" || refused) return undefined;
  let worker: Worker;
  try {
    address ??= URL.createObjectURL(new Blob([source(PLATFORM)], { type: "text/javascript" }));
    worker = new Worker(address, { name: "plenoptic helper" });
  } catch {
    refused = true;
    return undefined;
  }
  worker.onerror = (event) => {
    // Without helpers everything is computed all the same: nothing to report.
    event.preventDefault();
    refused = true;
    ended();
  };
  return worker;
}
