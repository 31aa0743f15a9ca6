// The memories of this thread, which programs borrow. A program that is idle while another needs its memory is set aside: it
// copies its state out (data.ts) and borrows again when it next runs. So any number of programs may be alive, the number of
// memories is small, and nobody has to free anything.
//
// Who is set aside is found by GreedyDual (Young 1994, "The k-server dual and loose competitiveness for paging"): a borrower is
// worth what it costs to bring it back, counted from a floor that rises to the worth of whoever had to leave. So small ones
// take turns, and a large one is not copied again and again for their sake.
//
// Programs with the same large constants share one memory, in which these lie once, and take turns in it (shelf.ts): each is set aside
// for the next, but for the constants. Only where the memory is given up are the constants set aside too.
//
// Once the owner of a borrower is collected, its memory is free. Small memories are kept for the next one. Large ones are
// given up: a memory that is shared exists for as long as any thread knows it, and a helper thread that sleeps collects
// nothing, so the helpers are ended, and started anew when they are next wanted. Before another large one is made, those that were given
// up are collected (collect.ts): else both would be resident.

import { endHelpers } from "../threads/pool.ts";
import { collectNow } from "./collect.ts";
import { type Constant, Constants } from "./constants.ts";
import { Shelf } from "./shelf.ts";

export const PAGE = 65536;
/** What modules declare as the largest size of their memory, so that any memory fits any module. */
export const MAX_PAGES = 65536;

const MIB = 1024 * 1024;
/** Memories of each kind, shared and not. A page of Chromium has addresses for some hundred. */
const MOST = 8;
/** Bytes of a memory that is given up as soon as it is free. */
export const LARGE = 16 * MIB;
/** Bytes that large programs may touch together, before idle ones are set aside for another. */
const BUDGET = 512 * MIB;
/** Bytes of a memory, or of memories given up, from which on garbage is collected before one is set aside or another made. */
const MUCH = 256 * MIB;
/** A free memory that is so many times as large as wanted is not lent: all of it would stay resident. */
const TOO_LARGE = 1.25;
/** What coming back costs besides copying, as bytes to copy. */
const RETURN = 4 * MIB;
/** Maxima to ask for, in pages, where a system does not give the largest. */
const SMALLER_MAXIMA = [16384, 4096];

/** Who borrows. */
export interface Borrower {
  readonly shared: boolean;
  readonly pages: number;
  /** Large ones that others may have too: they lie behind all else. */
  readonly constants: readonly Constant[];
  /** Bytes that it takes, its constants included. */
  readonly bytes: number;
  /** Those who work in turns have the same: none of them is set aside for another while others can be. */
  readonly company: object;
  /** Bytes it has written to, or will. */
  readonly touched: number;
  /**
   * Takes its state out of its memory, which it leaves full of zeros and gives back. Where there is no room for the state it
   * throws a RangeError, and stays.
   */
  leave(): WebAssembly.Memory;
  /** Gives its memory back as it is: nobody needs what is in it. */
  drop(): WebAssembly.Memory;
}

/** A memory of the pool, as its borrower sees it. */
export interface Loan {
  readonly memory: WebAssembly.Memory;
  readonly place: Place;
}

/** One memory of the pool. */
interface Place {
  readonly shared: boolean;
  /** What it can grow to, in pages. */
  readonly maximum: number;
  bytes: number;
  /** Undefined while it is lent. */
  memory: WebAssembly.Memory | undefined;
  /**
   * Who has it. Of a large one only weakly, from the next turn of the event loop on (a turn keeps alive what it knows weakly): so
   * it is collected at once with its owner.
   */
  borrower: Borrower | WeakRef<Borrower> | undefined;
  /** Its borrower's. */
  company: object | undefined;
  /** Bytes that its borrower has touched, but for its constants. */
  touched: number;
  /** Constants of its borrower, and of others who had it and will come back. While there are any, it is for such alone. */
  shelf: Shelf;
  /** Counts borrowers, so that what is heard late of an earlier one is told from news of this one. */
  tenancy: number;
  /** GreedyDual's. */
  value: number;
  /** Bytes from its start on which may not be zero, while it is free. */
  dirty: number;
}

const isFree = (place: Place): boolean => place.borrower === undefined && place.shelf.isEmpty;
const borrowerOf = ({ borrower }: Place): Borrower | undefined =>
  borrower instanceof WeakRef ? borrower.deref() : borrower;
