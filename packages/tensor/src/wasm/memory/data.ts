// The data of one program, wherever it is: in a memory that it has borrowed, or set aside in JavaScript. Set aside is what
// must outlive a run: all below the region of temporaries, but for the slots of stacks that no window has shown yet, which
// are zero. Addresses are the same in both; whoever reads or writes data asks `at` where it is now.
// Large constants are no part of it: it holds their addresses, which are written whenever it enters a memory.

import { align, GUARD } from "../layout.ts";
import type { Constant, ConstantSource, Home } from "./constants.ts";
import { type Borrower, LARGE, type Loan, MemoryPool, PAGE } from "./pool.ts";

/** Slots of one size, one after the other. */
export interface SlotPlace {
  readonly base: number;
  readonly stride: number;
  readonly slots: number;
}

export interface DataPlan {
  /** Pages of memory in all. */
  readonly pages: number;
  /** The end of what outlives a run. */
  readonly stateEnd: number;
  /** In the order of their addresses, all below `stateEnd`. */
  readonly stacks: readonly SlotPlace[];
  readonly shared: boolean;
}

/** Bytes that lie at an address. */
interface Part {
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

let memories = new MemoryPool();

/** For tests only: the pool of programs made from now on. Without one: a new one. */
export function setMemories(pool: MemoryPool = new MemoryPool()): void {
  memories = pool;
}

/** Engines do not count shared memory as something to collect; an untouched array of the size stands in for it. */
const weights = new WeakMap<ProgramData, ArrayBuffer>();
const HEAVIEST = 1 << 30;

function weigh(data: ProgramData): void {
  const bytes = data.touched + data.bytes - data.pages * PAGE;
  if (!data.shared || bytes <= LARGE) return;
  try {
    weights.set(data, new ArrayBuffer(Math.min(bytes, HEAVIEST)));
  } catch {
    // Then others have to do.
  }
}

export class ProgramData implements Borrower {
  readonly pages: number;
  readonly shared: boolean;
  readonly company: object;
  readonly constants: readonly Constant[];
  /** Where the addresses of the constants are wanted, in their order. */
  readonly #cells: readonly number[];
  readonly #plan: DataPlan;
  readonly #pool = memories;
  readonly #left: () => void;
  /** Of every stack, the slots from its first on that may have been written to. */
  readonly #used: number[];
  #loan: Loan | undefined;
  #aside: Part[] = [];
  #released = false;

  /** Calls `left` when the data leaves its memory. `company` is the borrower's (pool.ts). */
  constructor(
    plan: DataPlan,
    left: () => void,
    {
      company = {},
      constants = [],
    }: { readonly company?: object; readonly constants?: readonly ConstantSource[] } = {},
  ) {
    this.#plan = plan;
    this.pages = plan.pages;
    this.shared = plan.shared;
    this.company = company;
    this.constants = constants.map((source) => this.#pool.constants.of(source));
    this.#cells = constants.map(({ cell }) => cell);
    this.#left = left;
    this.#used = plan.stacks.map(() => 0);
  }

  get bytes(): number {
    const behind = this.constants.reduce((sum, { layout }) => sum + align(layout.bytes), 0);
    return this.pages * PAGE + (behind === 0 ? 0 : behind + GUARD);
  }

  get touched(): number {
    const { stacks } = this.#plan;
    return stacks.reduce((sum, s, i) => sum - (s.slots - this.#used[i]) * s.stride, this.pages * PAGE);
  }

  /** The memory that has the data, borrowed if need be: until `owner` is collected, of which the data must know nothing. */
  enter(owner: object): WebAssembly.Memory {
    if (this.#loan !== undefined) {
      this.#pool.use(this.#loan, this);
      return this.#loan.memory;
    }
    if (this.#released) throw new Error("program: its memory was given back");
    const loan = this.#pool.borrow(this, owner);
    this.#loan = loan;
    const all = new Uint8Array(loan.memory.buffer);
    for (const { from, bytes } of this.#aside) all.set(bytes, from);
    this.#aside = [];
    const view = new DataView(loan.memory.buffer);
    this.constants.forEach(({ home }, i) => {
      view.setInt32(this.#cells[i], (home as Home).address, true);
    });
    weigh(this);
    return loan.memory;
  }

  leave(): WebAssembly.Memory {
    const { buffer } = (this.#loan as Loan).memory;
    const state = this.#state();
    // Copies, which are not shared.
    this.#aside = state.map(({ from, to }) => ({
      from,
      bytes: new Uint8Array(new Uint8Array(buffer, from, to - from)),
    }));
    for (const { from, to } of [...state, { from: this.#plan.stateEnd, to: this.pages * PAGE }]) {
      new Uint8Array(buffer, from, to - from).fill(0);
    }
    return this.drop();
  }

  drop(): WebAssembly.Memory {
    const { memory } = this.#loan as Loan;
    this.#loan = undefined;
    weights.delete(this);
    this.#left();
    return memory;
  }

  /** Gives everything back for good. */
  release(): void {
    this.#released = true;
    this.#aside = [];
    if (this.#loan !== undefined) this.#pool.giveBack(this.#loan, this);
  }

  /** The buffer that holds an address now, and where in it. */
  at(address: number): { readonly buffer: ArrayBufferLike; readonly offset: number } {
    if (this.#loan !== undefined) return { buffer: this.#loan.memory.buffer, offset: address };
    const part =
      this.#aside.find(({ from, bytes }) => from <= address && address < from + bytes.length) ??
      // An array without elements may lie behind all others.
      this.#aside.find(({ from, bytes }) => address === from + bytes.length);
    if (part === undefined) throw new RangeError(`program: nothing is kept at ${address}`);
    return { buffer: part.bytes.buffer, offset: address - part.from };
  }

  /** Says that a slot of a stack will be written to. */
  touch(base: number, slot: number): void {
    const i = this.#plan.stacks.findIndex((s) => s.base === base);
    const { stride } = this.#plan.stacks[i];
    for (; this.#used[i] <= slot; this.#used[i]++) {
      if (this.#loan === undefined) {
        this.#aside.push({ from: base + this.#used[i] * stride, bytes: new Uint8Array(stride) });
      }
    }
  }

  /** Ranges of addresses that hold state: slots one by one, so that none is too long for an array. */
  #state(): { from: number; to: number }[] {
    const ranges: { from: number; to: number }[] = [];
    let from = 0;
    this.#plan.stacks.forEach(({ base, stride, slots }, i) => {
      ranges.push({ from, to: base });
      for (let slot = 0; slot < this.#used[i]; slot++) {
        ranges.push({ from: base + slot * stride, to: base + (slot + 1) * stride });
      }
      from = base + slots * stride;
    });
    return [...ranges, { from, to: this.#plan.stateEnd }].filter((range) => range.to > range.from);
  }
}
