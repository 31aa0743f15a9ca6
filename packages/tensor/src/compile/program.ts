// A Program: a graph compiled to WebAssembly, with its data.
//
// Named buffers hold data across runs (inputs, and state that entries update). Every entry is one schedule of kernel
// calls over the same memory; its named outputs stay until it runs again. Constant parts of the graph are computed once,
// when the program is made. What lies where is planned then too, so running allocates nothing. The memory itself is
// borrowed (execution.ts): an idle program may have none. A stack holds many arrays of one shape, of which its windows show
// one each: only their addresses are looked up when an entry runs.

import { type ArrayValue, type Node, realOf, sizeOf } from "../ops/definition.ts";
import { describe, ShapeError, sameShape } from "../ops/rules.ts";
import { type Layout, layoutOf } from "../wasm/layout.ts";
import type { ProgramData } from "../wasm/memory/data.ts";
import { MAX_PAGES, PAGE } from "../wasm/memory/pool.ts";
import { helpers } from "../wasm/threads/pool.ts";
import { readArray, writeArray } from "../wasm/transfer.ts";
import { shown } from "../words/shown.ts";
import { Execution } from "./execution.ts";
import { link, stepName } from "./link.ts";
import { Places, type Window } from "./places.ts";
import { type EntryPlan, type Parts, partsOf, planEntries } from "./plan.ts";
import { countProgram } from "./programCount.ts";
import { cutSteps, getGrain, type StepCost } from "./schedule.ts";
import { type CheckedSpec, checkSpec, type ProgramSpec } from "./spec.ts";

export type { EntrySpec, ProgramSpec } from "./spec.ts";

export interface ProgramOptions {
  /**
   * Threads that share the work, the calling one included: a whole number from 1 to 64, by default 1. The bits do not
   * depend on it. Where threads are not to be had, everything runs on the calling one.
   */
  readonly threads?: number;
  /** Nanoseconds of work that a thread takes at once. Tests cut finer, so that small graphs are shared too. */
  readonly grain?: number;
}

const MAX_THREADS = 64;

interface Place {
  readonly address: number;
  readonly layout: Layout;
}

const placeOf = (node: Node, address: number): Place => ({ address, layout: layoutOf(node.shape, node.dtype) });

/** For those who make programs of their own accord: gives back what a program holds, which is not used any more. */
export let release: (program: Program) => void;

export class Program {
  static {
    release = (program) => program.#execution.release();
  }

  readonly #buffers = new Map<string, Place>();
  readonly #windows = new Map<string, Window>();
  readonly #outputs = new Map<string, Place>();
  readonly #entries = new Map<string, number>();
  readonly #execution: Execution;
  readonly #data: ProgramData;
  /** Bytes of WebAssembly memory that it takes to run. */
  readonly bytes: number;
  /** Threads that share the work. */
  readonly threads: number;

  constructor(spec: ProgramSpec, { threads = 1, grain = getGrain() }: ProgramOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new RangeError(`program: threads is ${shown(threads)}; it must be a whole number from 1 to ${MAX_THREADS}`);
    }
    const request = checkSpec(spec);
    const parts = partsOf(request);
    const { plans, kept } = planEntries(request, parts, threads > 1);
    const places = new Places(request, kept);
    places.add(plans, threads);
    this.bytes = places.pages * PAGE;

    // Helpers, and the shared memory they need, only if there is something to share.
    const costs = plans.map(({ steps, groups }, n) =>
      steps.map(({ units, unitCost }, i): StepCost => ({ name: stepName(n, i), units, unitCost, group: groups[i] })),
    );
    const wanted = cutSteps(costs, threads, grain);
    const crew = wanted.entries.some((phases) => phases.some((phase) => phase.shared)) ? helpers(threads - 1) : [];
    this.threads = crew.length + 1;
    const plan = {
      pages: places.pages,
      stateEnd: places.stateEnd,
      stacks: places.stacks,
      shared: crew.length > 0,
    };

