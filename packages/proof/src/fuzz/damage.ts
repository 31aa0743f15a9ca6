// Inputs damaged at random, the same ones every time: each is made from a seed and its number alone.

/** Whole numbers below a bound. */
export type Draw = (bound: number) => number;

/** The row of numbers of a seed (mulberry32). */
function numbers(seed: number): Draw {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** The row of one input. Neighbouring seeds and numbers give rows that have nothing to do with each other. */
export function numbersOf(seed: number, index: number): Draw {
  const mixed = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);
  return numbers(mixed ^ (mixed >>> 13));
}

/** What sits at the edges of fields of 1, 2, 4 and 8 bytes. */
const edges = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 127, 128, 255, 256, 257, 0x7fff, 0x8000, 0xffff, 0x10000, 0xffffff];
const farEdges = [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** A number as a field of lengths may lie: an edge, or near the length of something. */
export function oddNumber(draw: Draw, near: number): number {
  const kind = draw(4);
  if (kind === 0) return edges[draw(edges.length)];
  if (kind === 1) return farEdges[draw(farEdges.length)];
  return kind === 2 ? Math.max(0, near + draw(9) - 4) : draw(Math.max(near, 1) * 2);
}

function spliced(bytes: Uint8Array, at: number, removed: number, piece: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - removed + piece.length);
  out.set(bytes.subarray(0, at));
  out.set(piece, at);
  out.set(bytes.subarray(at + removed), at + piece.length);
  return out;
}

/** One change. Beginnings are short, and worth as many changes as all the rest. */
function changed(bytes: Uint8Array, draw: Draw): Uint8Array {
  const { length } = bytes;
  if (length === 0) return Uint8Array.of(draw(256));
  const reach = draw(2) ? length : Math.min(length, 200);
  const at = draw(reach);
  const count = Math.min(draw(8) + 1, length - at);
  const piece = bytes.subarray(at, at + count);
  switch (draw(10)) {
    case 0:
      return spliced(bytes, at, count, new Uint8Array(0));
    case 1:
      return spliced(bytes, draw(reach), 0, piece.slice());
    case 2:
      return spliced(
        bytes,
        at,
        0,
        Uint8Array.from({ length: count }, () => draw(256)),
      );
    case 3:
      return draw(4) === 0 ? bytes.slice(0, at) : bytes;
    default:
  }
  const out = bytes.slice();
  switch (draw(6)) {
    case 0:
      out[at] = draw(256);
      break;
    case 1:
      out[at] ^= 1 << draw(8);
      break;
    case 2:
      out.fill(draw(2) ? 255 : 0, at, at + count);
      break;
    case 3:
      out.copyWithin(draw(reach), at, at + count);
      break;
    case 4:
      out[at] = edges[draw(14)];
      break;
    default:
      setNumber(out, at, draw);
  }
  return out;
}

/** Writes a number of 2, 4 or 8 bytes, in either order, where it fits. */
function setNumber(bytes: Uint8Array, at: number, draw: Draw): void {
  const width = 2 << draw(3);
  const little = draw(2) === 1;
  const value = oddNumber(draw, bytes.length);
  if (at + width > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (width === 2) view.setUint16(at, value, little);
  else if (width === 4) view.setUint32(at, value, little);
  else view.setBigUint64(at, BigInt(value), little);
}

/** One to four changes, and never none. */
export function damage(bytes: Uint8Array, draw: Draw): Uint8Array {
  let out = bytes;
  for (let left = draw(4) + 1; left > 0 || out === bytes; left--) out = changed(out, draw);
  return out;
}
