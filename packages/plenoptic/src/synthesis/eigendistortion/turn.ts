// Long work in turns: stops where it is asked to stop, and lets the event loop have its turn.

import type { Global } from "@plenoptic-js/formats";
import { Rests } from "../frame/pause.ts";
import { type ProgressListener, told } from "../frame/told.ts";

/** What a method says of itself on the way. */
export interface EigendistortionProgress {
  /** What is being done. */
  readonly stage: "jacobian" | "decomposition" | "top" | "bottom";
  /** Which share of this stage is done, 0 to 1; for iterations without a known end, of the most they may take. */
  readonly share: number;
  /** Products F v of this call so far. */
  readonly products: number;
  /** Relative: the largest residual of the wanted pairs as estimated now, as a share of the largest eigenvalue; null where there is none. */
  readonly residual: number | null;
}

export class Turn {
  readonly #signal: Global<"AbortSignal"> | undefined;
  readonly #onProgress: ProgressListener<EigendistortionProgress> | undefined;
  readonly #rests = new Rests();
  /** What reports since the last rest have to wait for. */
  #waiting: Promise<void>[] = [];

  constructor(signal?: Global<"AbortSignal">, onProgress?: ProgressListener<EigendistortionProgress>) {
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** To be awaited after every few milliseconds of work. Rejects with the signal's reason when it aborts. */
  async rest(): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.settle();
    await this.#rests.rest();
    this.#signal?.throwIfAborted();
  }

  /** What the listener has to be waited for is awaited at the next rest. */
  report(progress: EigendistortionProgress): void {
    const waiting = told(this.#onProgress, progress);
    if (waiting === undefined) return;
    // Nobody may wait for it yet, which is no reason to call it unhandled.
    waiting.catch(() => undefined);
    this.#waiting.push(waiting);
  }

  /** To be awaited at the end too, after the last report. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0) await this.#waiting.shift();
  }
}
