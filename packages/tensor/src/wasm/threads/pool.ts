// The helper threads of this process: started when first wanted, shared by all programs, asleep while there is nothing to do.

import { startBrowserWorker } from "./browser.ts";
import { startNodeWorker } from "./node.ts";
import { DOOR, workerSource } from "./worker.ts";

export class Helper {
  /** Shared words by which the helper is called: worker.ts. */
  readonly door = new Int32Array(new SharedArrayBuffer(DOOR.words * 4));
  readonly #post: (message: unknown) => void;

  constructor(post: (message: unknown) => void) {
    this.#post = post;
    this.send({ door: this.door });
  }

  /** Sends a message, which the helper reads before it looks for work again. */
  send(message: unknown): void {
    Atomics.add(this.door, DOOR.mail, 1);
    this.#post(message);
    this.ring();
  }

  /** Wakes the helper if it sleeps. */
  ring(): void {
    if (Atomics.load(this.door, DOOR.asleep) === 1 && Atomics.exchange(this.door, DOOR.asleep, 0) === 1) {
      Atomics.notify(this.door, DOOR.asleep);
    }
  }
}

/** Those alive. */
let pool: readonly Helper[] = [];

/** Whether this thread can share memory and may sleep: a browser's page may not. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

function start(): Helper | undefined {
  const ended = (): void => {
    pool = pool.filter((helper) => helper !== started);
  };
  const port = startNodeWorker(workerSource, ended) ?? startBrowserWorker(workerSource, ended);
  const started = port && new Helper((message) => port.postMessage(message));
  return started;
}

/** Up to `count` helpers; fewer, or none, where threads are not to be had. */
export function helpers(count: number): readonly Helper[] {
  if (!mayWait()) return [];
  while (pool.length < count) {
    const helper = start();
    if (helper === undefined) break;
    pool = [...pool, helper];
  }
  return pool.slice(0, count);
}

/** Pieces of work that the helpers alive have done so far, of all programs. */
export function piecesHelped(): number {
  return pool.reduce((sum, { door }) => sum + Atomics.load(door, DOOR.helped), 0);
}
