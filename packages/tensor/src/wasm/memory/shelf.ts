// A shelf: the constants (constants.ts) that lie in one memory, behind the data of whoever has the memory. Programs are compiled for data
// that begins at the start of a memory, and look up where a constant lies: so a shelf can move up when there comes one with more data.

import { align, GUARD } from "../layout.ts";
import type { Constant } from "./constants.ts";

interface Entry {
  /** Weak, so that a constant is collected with the programs that have it, and its memory with the last constant. */
  readonly constant: WeakRef<Constant>;
  readonly address: number;
  readonly bytes: number;
}

const endOf = ({ address, bytes }: Entry): number => address + bytes;

export class Shelf {
  #start: number;
  /** By address. */
  #entries: readonly Entry[] = [];

  /** @param start the address from which on there may be constants */
  constructor(start = 0) {
    this.#start = start;
  }

  /** All below is for whoever has the memory; it never sinks. */
  get start(): number {
    return this.#start;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Bytes of all constants. */
  get bytes(): number {
    return this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The memory in which the constants lie, as long as there is one. */
  get memory(): WebAssembly.Memory | undefined {
    for (const { constant } of this.#entries) {
      const home = constant.deref()?.home;
      if (home !== undefined) return home.memory;
    }
    return undefined;
  }

  /** Forgets constants that are no more. */
  sweep(): void {
    this.#entries = this.#entries.filter(({ constant }) => constant.deref() !== undefined);
  }

  /**
   * Has these constants too, behind `start` bytes at least. `grown` gives the memory, of as many bytes as it takes: if it throws, all is as
   * before. Below the shelf it is zero afterwards where it was so before.
   */
  stock(constants: readonly Constant[], start: number, grown: (bytes: number) => WebAssembly.Memory): void {
    const shift = Math.max(0, start - this.#start);
    const entries = this.#entries.map((entry) => ({ ...entry, address: entry.address + shift }));
    for (const constant of new Set(constants)) {
      if (constant.home?.shelf === this) continue;
      const bytes = align(constant.layout.bytes);
      // The first gap that is wide enough.
      let address = this.#start + shift;
      let i = 0;
      for (; i < entries.length && entries[i].address - address < bytes; i++) address = endOf(entries[i]);
      entries.splice(i, 0, { constant: new WeakRef(constant), address, bytes });
    }
    if (entries.length === this.#entries.length && shift === 0) return;
    const memory = grown(endOf(entries[entries.length - 1]) + GUARD);
    if (shift > 0 && !this.isEmpty) {
      const all = new Uint8Array(memory.buffer);
      all.copyWithin(this.#start + shift, this.#start, endOf(this.#entries[this.#entries.length - 1]));
      all.fill(0, this.#start, this.#start + shift);
    }
    this.#start += shift;
    this.#entries = entries;
    for (const { constant, address } of entries) {
      const one = constant.deref();
      const home = { shelf: this, memory, address };
      if (one?.home?.shelf === this) one.home = home;
      else one?.put(home);
    }
  }

  /** Has all constants leave the memory. Throws a RangeError where there is no room for their values: then some stay. */
  setAside(): void {
    while (this.#entries.length > 0) {
      const [first, ...rest] = this.#entries;
      first.constant.deref()?.setAside();
      this.#entries = rest;
    }
  }
}
