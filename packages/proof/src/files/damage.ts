// Files damaged at random, the same ones every time.

/** Whole numbers below a bound, the same row for the same seed (mulberry32). */
export function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** One to four changes: bytes set, bits flipped, pieces cut out, doubled or moved, the end cut off. */
export function damage(bytes: Uint8Array, below: (bound: number) => number): Uint8Array {
  let out = [...bytes];
  for (let change = 0; change <= below(4); change++) {
    const at = below(out.length || 1);
    const length = below(8) + 1;
    const piece = out.slice(at, at + length);
    const change_ = below(6);
    if (change_ === 0) out[at] = below(256);
    else if (change_ === 1) out[at] ^= 1 << below(8);
    else if (change_ === 2) out.splice(at, length);
    else if (change_ === 3) out.splice(below(out.length || 1), 0, ...piece);
    else if (change_ === 4) out.splice(at, length, ...piece.map(() => (below(2) ? 0xff : 0)));
    else if (below(4) === 0) out = out.slice(0, at);
  }
  return Uint8Array.from(out);
}
