// Where the work is done: in a worker, or in the page itself where there is none.

import { inWords, Problem } from "./problem.ts";
import { loadTarget, makeMetamer, type Report, type Result, type Settings, type Target } from "./synthesis.ts";
import type { Answer, Order } from "./worker.ts";

/** Makes metamers, one at a time. */
export interface Maker {
  readonly where: "worker" | "page";
  /** Reads an image file. */
  load(file: File): Promise<Target>;
  /** Runs until the last iteration or until stop(). */
  make(settings: Settings, onReport: (report: Report) => void): Promise<Result>;
  stop(): void;
}

export async function findMaker(): Promise<Maker> {
  const worker = await startWorker();
  return worker === undefined ? makerInPage() : makerInWorker(worker);
}

/** One thread, with pauses for everything else a page does. */
function makerInPage(): Maker {
  let running = new AbortController();
  return {
    where: "page",
    load: loadTarget,
    make(settings, onReport) {
      running = new AbortController();
      return makeMetamer(settings, running.signal, onReport);
    },
    stop: () => running.abort(),
  };
}

/** Undefined where workers are not to be had: in a page opened from a disk, or by the page's security policy. */
async function startWorker(): Promise<Worker | undefined> {
  let worker: Worker;
  try {
    worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  } catch {
    return undefined;
  }
  const ready = await new Promise<boolean>((resolve) => {
    worker.onmessage = () => resolve(true);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(false);
    };
  });
  return ready ? worker : undefined;
}

function makerInWorker(worker: Worker): Maker {
  let orders = 0;
  const send = (order: Order): void => worker.postMessage(order);

  function ask<T extends Result | Target>(order: Order & object, onReport?: (report: Report) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const heard = new AbortController();
      const { signal } = heard;
      const fail = (message: string): void => {
        heard.abort();
        reject(new Problem(message));
      };
      const hear = ({ data }: MessageEvent<Exclude<Answer, "ready">>): void => {
        if (data.number !== order.number) return;
        if ("report" in data) onReport?.(data.report);
        else if ("problem" in data) fail(data.problem);
        else {
          heard.abort();
          resolve(data.done as T);
        }
      };
      worker.addEventListener("message", hear, { signal });
      worker.addEventListener("error", (event) => fail(inWords(event.message)), { signal });
      send(order);
    });
  }

  return {
    where: "worker",
    load: (file) => ask<Target>({ number: ++orders, load: file }),
    make: (settings, onReport) => ask<Result>({ number: ++orders, make: settings }, onReport),
    stop: () => send("stop"),
  };
}
