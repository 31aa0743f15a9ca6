// The size of an image that is suggested in place of a larger one.

/** Sides are multiples of this, as pyramids like them. */
const STEP = 16;
/** Prime factors of sides: transforms along others take many times as long (docs/numerics.md, "Fourier transforms"). */
const FACTORS = [2, 3, 5, 7];
/** Sides are no shorter than this part of the longest there may be. */
const LEAST = 0.8;
/** What a change of the shape counts, beside the same loss of area. */
const SHAPE = 4;

/** A size scaled down: sides with small prime factors, no longer than asked for, near to the shape; [0, 0] where there is none. */
export function advisedSize([height, width]: readonly [number, number], scale: number): [number, number] {
  let [best, least]: [[number, number], number] = [[0, 0], Number.POSITIVE_INFINITY];
  for (const high of sides(height * scale)) {
    for (const wide of sides(width * scale)) {
      const [down, across] = [high / height, wide / width];
      // The larger part of a side that is lost beyond the other's, and what is lost of the area.
      const cost = 1 - down * across + SHAPE * (1 - Math.min(down, across) / Math.max(down, across));
      if (cost < least) [best, least] = [[high, wide], cost];
    }
  }
  return best;
}

/** Sides that may be suggested up to a length, the longest first. */
function sides(most: number): number[] {
  const found: number[] = [];
  for (let k = Math.floor(most / STEP); k > 0 && (found.length === 0 || k * STEP >= LEAST * most); k--) {
    if (isSmooth(k)) found.push(k * STEP);
  }
  return found;
}

function isSmooth(n: number): boolean {
  let rest = n;
  for (const factor of FACTORS) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}
