// Keeping a call of synthesize() in a file while it runs.

import { FileError } from "@plenoptic-js/formats";
import type { optim } from "@plenoptic-js/tensor";
import { counted } from "../../counted.ts";
import { UserWarning, warn } from "../../warnings.ts";
import type { CheckedCheckpoint } from "../frame/checkpointOptions.ts";
import { CheckpointTimes } from "../frame/checkpointTimes.ts";
import type { SynthesisSummary } from "../frame/iterations.ts";
import type { Keeper } from "../runningSynthesis.ts";

/** Arrays like the image that an optimizer remembers at most after so many steps; null: one that is of a method. */
export function arraysOf(optimizer: optim.Optimizer | null, steps: number): number {
  if (optimizer === null) return 22;
  if (optimizer.kind !== "lbfgs") return optimizer.state.length;
  const { historySize, maxIter } = optimizer.options;
  return 2 + 2 * Math.min(historySize, maxIter * steps);
}

export class FileKeeper implements Keeper {
  readonly taken: Keeper["taken"];
  readonly #checkpoint: CheckedCheckpoint;
  readonly #write: (seconds: number) => Promise<void>;
  readonly #bytes: () => number;
  readonly #times: CheckpointTimes;
  readonly #start = performance.now();
  /** Iterations that the file has; -1 where there is none. */
  #kept: number;

  /**
   * @param taken what was taken up from the file
   * @param write writes the file; it is told for how many seconds the call has run, over all processes
   * @param bytes about how large the file will be
   */
  constructor(
    checkpoint: CheckedCheckpoint,
    taken: Keeper["taken"],
    write: (seconds: number) => Promise<void>,
    bytes: () => number,
  ) {
    this.#checkpoint = checkpoint;
    this.taken = taken;
    this.#write = write;
    this.#bytes = bytes;
    this.#kept = taken.iterations > 0 ? taken.iterations : -1;
    this.#times = new CheckpointTimes(checkpoint.every, taken.iterations);
  }

  async due(iterations: number): Promise<void> {
    if (!this.#times.isDue(iterations, this.#bytes)) return;
    try {
      await this.#keep(iterations);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // What was computed is worth more than that it is kept: it goes on, and tries again.
      const before =
        this.#kept < 0 ? "none was written before" : `that of ${counted(this.#kept, "iteration")} is intact`;
      warn(new UserWarning("checkpoint", `synthesize: no checkpoint could be written: ${error.message}; ${before}`));
    }
  }

  async now(iterations: number): Promise<void> {
    if (iterations > 0 && iterations !== this.#kept) await this.#keep(iterations);
  }

  async finish({ iterations, stopReason }: SynthesisSummary): Promise<void> {
    // A step that finds the end of a descent may forget what misled it.
    const isKept = iterations === this.taken.iterations && stopReason !== "stationary" && stopReason !== "blocked";
    if (!isKept || iterations === 0) await this.#keep(iterations);
  }

  async #keep(iterations: number): Promise<void> {
    const begun = performance.now();
    const told = (kind: "written" | "failed"): void => {
      const seconds = (performance.now() - begun) / 1000;
      this.#times.written(iterations, seconds, this.#bytes());
      this.#checkpoint.tell({ kind, iteration: iterations, seconds });
    };
    try {
      await this.#write(this.taken.seconds + (begun - this.#start) / 1000);
    } catch (error) {
      told("failed");
      throw error;
    }
    this.#kept = iterations;
    told("written");
  }
}
