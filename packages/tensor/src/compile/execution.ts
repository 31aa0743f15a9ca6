// A compiled program while it lives: its data, in a borrowed memory or set aside, and whoever runs it there. A runner knows
// one memory, so it is made when a memory is borrowed, and anew after the data was set aside or the helpers were ended.

import type { ConstantSource } from "../wasm/memory/constants.ts";
import { type DataPlan, ProgramData } from "../wasm/memory/data.ts";
import { helpers } from "../wasm/threads/pool.ts";
import type { Schedule } from "../wasm/threads/schedule.ts";
import { Runner } from "../wasm/threads/threads.ts";
import { refusedMemory } from "./memory.ts";

export interface ExecutionOptions {
  /** The borrower's (pool.ts). */
  readonly company?: object;
  /** Large constants (constants.ts). */
  readonly constants?: readonly ConstantSource[];
  /** Gives helpers. */
  readonly crew?: typeof helpers;
}

export class Execution {
  readonly data: ProgramData;
  readonly #module: WebAssembly.Module;
  readonly #schedule: Schedule;
  readonly #scratch: readonly number[];
  readonly #crew: typeof helpers;
  #runner: Runner | undefined;
  /** Pieces done by helpers of former runners. */
  #helped = 0;
  /** What went wrong in an earlier run. */
  #failure: unknown;

  /**
   * `scratch` holds the address of every thread's own scratch area, the calling thread's first: as many threads run it, or
   * fewer. With more than one the data must be shared.
   */
  constructor(
    module: WebAssembly.Module,
    plan: DataPlan,
    schedule: Schedule,
    scratch: readonly number[],
    { company = {}, constants = [], crew = helpers }: ExecutionOptions = {},
  ) {
    this.data = new ProgramData(plan, () => this.#close(), { company, constants });
    this.#module = module;
    this.#schedule = schedule;
    this.#scratch = scratch;
    this.#crew = crew;
  }

  /** Pieces of work that helper threads have done so far. */
  get helped(): number {
    return this.#helped + (this.#runner?.helped ?? 0);
  }

  /** Borrows a memory for the data if it has none, until `owner` is collected. The execution must not know its owner. */
  enter(owner: object): WebAssembly.Memory {
    try {
      return this.data.enter(owner);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refusedMemory(this.data.bytes, error);
    }
  }

  /** Runs an entry to its end. After a failure it refuses to run again. */
  run(entry: number, owner: object): void {
    if (this.#failure !== undefined) {
      throw new Error("program: an earlier run failed, so its data is not to be trusted; make a new program", {
        cause: this.#failure,
      });
    }
    const memory = this.enter(owner);
    if (this.#runner?.deserted) this.#close();
    this.#runner ??= this.#bind(memory);
    try {
      this.#runner.run(entry);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Gives the memory back for good. */
  release(): void {
    this.data.release();
  }

  #bind(memory: WebAssembly.Memory): Runner {
    const crew = this.data.shared ? this.#crew(this.#scratch.length - 1) : [];
    return new Runner(this.#module, memory, this.#schedule, this.#scratch, crew);
  }

  #close(): void {
    this.#helped = this.helped;
    this.#runner?.close();
    this.#runner = undefined;
  }
}
