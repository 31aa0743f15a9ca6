// A Program: a graph compiled to WebAssembly, with its data.
//
// Named buffers hold data across runs (inputs, and state that entries update). Every entry is one schedule of kernel
// calls over the same memory; its named outputs stay until it runs again. Constant parts of the graph are computed once,
// when the program is made. What lies where is planned then too, so running allocates nothing. The memory itself is
// borrowed (execution.ts): an idle program may have none. A stack holds many arrays of one shape, of which its windows show
// one each: only their addresses are looked up when an entry runs.

import { type ArrayValue, realOf, sizeOf } from "../ops/definition.ts";
import { describe, ShapeError, sameShape } from "../ops/rules.ts";
import { type ConstantSource, identityOf } from "../wasm/memory/constants.ts";
import type { ProgramData } from "../wasm/memory/data.ts";
import { PAGE } from "../wasm/memory/pool.ts";
import { readArray, writeArray } from "../wasm/transfer.ts";
import { shown } from "../words/shown.ts";
import { type Blueprint, blueprintOf, type Place } from "./blueprint.ts";
import { countProgram } from "./counts.ts";
import { Execution } from "./execution.ts";
import { getGrain } from "./schedule.ts";
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
  /** Bytes of large constants, all together, from which on it shares them with other programs. Tests share small ones. */
  readonly shelf?: number;
  /** A program that works in turns with this one, on parts of the same: neither is set aside for the other while others can be. */
  readonly beside?: Program | undefined;
}

const MAX_THREADS = 64;

/** The large constants of a program of a blueprint. Values that are made when they are needed are made now. */
function sourcesOf({ arrays }: CheckedSpec, { shelved }: Blueprint): ConstantSource[] {
  return shelved.map((one): ConstantSource => {
    const values = one.arrays.map((i) => arrays[i].value as ArrayValue);
    const key = [...values.map(identityOf), one.text].join(" ");
    return { key, layout: one.layout, cell: one.cell, value: one.making === undefined ? values[0] : undefined };
  });
}

/** For those who make programs of their own accord: gives back what a program holds, which is not used any more. */
export let release: (program: Program) => void;

export class Program {
  static {
    release = (program) => program.#execution.release();
  }

  readonly #blueprint: Blueprint;
  /** Where windows are now. */
  readonly #shown = new Map<string, Place>();
  readonly #execution: Execution;
  readonly #data: ProgramData;
  readonly #company: object;