    countProgram();
    const module = link(plans, places, { initialPages: plan.pages, maximumPages: MAX_PAGES, shared: plan.shared });
    const schedule = this.threads === threads ? wanted : cutSteps(costs, this.threads, grain);
    this.#execution = new Execution(module, plan, schedule, places.scratch.slice(0, this.threads));
    this.#data = this.#execution.data;
    this.#fill(request, parts, plans, places);
    // Constant nodes have places of their own: nothing else of the initial plan outlives it.
    this.#execution.run(0, this);
  }

  /** Writes tables and arrays into the fresh memory, and notes where things with names lie. */
  #fill({ buffers, entries }: CheckedSpec, { arrays }: Parts, plans: readonly EntryPlan[], places: Places): void {
    const { buffer } = this.#execution.enter(this);
    plans.forEach(({ tables }, n) => {
      tables.forEach((t, i) => {
        new Uint8Array(buffer).set(t, places.tables(n)[i]);
      });
    });
    for (const node of arrays) {
      const at = places.array(node, plans[0]);
      if (at === undefined) continue;
      const { address, layout } = placeOf(node, at);
      writeArray(buffer, address, node.value as ArrayValue, layout);
    }
    for (const [name, node] of buffers) {
      this.#buffers.set(name, placeOf(node, places.kept(node)));
      const window = places.windows.get(node);
      if (window === undefined) continue;
      this.#windows.set(name, window);
      this.select(name, 0);
    }
    entries.forEach((e, n) => {
      this.#entries.set(e.name, n + 1);
      for (const [name, node] of e.outputs) {
        this.#outputs.set(`${e.name}.${name}`, placeOf(node, places.output(n, node)));
      }
    });
  }

  /**
   * Lets a window show another slot of its stack. Where an entry writes to a window, the other windows on that stack which
   * it reads must show other slots.
   */
  select(name: string, slot: number): void {
    const window = this.#windows.get(name);
    if (window === undefined) {
      throw new RangeError(
        `program: ${name} is no window; there are ${[...this.#windows.keys()].join(", ") || "none"}`,
      );
    }
    if (!Number.isInteger(slot) || slot < 0 || slot >= window.slots) {
      throw new RangeError(`program: slot ${slot} of ${name}; it must be a whole number from 0 to ${window.slots - 1}`);
    }
    const address = window.base + slot * window.stride;
    this.#data.touch(window.base, slot);
    const cell = this.#data.at(window.cell);
    new DataView(cell.buffer).setInt32(cell.offset, address, true);
    this.#buffers.set(name, { ...(this.#buffers.get(name) as Place), address });
  }

  /** Gives a buffer its data; a window, the slot it shows. */
  set(name: string, value: ArrayValue): void {
    const { address, layout } = this.#buffer(name);
    if (!sameShape(layout.shape, value.shape) || layout.dtype !== value.dtype) {
      throw new ShapeError(`program: ${name} is ${describe(layout)}, the data ${describe(value)}`);
    }
    const { buffer, offset } = this.#data.at(address);
    writeArray(buffer, offset, value, layout);
  }

  /** Gives a buffer of one real number its value: any number for floats, else one that the dtype holds exactly. */
  setNumber(name: string, value: number): void {
    const { address, layout } = this.#buffer(name);
    const { dtype, shape } = layout;
    if (sizeOf(shape) !== 1 || layout.components !== 1) {
      throw new ShapeError(`program: ${name} is ${describe(layout)}, not one real number; give it an array by set()`);
    }
    const { buffer, offset } = this.#data.at(address);
    const view = new DataView(buffer);
    if (dtype === "float64") view.setFloat64(offset, value, true);
    else if (dtype === "float32") view.setFloat32(offset, value, true);
    else {
      if (dtype === "bool" ? value !== 0 && value !== 1 : value !== (value | 0)) {
        throw new RangeError(`program: ${name} is ${dtype}, which cannot hold ${value}`);
      }
      view.setInt32(offset, value, true);
    }
  }

  /** A copy of a buffer, or of an output ("entry.output"). */
  get(name: string): ArrayValue {
    const { address, layout } = this.#place(name);
    const { buffer, offset } = this.#data.at(address);
    return readArray(buffer, offset, layout);
  }

  /** The first element of a buffer or output; of a complex one, its real part. */
  getNumber(name: string): number {
    const { address, layout } = this.#place(name);
    if (sizeOf(layout.shape) === 0) throw new ShapeError(`program: ${name} is ${describe(layout)}: it has no element`);
    const { buffer, offset } = this.#data.at(address);
    const view = new DataView(buffer);
    const real = realOf(layout.dtype);
    if (real === "float64") return view.getFloat64(offset, true);
    return real === "float32" ? view.getFloat32(offset, true) : view.getInt32(offset, true);
  }

  /** Pieces of work that helper threads have done so far. */
  get helped(): number {
    return this.#execution.helped;
  }

  /**
   * Runs an entry to its end. If that fails, the program's data is lost and it refuses to run again. Where it was set aside and
   * there is no memory for it now, it throws a MemoryError, and may be tried again.
   */
  run(entry: string): void {
    const number = this.#entries.get(entry);
    if (number === undefined) {
      throw new RangeError(`program: no entry ${entry}; there are ${[...this.#entries.keys()].join(", ")}`);
    }
    this.#execution.run(number, this);
  }

  #buffer(name: string): Place {
    const place = this.#buffers.get(name);
    if (place !== undefined) return place;
    const what = this.#outputs.has(name) ? `${name} is an output, which only running sets` : `no buffer ${name}`;
    throw new RangeError(`program: ${what}; buffers are ${[...this.#buffers.keys()].join(", ")}`);
  }

  #place(name: string): Place {
    const place = this.#buffers.get(name) ?? this.#outputs.get(name);
    if (place !== undefined) return place;
    const names = [...this.#buffers.keys(), ...this.#outputs.keys()];
    throw new RangeError(`program: no ${name}; there are ${names.join(", ")}`);
  }
}
