// Memory planning: places with known lifetimes share one region.

/** Every place starts at a multiple of this: a cache line pair, and any vector's alignment. */
const ALIGNMENT = 128;

export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface Lifetime {
  readonly bytes: number;
  /** First and last step that use it, both included. */
  readonly first: number;
  readonly last: number;
}

/** Offsets for all lifetimes such that those alive at the same step do not overlap, and the bytes needed in all. */
export function planMemory(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  // Large ones first, each at the lowest place that is free during its life.
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b);
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: { start: number; end: number; life: Lifetime }[] = [];
  let top = 0;
  for (const i of order) {
    const life = lifetimes[i];
    const size = align(life.bytes);
    let at = 0;
    for (const other of placed) {
      if (other.life.first > life.last || other.life.last < life.first) continue;
      if (other.start - at >= size) break;
      at = Math.max(at, other.end);
    }
    offsets[i] = at;
    top = Math.max(top, at + size);
    const entry = { start: at, end: at + size, life };
    const position = placed.findIndex((other) => other.start > at);
    placed.splice(position < 0 ? placed.length : position, 0, entry);
  }
  return { offsets, bytes: top };
}
