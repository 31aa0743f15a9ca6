// Giving way: between iterations a synthesis lets timers, input and drawing have their turn.

/** Milliseconds of work after which the event loop gets its turn. */
const WORK_MS = 8;

/** Resolves after everything that waits in the event loop now has had its turn. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    // Browsers delay nested timers by 4 ms; messages come at once.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

/** Work that rests; first of all at its start, because what led to it (tracing, compiling) took long. */
export class Rests {
  #since = Number.NEGATIVE_INFINITY;

  /** To be awaited after every few milliseconds of work: lets others have their turn when it is time. */
  async rest(): Promise<void> {
    if (performance.now() - this.#since < WORK_MS) return;
    await pause();
    this.#since = performance.now();
  }
}
