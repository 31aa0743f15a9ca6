// Turns: of those who work, one at a time does, in the order in which they came.

export class Turns {
  #busy = false;
  readonly #waiting: (() => void)[] = [];

  /** Does work in turns with others: it begins when it is its turn, and `pass` gives the turn to whoever has waited longest. */
  async during<T>(work: (pass: () => Promise<void>) => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work(async () => {
        if (this.#waiting.length === 0) return;
        const again = this.#wait();
        this.#next();
        await again;
      });
    } finally {
      this.#next();
    }
  }

  async #take(): Promise<void> {
    if (this.#busy) await this.#wait();
    this.#busy = true;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** The turn goes to the next one, who finds it taken for himself. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy = false;
    else next();
  }
}
