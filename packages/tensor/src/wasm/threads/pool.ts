// The helper threads of this process: started when first wanted, shared by all programs, asleep while there is nothing to do.

import { startBrowserWorker } from "./browser.ts";
import { type Port, startNodeWorker } from "./node.ts";
import { DOOR, workerSource } from "./worker.ts";

export class Helper {
  /** Shared words by which the helper is called: worker.ts. */
  readonly door = new Int32Array(new SharedArrayBuffer(DOOR.words * 4));
  readonly #port: Port;

  constructor(port: Port) {
    this.#port = port;
    this.send({ door: this.door });
  }

  /** Sends a message, which the helper reads before it looks for work again. */
  send(message: unknown): void {
    Atomics.add(this.door, DOOR.mail, 1);
    this.#port.postMessage(message);
    this.ring();
  }

  /** Ends the helper, and with it all that it knows. It must have nothing to do. */
  end(): void {
    // A reason to go back to its event loop, where it can be ended at once.
    Atomics.add(this.door, DOOR.mail, 1);
    this.ring();
    this.#port.terminate();
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
/** How often all of them were ended. */
let generation = 0;
/** Pieces of work that those who were ended had done. */
let helpedBefore = 0;

/** Whether this thread can share memory and may sleep: a browser's page may not. */
export function mayWait(): boolean {
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
  const started = port && new Helper(port);
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

/** Ends all helpers, between two runs of programs. New ones are started when they are next wanted. */
export function endHelpers(): void {
  helpedBefore = piecesHelped();
  for (const helper of pool) helper.end();
  pool = [];
  generation++;
}

/** Changes when helpers known from before are no more. */
export const helperGeneration = (): number => generation;

/** Pieces of work that helpers have done so far, of all programs. */
export function piecesHelped(): number {
  return pool.reduce((sum, { door }) => sum + Atomics.load(door, DOOR.helped), helpedBefore);
}
