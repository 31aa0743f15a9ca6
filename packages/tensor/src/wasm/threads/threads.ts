// Runs a program's schedule, alone or with helper threads on the same memory.
//
// An entry is a list of phases. A phase is a list of pieces of work that may be done in any order and by any thread; it
// is finished when all its pieces are. The calling thread walks through the phases. In a shared phase every thread has
// a range of pieces; it takes its own from the front, then those of others from the back, so that neighbouring pieces
// stay with one thread and its cache. Helpers are never waited for, except to finish a piece they have taken: a helper
// that sleeps, is late or has not started yet only does less. Which thread does what changes no bits.
//
// Taking a piece is one compare-and-exchange on a range's word. Whoever has taken one of a phase's pieces keeps the
// phase from ending, so what it reads afterwards (the phase's first piece) belongs to the same phase, whenever the word
// was read first. Threads that find nothing look again for a short while, then sleep; there is no garbage.

import { type Helper, helperGeneration } from "./pool.ts";
import type { Phase, Schedule } from "./schedule.ts";
import { CONTROL, DOOR } from "./worker.ts";

/**
 * Looks at the pieces that are not finished, before the calling thread goes to sleep: some 40 microseconds. Tried beside
 * others: bench/RESULTS.md, "Tuned numbers".
 */
const LOOKS = 2500;

type Call = (scratch: number, begin: number, end: number) => void;

let lastId = 0;

/** A program in one memory. Another memory takes another runner, so that no helper ever mistakes one for the other. */
export class Runner {
  readonly #id = ++lastId;
  readonly #calls: readonly Call[];
  readonly #pieces: Int32Array;
  readonly #entries: readonly (readonly Phase[])[];
  readonly #scratch: number;
  readonly #helpers: readonly Helper[];
  readonly #generation = helperGeneration();
  readonly #control: Int32Array;

  /**
   * `scratch` holds the address of every thread's own scratch area, the calling thread's first. With helpers the memory
   * must be shared.
   */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    schedule: Schedule,
    scratch: readonly number[],
    helpers: readonly Helper[],
  ) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const { functions, pieces } = schedule;
    this.#calls = functions.map((name) => exports[name] as Call);
    this.#pieces = pieces;
    this.#entries = schedule.entries;
    this.#scratch = scratch[0];
    this.#helpers = helpers;
    const threads = helpers.length + 1;
    const words = CONTROL.ranges + CONTROL.stride * threads;
    this.#control = new Int32Array(helpers.length === 0 ? new ArrayBuffer(0) : new SharedArrayBuffer(4 * words));
    if (helpers.length === 0) return;
    const program = { id: this.#id, module, memory, control: this.#control, functions, pieces, threads };
    helpers.forEach((helper, i) => {
      helper.send({ ...program, thread: i + 1, scratch: scratch[i + 1] });
    });
  }

  /** Whether its helpers were ended, so that another runner would have more of them. */
  get deserted(): boolean {
    return this.#helpers.length > 0 && this.#generation !== helperGeneration();
  }

  /** Lets helpers forget it. It is not run any more. */
  close(): void {
    if (!this.deserted) for (const helper of this.#helpers) helper.send({ forget: this.#id });
  }

  /** Pieces of work that helpers have done so far. */
  get helped(): number {
    return this.#helpers.length === 0 ? 0 : Atomics.load(this.#control, CONTROL.helped);
  }

  /** Runs an entry to its end. */
  run(entry: number): void {
    const helpers = this.#helpers;
    for (let i = 0; i < helpers.length; i++) Atomics.store(helpers[i].door, DOOR.program, this.#id);
    const phases = this.#entries[entry];
    for (let i = 0; i < phases.length; i++) {
      const phase = phases[i];
      if (phase.shared) this.#share(phase);
      else for (let piece = phase.first; piece < phase.first + phase.count; piece++) this.#do(piece);
    }
  }

  #do(piece: number): void {
    const pieces = this.#pieces;
    this.#calls[pieces[3 * piece]](this.#scratch, pieces[3 * piece + 1], pieces[3 * piece + 2]);
  }

  #share(phase: Phase): void {
    const control = this.#control;
    this.#offer(phase);
    let failure: Error | undefined;
    for (let piece = this.#take(); piece >= 0; piece = this.#take()) {
      try {
        if (failure === undefined) this.#do(piece);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      Atomics.sub(control, CONTROL.pending, 1);
    }
    this.#join();
    if (failure !== undefined) throw failure;
    const length = Atomics.load(control, CONTROL.failure);
    if (length !== 0) {
      const text = String.fromCharCode(...control.subarray(CONTROL.failureText, CONTROL.failureText + length));
      throw new Error(`program: a helper thread failed: ${text}`);
    }
  }

  /** Makes a phase's pieces free to take. */
  #offer({ first, count, wakes }: Phase): void {
    const control = this.#control;
    const helpers = this.#helpers;
    const threads = helpers.length + 1;
    Atomics.store(control, CONTROL.base, first);
    Atomics.store(control, CONTROL.pending, count);
    for (let t = 0; t < threads; t++) {
      const begin = Math.floor((count * t) / threads);
      const end = Math.floor((count * (t + 1)) / threads);
      Atomics.store(control, CONTROL.ranges + CONTROL.stride * t, begin | (end << 16));
    }
    if (wakes) for (let i = 0; i < helpers.length; i++) helpers[i].ring();
  }

  /** A free piece, or -1 when all are taken. */
  #take(): number {
    const control = this.#control;
    const threads = this.#helpers.length + 1;
    for (let t = 0; t < threads; t++) {
      const word = CONTROL.ranges + CONTROL.stride * t;
      for (;;) {
        const range = Atomics.load(control, word);
        const next = range & 0xffff;
        const end = range >>> 16;
        if (next >= end) break;
        const left = t === 0 ? range + 1 : range - 0x10000;
        if (Atomics.compareExchange(control, word, range, left) !== range) continue;
        return Atomics.load(control, CONTROL.base) + (t === 0 ? next : end - 1);
      }
    }
    return -1;
  }

  /** Waits until all pieces are finished. */
  #join(): void {
    const control = this.#control;
    for (let looks = 0; Atomics.load(control, CONTROL.pending) > 0; looks++) {
      if (looks < LOOKS) continue;
      Atomics.store(control, CONTROL.waiting, 1);
      if (Atomics.load(control, CONTROL.pending) > 0) Atomics.wait(control, CONTROL.waiting, 1);
      Atomics.store(control, CONTROL.waiting, 0);
    }
  }
}
