// Memory: how much there is, and which places with known lifetimes share one region.

import { requireLittleEndian } from "../math/byteOrder.ts";
import { align, GUARD } from "../wasm/layout.ts";
import { MAX_PAGES, PAGE } from "../wasm/memory/pool.ts";
import { MemoryError } from "./memoryError.ts";

// Arrays are copied into this memory as they lie in JavaScript's.
requireLittleEndian();

const MEBIBYTE = 1024 * 1024;
/** Bytes from which on a smaller program is likely to help where the system has no more. */
const MUCH = 256 * MEBIBYTE;

/** `6.85 GiB`, `12 MiB`. */
const sizeText = (bytes: number): string =>
  bytes < 1024 * MEBIBYTE ? `${Math.ceil(bytes / MEBIBYTE)} MiB` : `${(bytes / (1024 * MEBIBYTE)).toFixed(2)} GiB`;

/** The bytes that a program may take at most. */
export const MOST_BYTES = MAX_PAGES * PAGE - GUARD;

/** The error of a program whose memory the system refuses; `cause` is the engine's. */
export function refusedMemory(bytes: number, cause: unknown): MemoryError {
  const problem = `the program needs ${sizeText(bytes)} of memory, and this system does not give it`;
  const advice =
    bytes >= MUCH
      ? "End what else takes memory, or make its arrays smaller or fewer."
      : "That is little: end other workers, pages or programs that hold much, and let go of arrays that are not needed.";
  return new MemoryError(problem, advice, { bytes, isTooLarge: false }, { cause });
}

/** The pages for memory up to `top`. */
export function pagesFor(top: number): number {
  const pages = Math.ceil((top + GUARD) / PAGE);
  if (pages > MAX_PAGES) {
    const problem = `the program needs ${sizeText(top)} of memory, and WebAssembly has at most 4 GiB`;
    throw new MemoryError(problem, "Make its arrays smaller or fewer.", { bytes: top, isTooLarge: true });
  }
  return pages;
}

export interface Lifetime {
  readonly bytes: number;
  /** First and last step that use it, both included. */
  readonly first: number;
  readonly last: number;
}

/** Bytes of a place that is not worth a search. */
const SMALL = 1024;

/** Offsets for all lifetimes such that those alive at the same step do not overlap, and the bytes needed in all. */
export function planMemory(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const numbers = lifetimes.map((_, i) => i);
  const top = placeLarge(
    lifetimes,
    numbers.filter((i) => lifetimes[i].bytes > SMALL),
    offsets,
  );
  const bytes = placeSmall(
    lifetimes,
    numbers.filter((i) => lifetimes[i].bytes <= SMALL),
    offsets,
    top,
  );
  return { offsets, bytes };
}

/** Large ones first, each at the lowest place that is free during its life. Gives the end of all. */
function placeLarge(lifetimes: readonly Lifetime[], numbers: readonly number[], offsets: number[]): number {
  const order = [...numbers].sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b);
  // Those that have a place, by where they begin.
  const placed: number[] = [];
  const ends = new Array<number>(lifetimes.length).fill(0);
  let top = 0;
  for (const i of order) {
    const { first, last, bytes } = lifetimes[i];
    const size = align(bytes);
    let at = 0;
    // By index: in code that is run for the first time, walking makes garbage.
    for (let k = 0; k < placed.length; k++) {
      const other = placed[k];
      const life = lifetimes[other];
      if (life.first > last || life.last < first) continue;
      if (offsets[other] - at >= size) break;
      if (ends[other] > at) at = ends[other];
    }
    offsets[i] = at;
    ends[i] = at + size;
    if (ends[i] > top) top = ends[i];
    let position = placed.length;
    while (position > 0 && offsets[placed[position - 1]] > at) position--;
    placed.splice(position, 0, i);
  }
  return top;
}

/** One after the other as they begin to live: each in a place of its size that nobody needs any more, or in a new one, from `top` on. */
function placeSmall(
  lifetimes: readonly Lifetime[],
  numbers: readonly number[],
  offsets: number[],
  top: number,
): number {
  const order = [...numbers].sort((a, b) => lifetimes[a].first - lifetimes[b].first || a - b);
  /** By size: places, and the last step that uses each. */
  const places = new Map<number, { readonly at: number; last: number }[]>();
  let end = top;
  for (const i of order) {
    const { first, last, bytes } = lifetimes[i];
    const size = align(bytes);
    const alike = places.get(size) ?? [];
    places.set(size, alike);
    let place = alike.find((other) => other.last < first);
    if (place === undefined) {
      place = { at: end, last };
      alike.push(place);
      end += size;
    }
    place.last = last;
    offsets[i] = place.at;
  }
  return end;
}
