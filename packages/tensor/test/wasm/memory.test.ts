// The pool of memories: who gets which, who has to leave, and what happens where a system gives no more.

import { describe, expect, it } from "vitest";
import { type Borrower, type Loan, MemoryPool, PAGE } from "../../src/wasm/memory/pool.ts";

/** A borrower whose state is its first byte. */
class Guest implements Borrower {
  readonly pages: number;
  readonly shared: boolean;
  readonly touched: number;
  readonly company: object;
  readonly constants = [];
  readonly bytes: number;
  readonly pool: MemoryPool;
  loan: Loan | undefined;
  stays = false;
  #byte = 0;

  constructor(pool: MemoryPool, pages: number, { shared = false, touched = pages * PAGE, company = {} } = {}) {
    this.pool = pool;
    this.pages = pages;
    this.bytes = pages * PAGE;
    this.shared = shared;
    this.touched = touched;
    this.company = company;
  }

  /** As much as is looked at and written to. */
  get #bytes(): Uint8Array {
    return new Uint8Array((this.loan as Loan).memory.buffer, 0, Math.min(this.pages, 8) * PAGE);
  }

  enter(): this {
    if (this.loan === undefined) {
      this.loan = this.pool.borrow(this, {});
      // Nothing of anyone else.
      expect(Buffer.compare(this.#bytes, Buffer.alloc(this.#bytes.length))).toBe(0);
      this.#bytes.fill(255);
      this.#bytes[0] = this.#byte;
    } else this.pool.use(this.loan, this);
    this.#byte = ++this.#bytes[0];
    return this;
  }

  leave(): WebAssembly.Memory {
    if (this.stays) throw new RangeError("no room");
    expect(this.#bytes[0]).toBe(this.#byte);
    this.#bytes.fill(0);
    return this.drop();
  }

  drop(): WebAssembly.Memory {
    const { memory } = this.loan as Loan;
    this.loan = undefined;
    return memory;
  }
}

const LARGE = 257;

describe("a pool of memories", () => {
  it("makes as many as it may, then sets aside who was idle longest", () => {
    const pool = new MemoryPool({ most: 3 });
    const guests = Array.from({ length: 4 }, () => new Guest(pool, 2));
    for (const guest of guests) guest.enter();
    expect([pool.made, pool.evictions]).toEqual([3, 1]);
    expect(guests.map(({ loan }) => loan !== undefined)).toEqual([false, true, true, true]);
    guests[1].enter();
    guests[0].enter();
    expect(guests.map(({ loan }) => loan !== undefined)).toEqual([true, true, false, true]);
    expect([pool.made, pool.evictions]).toEqual([3, 2]);
  });

  it("has as many of either kind", () => {
    const pool = new MemoryPool({ most: 1 });
    const [own, shared] = [false, true].map((kind) => new Guest(pool, 1, { shared: kind }).enter());
    expect([pool.made, pool.evictions]).toEqual([2, 0]);
    expect(own.loan?.memory.buffer).toBeInstanceOf(ArrayBuffer);
    expect(shared.loan?.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("gives the smallest that is free and large enough, and else grows the largest", () => {
    const pool = new MemoryPool();
    const guests = [1, 4, 2].map((pages) => new Guest(pool, pages).enter());
    const memories = guests.map((guest) => guest.loan?.memory);
    for (const guest of guests) pool.giveBack(guest.loan as Loan, guest);
    expect(new Guest(pool, 2).enter().loan?.memory).toBe(memories[2]);
    const grown = new Guest(pool, 5).enter().loan?.memory;
    expect(grown).toBe(memories[1]);
    expect(grown?.buffer.byteLength).toBe(5 * PAGE);
    expect(pool.made).toBe(3);
  });

  it("makes those that return seldom stay longer: small ones take turns before a large one leaves", () => {
    const pool = new MemoryPool({ most: 2 });
    const large = new Guest(pool, 1000).enter();
    const small = Array.from({ length: 3 }, () => new Guest(pool, 1));
    for (let i = 0; i < 10; i++) small[i % 3].enter();
    expect([large.loan !== undefined, pool.evictions]).toEqual([true, 9]);
    // But it is not kept for ever.
    for (let i = 0; i < 20; i++) small[i % 3].enter();
    expect(large.loan).toBe(undefined);
  });

  it("gives up large ones as soon as they are free", async () => {
    for (const shared of [false, true]) {
      const pool = new MemoryPool();
      const [small, large] = [1, LARGE].map((pages) => new Guest(pool, pages, { shared }).enter());
      // Who is known weakly is still given back.
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const guest of [small, large]) pool.giveBack(guest.loan as Loan, guest);
      expect(pool.size).toBe(1);
    }
  });

  it("sets aside large ones that touch too much together, and no small ones", () => {
    const pool = new MemoryPool({ budget: 1000 * PAGE });
    const small = new Guest(pool, 100).enter();
    const large = [400, 400, 400].map((pages) => new Guest(pool, pages).enter());
    expect([small, ...large].map(({ loan }) => loan !== undefined)).toEqual([true, false, true, true]);
    // What one needs alone it gets.
    const huge = new Guest(pool, 2000).enter();
    expect([small, huge, ...large].map(({ loan }) => loan !== undefined)).toEqual([true, true, false, false, false]);
    // Much that is not touched counts for nothing.
    new Guest(pool, 3000, { touched: 10 }).enter();
    expect(huge.loan).not.toBe(undefined);
    expect(pool.size).toBe(3);
  });

  it("sets aside nobody for one of the same company, unless there is nobody else", () => {
    const company = {};
    const pool = new MemoryPool({ budget: 1000 * PAGE, most: 3 });
    const other = new Guest(pool, 400).enter();
    const [a, b, c, d] = [400, 800, 800, 800].map((pages) => new Guest(pool, pages, { company }));
    const isIn = (): boolean[] => [other, a, b, c, d].map(({ loan }) => loan !== undefined);
    a.enter();
    // Together more than the budget.
    b.enter();
    expect(isIn()).toEqual([false, true, true, false, false]);
    c.enter();
    expect([isIn(), pool.size]).toEqual([[false, true, true, true, false], 3]);
    // No memory is left, so one of its own makes room.
    d.enter();
    expect([isIn(), pool.evictions]).toEqual([[false, false, true, true, true], 2]);
    // Others set all of it aside.
    other.enter();
    expect(isIn()).toEqual([true, false, false, false, false]);
  });
});

describe("where a system gives no more", () => {
  const limited = (fits: (descriptor: WebAssembly.MemoryDescriptor) => boolean, most = 8): MemoryPool =>
    new MemoryPool({
      most,
      make: (descriptor) => {
        if (!fits(descriptor)) throw new RangeError("out of memory");
        return new WebAssembly.Memory(descriptor);
      },
    });

  it("fewer memories do", () => {
    let asked = 0;
    const pool = limited(() => ++asked <= 2);
    const guests = Array.from({ length: 6 }, () => new Guest(pool, 1));
    for (let round = 0; round < 3; round++) for (const guest of guests) guest.enter();
    expect(pool.made).toBe(2);
    // What was refused is not asked for again, in none of its sizes.
    expect(asked).toBe(6);
  });

  it("a smaller maximum does", () => {
    const maxima: number[] = [];
    const pool = limited(({ maximum = 0 }) => maxima.push(maximum) > 0 && maximum < 5000);
    const loans = [1, 2].map((pages) => new Guest(pool, pages).enter().loan);
    expect(loans.map((loan) => loan?.memory.buffer.byteLength)).toEqual([PAGE, 2 * PAGE]);
    expect(maxima).toEqual([65536, 16384, 4096, 4096]);
  });

  it("a memory that cannot grow so far makes way", () => {
    const pool = limited(({ maximum = 0, initial }) => maximum < 5000 || initial >= 5000, 1);
    const first = new Guest(pool, 1).enter();
    const second = new Guest(pool, 5000, { touched: 5000 }).enter();
    expect([first.loan, second.loan?.memory.buffer.byteLength]).toEqual([undefined, 5000 * PAGE]);
    expect([pool.size, pool.made]).toEqual([1, 2]);
  });

  it("large ones are set aside", () => {
    let free = 1000;
    const pool = limited(({ initial }) => {
      if (initial > free) return false;
      free -= initial;
      return true;
    });
    const guests = [400, 300, 10].map((pages) => new Guest(pool, pages).enter());
    const giveUp = Guest.prototype.leave;
    for (const guest of guests) {
      guest.leave = () => {
        free += guest.pages;
        return giveUp.call(guest);
      };
    }
    const large = new Guest(pool, 600).enter();
    expect([...guests, large].map(({ loan }) => loan !== undefined)).toEqual([false, false, true, true]);
  });

  it("the engine's error says so, and everything is as before", () => {
    const pool = limited(({ initial }) => initial < 10);
    const small = new Guest(pool, 1).enter();
    small.stays = true;
    expect(() => new Guest(pool, 10).enter()).toThrow(/out of memory/);
    small.enter();
    small.stays = false;
    const next = new Guest(pool, 1).enter();
    expect([small.loan, next.loan !== undefined, pool.made, pool.evictions]).toEqual([undefined, true, 1, 1]);
  });

  it("who finds no room for its state stays, and another leaves", () => {
    const pool = new MemoryPool({ most: 2 });
    const guests = [1, 2].map((pages) => new Guest(pool, pages).enter());
    guests[0].stays = true;
    new Guest(pool, 1).enter();
    expect(guests.map(({ loan }) => loan !== undefined)).toEqual([true, false]);
    for (const stays of [new Guest(pool, 1).enter(), guests[0]]) stays.stays = true;
    expect(() => new Guest(pool, 1).enter()).toThrow(/no room for the data/);
  });
});

describe("a large memory that was given up", () => {
  it("is not resident any more when another is made", () => {
    const pool = new MemoryPool();
    const bytes = 400 * 1024 * 1024;
    const touched = (): Guest => {
      const guest = new Guest(pool, bytes / PAGE).enter();
      new Uint8Array((guest.loan as Loan).memory.buffer).fill(1);
      return guest;
    };
    const use = (): void => {
      const guest = touched();
      pool.giveBack(guest.loan as Loan, guest);
    };
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 4; i++) use();
    expect(process.memoryUsage.rss() - before).toBeLessThan(1.5 * bytes);
  });

  it("is not lent to whoever wants much less", () => {
    const pool = new MemoryPool({ budget: 1 });
    new Guest(pool, 6000).enter();
    const small = new Guest(pool, 500).enter();
    expect((small.loan as Loan).memory.buffer.byteLength).toBe(500 * PAGE);
    expect(pool.evictions).toBe(1);
    expect(pool.size).toBe(1);
  });
});