const isLarge = (place: Place): boolean => place.bytes > LARGE;
/** Bytes that are touched in all. */
const touchedIn = ({ touched, shelf }: Place): number => touched + shelf.bytes;

export interface PoolOptions {
  /** Memories of each kind, at most. */
  readonly most?: number;
  /** Bytes that large programs may touch together. */
  readonly budget?: number;
  /** Makes memories; tests make some that fail. */
  readonly make?: (descriptor: WebAssembly.MemoryDescriptor) => WebAssembly.Memory;
}

export class MemoryPool {
  /** Memories made so far. */
  made = 0;
  /** Borrowers that were set aside so far. */
  evictions = 0;
  /** Those of all borrowers. */
  readonly constants = new Constants(() => this.#sweep());
  readonly #places = new Set<Place>();
  readonly #most: { shared: number; own: number };
  readonly #budget: number;
  readonly #make: (descriptor: WebAssembly.MemoryDescriptor) => WebAssembly.Memory;
  #maximum = MAX_PAGES;
  #floor = 0;
  #ending = false;
  /** Bytes of memories that were given up, and may be there still. */
  #lost = 0;
  readonly #collected = new FinalizationRegistry<{ place: Place; tenancy: number }>(({ place, tenancy }) => {
    if (place.tenancy === tenancy) this.#free(place);
  });

  constructor({ most = MOST, budget = BUDGET, make = (d) => new WebAssembly.Memory(d) }: PoolOptions = {}) {
    this.#most = { shared: most, own: most };
    this.#budget = budget;
    this.#make = make;
  }

  /** Memories there are. */
  get size(): number {
    return this.#places.size;
  }

  /** Bytes of all of them. */
  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#places) sum += bytes;
    return sum;
  }

  /**
   * A memory of zeros of at least the size wanted. The loan ends when `owner` is collected, which nothing may hold that the
   * borrower holds. Throws the engine's error where there is none to be had.
   */
  borrow(borrower: Borrower, owner: object): Loan {
    const place = this.#placeFor(borrower);
    const memory = place.memory as WebAssembly.Memory;
    place.memory = undefined;
    place.borrower = borrower;
    place.company = borrower.company;
    place.tenancy++;
    if (isLarge(place)) weakenSoon(place);
    this.#collected.register(owner, { place, tenancy: place.tenancy }, borrower);
    const loan = { memory, place };
    this.use(loan, borrower);
    // What had to make room and was not taken.
    this.#dropLarge();
    return loan;
  }

  /** Says that a borrower has been active. */
  use({ place }: Loan, { touched }: Borrower): void {
    place.touched = touched;
    place.value = this.#floor + RETURN + touchedIn(place);
  }

  /** Ends a loan whose borrower needs nothing of it any more. */
  giveBack({ place }: Loan, borrower: Borrower): void {
    this.#collected.unregister(borrower);
    this.#free(place);
  }

  /** A place whose memory is zero where the borrower's data will be, and has its constants behind it. */
  #placeFor(borrower: Borrower): Place {
    const known = this.#shelfOf(borrower);
    this.#keepToBudget(borrower, known);
    const isJoined = known !== undefined && this.#join(known, borrower);
    const place = isJoined ? known : this.#find(borrower);
    new Uint8Array((place.memory as WebAssembly.Memory).buffer, 0, place.dirty).fill(0);
    place.dirty = 0;
    if (isJoined || borrower.constants.length === 0) return place;
    place.shelf = new Shelf(borrower.pages * PAGE);
    stock(place, borrower);
    return place;
  }

  /** The place that has most of a borrower's constants, if any has. What others have of them is set aside. */
  #shelfOf({ constants, shared }: Borrower): Place | undefined {
    if (constants.length === 0) return undefined;
    const found = new Map<Place, number>();
    for (const { home, layout } of new Set(constants)) {
      for (const place of this.#places) {
        if (place.shelf === home?.shelf) found.set(place, (found.get(place) ?? 0) + layout.bytes);
      }
    }
    const [best] = [...found].filter(([place]) => place.shared === shared).sort((a, b) => b[1] - a[1])[0] ?? [];
    for (const place of found.keys()) if (place !== best && !this.#leave(place)) throw noRoom();
    return best;
  }

  /** Has all of a borrower's constants in a place that has some. False, and the place is free, where there is no room for them. */
  #join(place: Place, borrower: Borrower): boolean {
    const resident = borrowerOf(place);
    if (resident !== undefined) this.#vacate(place, resident);
    // Whoever was collected left it as it was.
    else if (place.borrower !== undefined) place.dirty = place.shelf.start;
    place.borrower = undefined;
    place.memory ??= place.shelf.memory;
    try {
      stock(place, borrower);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (!this.#leave(place)) throw noRoom();
      return false;
    }
  }

  /** A free memory of the size: one that there is, a new one, or that of someone who is set aside for it. */
  #find(borrower: Borrower): Place {
    const { shared } = borrower;
    const pages = Math.ceil(borrower.bytes / PAGE);
    const kind = shared ? "shared" : "own";
    this.#dropLarge(({ bytes, shared: other }) => other !== shared || bytes > TOO_LARGE * pages * PAGE);
    const ofKind = (place: Place): boolean => place.shared === shared;
    // Others first, then one of the same company.
    const makeRoom = (): boolean =>
      this.#evict((place) => ofKind(place) && place.company !== borrower.company) || this.#evict(ofKind);
    for (;;) {
      const known = this.#bestFree(pages, shared);
      try {
        if (known !== undefined) {
          grow(known, pages);
          return known;
        }
        if (this.#count(shared) < this.#most[kind]) return this.#new(pages, shared);
      } catch (error) {
        // The system gives no more: what is of no use goes, then whatever is large, then an idle one is set aside.
        if (known !== undefined) this.#giveUp(known);
        else if (pages * PAGE <= LARGE) this.#most[kind] = Math.max(1, this.#count(shared));
        if (this.#clear(borrower) || known !== undefined || makeRoom()) continue;
        throw error;
      }
      // One that can never grow so large makes way for a new one.
      const useless = [...this.#places].find((place) => isFree(place) && ofKind(place));
      if (useless !== undefined) this.#giveUp(useless);
      else if (!makeRoom()) throw noRoom();
    }
  }

  #count(shared: boolean): number {
    let count = 0;
    for (const place of this.#places) if (place.shared === shared) count++;
    return count;
  }

  /** The smallest free memory that is large enough, or the largest that can grow to be. */
  #bestFree(pages: number, shared: boolean): Place | undefined {
    const wanted = pages * PAGE;
    let best: Place | undefined;
    for (const place of this.#places) {
      if (!isFree(place) || place.shared !== shared || place.maximum < pages) continue;
      const better =
        best === undefined || best.bytes < wanted
          ? place.bytes > (best?.bytes ?? -1)
          : place.bytes >= wanted && place.bytes < best.bytes;
      if (better) best = place;
    }
    return best;
  }

  #new(pages: number, shared: boolean): Place {
    if (pages * PAGE > LARGE && this.#lost > MUCH) {
      this.#end();
      collectNow();
      this.#lost = 0;
    }
    const maxima = [this.#maximum, ...SMALLER_MAXIMA.filter((m) => m < this.#maximum), pages].filter((m) => m >= pages);
    let problem: unknown;
    for (const maximum of new Set(maxima)) {
      try {
        const memory = this.#make({ initial: pages, maximum, shared });
        const nobody = { borrower: undefined, company: undefined, touched: 0, tenancy: 0, value: 0, dirty: 0 };
        const place: Place = {
          shared,
          maximum,
          memory,
          bytes: memory.buffer.byteLength,
          shelf: new Shelf(),
          ...nobody,
        };
        this.#places.add(place);
        this.made++;
        // What was refused once is not asked for again.
        if (maximum > pages) this.#maximum = maximum;
        return place;
      } catch (error) {
        problem ??= error;
      }
    }
    throw problem;
  }

  /** Sets aside large programs until there is room for another, which will be in a place that is known, or in any. */
  #keepToBudget({ touched, bytes, pages, company }: Borrower, known: Place | undefined): void {
    const own = touched + bytes - pages * PAGE;
    if (own <= LARGE) return;
    const large = (place: Place): boolean =>
      place !== known && !isFree(place) && touchedIn(place) > LARGE && place.company !== company;
    for (;;) {
      let sum = own;
      for (const place of this.#places) if (large(place)) sum += touchedIn(place);
      if (sum <= this.#budget || !this.#evict(large)) return;
    }
  }

  /** Sets aside the borrower that is worth least, of those in these places. False where there is none, or none can leave. */
  #evict(among: (place: Place) => boolean): boolean {
    const lent = [...this.#places].filter((place) => !isFree(place) && among(place));
    for (const place of lent.sort((a, b) => a.value - b.value)) {
      if (!this.#leave(place)) continue;
      this.#floor = Math.max(this.#floor, place.value);
      return true;
    }
    return false;
  }

  /** Sets aside all that is in a place. False where there is no room for it. */
  #leave(place: Place): boolean {
    const borrower = borrowerOf(place);
    if (borrower === undefined && place.shelf.isEmpty) {
      this.#free(place);
      return true;
    }
    // Its state will be there twice for a moment: room is made for that.
    if (place.bytes > MUCH) collectNow();
    try {
      if (borrower !== undefined) this.#vacate(place, borrower);
      if (place.shelf.isEmpty) return true;
      const memory = place.memory ?? place.shelf.memory;
      place.memory = undefined;
      place.borrower = undefined;
      place.shelf.setAside();
      place.memory = memory;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    place.dirty = place.bytes;
    if (place.memory === undefined) this.#giveUp(place);
    return true;
  }

  /** Whoever has a place leaves it, but for the constants. */
  #vacate(place: Place, borrower: Borrower): void {
    place.memory = borrower.leave();
    place.borrower = undefined;
    place.company = undefined;
    place.touched = 0;
    this.#collected.unregister(borrower);
    this.evictions++;
  }

  /** Gives up all large memories but those of the borrower's company, at once. Whether there were any. */
  #clear({ company }: Borrower): boolean {
    const before = this.#places.size;
    while (this.#evict((place) => isLarge(place) && place.company !== company));
    this.#dropLarge();
    this.#end();
    return this.#places.size < before;
  }

  /** Gives up large memories that are free. */
  #dropLarge(among: (place: Place) => boolean = () => true): void {
    for (const place of this.#places) if (isFree(place) && isLarge(place) && among(place)) this.#giveUp(place);
  }

  /** Nobody needs what is in a place any more, but for the constants that some still have. */
  #free(place: Place): void {
    const memory = borrowerOf(place)?.drop();
    place.borrower = undefined;
    place.company = undefined;
    place.touched = 0;
    place.shelf.sweep();
    place.dirty = place.shelf.isEmpty ? place.bytes : place.shelf.start;
    if (!place.shelf.isEmpty) return;
    place.memory = memory;
    if (place.memory === undefined || isLarge(place)) this.#giveUp(place);
  }

  /** Constants are no more. */
  #sweep(): void {
    for (const place of this.#places) {
      if (place.shelf.isEmpty) continue;
      place.shelf.sweep();
      if (isFree(place)) this.#free(place);
    }
  }

  #giveUp(place: Place): void {
    this.#places.delete(place);
    place.memory = undefined;
    if (isLarge(place)) this.#lost += place.bytes;
    if (!place.shared || this.#ending) return;
    // All that becomes free in one turn ends the helpers once.
    this.#ending = true;
    queueMicrotask(() => this.#end());
  }

  #end(): void {
    if (!this.#ending) return;
    this.#ending = false;
    endHelpers();
  }
}

function weakenSoon(place: Place): void {
  const { tenancy } = place;
  setTimeout(() => {
    const { borrower } = place;
    if (place.tenancy !== tenancy || borrower === undefined || borrower instanceof WeakRef) return;
    place.borrower = new WeakRef(borrower);
  });
}

const noRoom = (): RangeError => new RangeError("there is no room for the data of programs that are set aside");

/** Puts a borrower's constants where they are not yet: behind its data. Throws a RangeError where there is no room for them. */
function stock(place: Place, { constants, pages }: Borrower): void {
  place.shelf.stock(constants, pages * PAGE, (bytes) => {
    grow(place, Math.ceil(bytes / PAGE));
    return place.memory as WebAssembly.Memory;
  });
}

function grow(place: Place, pages: number): void {
  const lacking = pages - place.bytes / PAGE;
  if (lacking <= 0) return;
  place.memory?.grow(lacking);
  place.bytes = pages * PAGE;
}
