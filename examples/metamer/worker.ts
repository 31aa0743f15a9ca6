// The worker of the page: it reads files and computes, so that the page stays free.

import { inWords } from "./problem.ts";
import { loadTarget, makeMetamer, type Report, type Result, type Settings, type Target } from "./synthesis.ts";

/** What the page sends. Answers to an order carry its number. */
export type Order =
  | { readonly number: number; readonly load: File }
  | { readonly number: number; readonly make: Settings }
  | "stop";

/** What the worker sends. "ready" comes once, at first. */
export type Answer =
  | "ready"
  | { readonly number: number; readonly report: Report }
  | { readonly number: number; readonly done: Result | Target }
  | { readonly number: number; readonly problem: string };

const post = (answer: Answer): void => self.postMessage(answer);

let running = new AbortController();

function obey(order: Exclude<Order, "stop">): Promise<Result | Target> {
  if ("load" in order) return loadTarget(order.load);
  running = new AbortController();
  return makeMetamer(order.make, running.signal, (report) => post({ number: order.number, report }));
}

self.onmessage = ({ data: order }: MessageEvent<Order>) => {
  if (order === "stop") {
    running.abort();
    return;
  }
  const { number } = order;
  obey(order).then(
    (done) => post({ number, done }),
    (error: unknown) => post({ number, problem: inWords(error) }),
  );
};

post("ready");