  constructor(spec: ProgramSpec, { threads = 1, grain = getGrain(), shelf, beside }: ProgramOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new RangeError(`program: threads is ${shown(threads)}; it must be a whole number from 1 to ${MAX_THREADS}`);
    }
    this.#company = beside === undefined ? {} : beside.#company;
    const request = checkSpec(spec);
    const blueprint = blueprintOf(request, threads, grain, shelf);
    countProgram();
    this.#blueprint = blueprint;
    // Before there is memory: values that are made only now may take programs of their own, for which this one is set aside.
    const constants = sourcesOf(request, blueprint);
    this.#execution = new Execution(blueprint.module, blueprint.data, blueprint.schedule, blueprint.scratch, {
      company: this.#company,
      constants,
    });
    this.#data = this.#execution.data;
    const { rehearsal } = blueprint;
    const values = request.arrays.map((node, i) =>
      blueprint.arrays[i] !== undefined || rehearsal?.array === i ? (node.value as ArrayValue) : undefined,
    );
    const { buffer } = this.#execution.enter(this);
    for (const { address, bytes } of blueprint.tables) new Uint8Array(buffer).set(bytes, address);
    this.#makeConstants(request);
    blueprint.arrays.forEach((place, i) => {
      if (place !== undefined) writeArray(buffer, place.address, values[i] as ArrayValue, place.layout);
    });
    for (const name of blueprint.windows.keys()) this.select(name, 0);
    if (rehearsal !== undefined) {
      writeArray(buffer, rehearsal.place.address, values[rehearsal.array] as ArrayValue, rehearsal.place.layout);
    }
    // Constant nodes have places of their own: nothing else of the initial plan outlives it.
    this.#execution.run(0, this);
    if (rehearsal !== undefined) {
      const { address, layout } = rehearsal.place;
      const { buffer: after, offset } = this.#data.at(address);
      new Uint8Array(after, offset, layout.bytes).fill(0);
    }
  }

  /** Computes large constants that no program has computed before. The values of the arrays that they are made of are known. */
  #makeConstants({ arrays }: CheckedSpec): void {
    this.#blueprint.shelved.forEach(({ making }, i) => {
      const constant = this.#data.constants[i];
      if (making === undefined || constant.isKnown) return;
      making.arrays.forEach((place, k) => {
        if (place === undefined) return;
        const { buffer, offset } = this.#data.at(place.address);
        writeArray(buffer, offset, arrays[k].value as ArrayValue, place.layout);
      });
      this.#execution.run(making.entry, this);
      constant.isKnown = true;
    });
  }

  /** Bytes of WebAssembly memory that it takes to run. */
  get bytes(): number {
    return this.#blueprint.bytes;
  }

  /** Those of them that it shares with no other program. */
  get ownBytes(): number {
    return this.#data.pages * PAGE;
  }

  /** Threads that share the work. */
  get threads(): number {
    return this.#blueprint.threads;
  }

  /**
   * Lets a window show another slot of its stack. Where an entry writes to a window, the other windows on that stack which
   * it reads must show other slots.
   */
  select(name: string, slot: number): void {
    const { windows, buffers } = this.#blueprint;
    const window = windows.get(name);
    if (window === undefined) {
      throw new RangeError(`program: ${name} is no window; there are ${[...windows.keys()].join(", ") || "none"}`);
    }
    if (!Number.isInteger(slot) || slot < 0 || slot >= window.slots) {
      throw new RangeError(`program: slot ${slot} of ${name}; it must be a whole number from 0 to ${window.slots - 1}`);
    }
    const address = window.base + slot * window.stride;
    this.#data.touch(window.base, slot);
    const cell = this.#data.at(window.cell);
    new DataView(cell.buffer).setInt32(cell.offset, address, true);
    this.#shown.set(name, { ...(buffers.get(name) as Place), address });
  }

  /** Gives a buffer its data; a window, the slot it shows. */
  set(name: string, value: ArrayValue): void {
    if (this.#blueprint.isPassing) throw new RangeError(`program: nothing outlives a run; give ${name} to run()`);
    this.#write(name, value);
  }

  #write(name: string, value: ArrayValue): void {
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
   * Runs an entry to its end, with new data for the buffers that are given: all of them, where nothing outlives a run. If that fails,
   * the program's data is lost and it refuses to run again. Where it was set aside and there is no memory for it now, it throws a
   * MemoryError, and may be tried again.
   */
  run(entry: string, given: Readonly<Record<string, ArrayValue>> = {}): void {
    const { buffers, entries, isPassing } = this.#blueprint;
    const number = entries.get(entry);
    if (number === undefined) {
      throw new RangeError(`program: no entry ${entry}; there are ${[...entries.keys()].join(", ")}`);
    }
    const names = Object.keys(given);
    const lacking = isPassing ? [...buffers.keys()].find((name) => !(name in given)) : undefined;
    if (lacking !== undefined) throw new RangeError(`program: nothing outlives a run, and ${lacking} was not given`);
    // Where it runs: what outlives no run is nowhere else.
    if (names.length > 0) this.#execution.enter(this);
    for (const name of names) this.#write(name, given[name]);
    this.#execution.run(number, this);
  }

  #buffer(name: string): Place {
    const { buffers, outputs } = this.#blueprint;
    const place = this.#shown.get(name) ?? buffers.get(name);
    if (place !== undefined) return place;
    const what = outputs.has(name) ? `${name} is an output, which only running sets` : `no buffer ${name}`;
    throw new RangeError(`program: ${what}; buffers are ${[...buffers.keys()].join(", ")}`);
  }

  #place(name: string): Place {
    const { buffers, outputs } = this.#blueprint;
    const place = this.#shown.get(name) ?? buffers.get(name) ?? outputs.get(name);
    if (place !== undefined) return place;
    const names = [...buffers.keys(), ...outputs.keys()];
    throw new RangeError(`program: no ${name}; there are ${names.join(", ")}`);
  }
}
